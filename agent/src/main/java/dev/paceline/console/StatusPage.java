package dev.paceline.console;

import dev.paceline.metrics.MeterView;
import dev.paceline.words.ScopeView;
import java.util.List;
import java.util.Map;

/** The page for people, whole in one answer: no script, no style, nothing to fetch. */
final class StatusPage {
  private StatusPage() {}

  static String render(Facts facts, List<MeterView> meters) {
    StringBuilder page = new StringBuilder(4 * 1024);
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append("<meta name=\"color-scheme\" content=\"light dark\">")
        .append("<title>Paceline</title></head><body><h1>Paceline ")
        .append(escape(facts.version()))
        .append("</h1>\n<p>")
        .append(facts.enabled() ? "Mode " + escape(facts.mode()) : "Switched off")
        .append(", up ")
        .append(facts.uptimeSeconds())
        .append(" s.");
    facts.service().forEach((key, value) -> page.append(' ').append(escape(key + "=" + value)));
    page.append("</p>\n");
    limited(page, meters);
    scopes(page, facts.scopes());
    for (String line : facts.coverage()) {
      page.append("<p>").append(escape(line)).append("</p>\n");
    }
    return page.append(
            "<p><a href=\"/metrics\">/metrics</a> <a href=\"/api/state.json\">/api/state.json</a></p>"
                + "</body></html>\n")
        .toString();
  }

  private static void limited(StringBuilder page, List<MeterView> meters) {
    page.append("<h2>Limit answers</h2>\n");
    List<MeterView> hit =
        meters.stream()
            .filter(meter -> meter.name().equals("paceline.rate.limited"))
            .filter(meter -> meter.reading().number() > 0)
            .toList();
    if (hit.isEmpty()) {
      page.append("<p>None so far.</p>\n");
      return;
    }
    page.append("<table>");
    row(page, "th", "provider", "model", "limit", "source", "answers");
    for (MeterView meter : hit) {
      Map<String, String> tags = meter.tags();
      row(
          page,
          "td",
          tags.getOrDefault("provider", ""),
          tags.getOrDefault("model", ""),
          tags.getOrDefault("limit", ""),
          tags.getOrDefault("source", ""),
          Long.toString((long) meter.reading().number()));
    }
    page.append("</table>\n");
  }

  private static void scopes(StringBuilder page, List<ScopeView> scopes) {
    page.append("<h2>Scopes</h2>\n");
    if (scopes.isEmpty()) {
      page.append("<p>None yet: no call has reached an LLM provider.</p>\n");
      return;
    }
    page.append("<table>");
    row(page, "th", "provider", "owner", "model", "gate", "waiting", "oldest wait");
    for (ScopeView scope : scopes) {
      row(
          page,
          "td",
          scope.provider(),
          StateJson.shortened(scope.owner()),
          StateJson.shortened(scope.model()),
          scope.gateClosedMillis() > 0 ? "closed for " + scope.gateClosedMillis() + " ms" : "open",
          Integer.toString(scope.waiting()),
          scope.oldestWaitMillis() + " ms");
    }
    page.append("</table>\n");
  }

  private static void row(StringBuilder page, String cell, String... texts) {
    page.append("<tr>");
    for (String text : texts) {
      page.append('<').append(cell).append('>').append(escape(text));
      page.append("</").append(cell).append('>');
    }
    page.append("</tr>\n");
  }

  /** A model's name is request data. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.append(c);
      }
    }
    return safe.toString();
  }
}
