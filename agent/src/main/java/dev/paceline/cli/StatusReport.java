package dev.paceline.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Turns {@code /api/state.json} into tables: what each model did, which limits were hit, which
 * scopes wait. Members that are missing count as nothing, so that an older console can be asked
 * too.
 */
final class StatusReport {
  private final JsonValue.Obj state;
  private final List<Meter> meters;

  /** A meter of the state. */
  private record Meter(String name, Map<String, String> tags, double value, double sumSeconds) {
    String tag(String tagName) {
      return tags.getOrDefault(tagName, "-");
    }
  }

  /** What a line of a table is about. */
  private record Model(String provider, String name) implements Comparable<Model> {
    @Override
    public int compareTo(Model other) {
      int byProvider = provider.compareTo(other.provider);
      return byProvider != 0 ? byProvider : name.compareTo(other.name);
    }
  }

  StatusReport(JsonValue.Obj state) {
    this.state = state;
    this.meters = state.objects("meters").stream().map(StatusReport::meter).toList();
  }

  private static Meter meter(JsonValue.Obj meter) {
    Map<String, String> tags = new TreeMap<>();
    if (meter.get("tags").orElse(new JsonValue.Null()) instanceof JsonValue.Obj given) {
      given.members().keySet().forEach(name -> tags.put(name, given.text(name).orElse("-")));
    }
    return new Meter(
        meter.text("name").orElse(""), tags, meter.number("value"), meter.number("sumSeconds"));
  }

  void print(PrintStream out) {
    out.println(head());
    out.println();
    findings(out);
    models(out);
    failures(out);
    limits(out);
    scopes(out);
    if (state.get("fleet").orElse(new JsonValue.Null()) instanceof JsonValue.Obj fleet) {
      fleet(out, fleet);
    }
    for (JsonValue line : coverage()) {
      if (line instanceof JsonValue.Str text) {
        out.println(Table.clean(text.value()));
      }
    }
  }

  private String head() {
    boolean off =
        state.get("enabled").orElse(new JsonValue.Bool(true)) instanceof JsonValue.Bool enabled
            && !enabled.value();
    double errors = total("paceline.agent.errors");
    String head =
        "Paceline "
            + state.text("version").orElse("?")
            + ", "
            + (off
                ? "SWITCHED OFF ("
                    + state.text("off").orElse("configuration")
                    + "): calls pass unmanaged"
                : state.text("mode").orElse("?"))
            + ", up "
            + duration(state.number("uptimeSeconds"))
            + state.text("host").map(host -> ", " + host).orElse("")
            + (state.number("pid") > 0 ? " pid " + count(state.number("pid")) : "")
            + (errors > 0 ? ", " + count(errors) + " agent errors" : "");
    return Table.clean(head);
  }

  private void models(PrintStream out) {
    TreeSet<Model> models = new TreeSet<>();
    for (Meter meter : meters) {
      if (meter.tags.containsKey("provider")
          && meter.tags.containsKey("model")
          && meter.value > 0) {
        models.add(new Model(meter.tag("provider"), meter.tag("model")));
      }
    }
    if (models.isEmpty()) {
      out.println("No LLM call yet.");
      out.println();
      return;
    }
    Table table = new Table();
    table.row(
        "PROVIDER",
        "MODEL",
        "CALLS",
        "OK",
        "FAILED",
        "ATTEMPTS",
        "RETRIES",
        "EXHAUSTED",
        "429S",
        "TOTAL WAIT");
    for (Model model : models) {
      table.row(
          model.provider,
          model.name,
          count(sum("paceline.calls", model, "", "")),
          count(sum("paceline.calls", model, "outcome", "success")),
          count(
              sum("paceline.failed.calls", model, "", "")
                  - sum("paceline.failed.calls", model, "by", "application")),
          count(sum("paceline.attempts", model, "", "")),
          count(sum("paceline.retries", model, "", "")),
          count(sum("paceline.give.ups", model, "", "")),
          count(sum("paceline.rate.limited", model, "", "")),
          waited(model));
    }
    table.print(out);
    out.println();
  }

  /** What is the matter, what matters most first. */
  private void findings(PrintStream out) {
    for (JsonValue.Obj finding : state.objects("findings")) {
      String advice = finding.text("advice").orElse("");
      out.println(
          Table.clean(
              finding.text("severity").orElse("?").toUpperCase(Locale.ROOT)
                  + ": "
                  + finding.text("sentence").orElse("?")
                  + (advice.isEmpty() ? "" : "; " + advice)));
    }
    if (!state.objects("findings").isEmpty()) {
      out.println();
    }
  }

  private void failures(PrintStream out) {
    counted(out, "paceline.failed.calls", "by", "reason", "FAILED BY", "REASON");
  }

  private void limits(PrintStream out) {
    counted(out, "paceline.rate.limited", "limit", "source", "LIMIT", "SOURCE");
  }

  /** A table of a counter by model and two tags; nothing when all of it is 0. */
  private void counted(
      PrintStream out, String name, String tag, String other, String title, String otherTitle) {
    Map<List<String>, Double> hits = new TreeMap<>(StatusReport::compare);
    for (Meter meter : meters) {
      if (meter.name.equals(name) && meter.value > 0) {
        List<String> key =
            List.of(meter.tag("provider"), meter.tag("model"), meter.tag(tag), meter.tag(other));
        hits.merge(key, meter.value, Double::sum);
      }
    }
    if (hits.isEmpty()) {
      return;
    }
    Table table = new Table();
    table.row("PROVIDER", "MODEL", title, otherTitle, "COUNT");
    hits.forEach(
        (key, times) -> table.row(key.get(0), key.get(1), key.get(2), key.get(3), count(times)));
    table.print(out);
    out.println();
  }

  private void scopes(PrintStream out) {
    List<JsonValue.Obj> scopes = state.objects("scopes");
    if (scopes.isEmpty()) {
      return;
    }
    Table table = new Table();
    table.row("PROVIDER", "MODEL", "OWNER", "COOL-DOWN", "WAITING", "OLDEST");
    for (JsonValue.Obj scope : scopes) {
      double closed = scope.number("gateClosedMillis");
      table.row(
          scope.text("provider").orElse("-"),
          scope.text("modelName").or(() -> scope.text("model")).orElse("-"),
          scope.text("owner").orElse("-"),
          closed > 0 ? duration(closed / 1000) : "-",
          count(scope.number("waiting")),
          scope.number("waiting") > 0 ? duration(scope.number("oldestWaitMillis") / 1000) : "-");
    }
    table.print(out);
    for (JsonValue.Obj scope : scopes) {
      shares(out, scope, "waitingByPriority", "waiting by priority");
      shares(out, scope, "topTenants", "waiting by tenant");
    }
    out.println();
  }

  /** Who waits in a scope, where its calls differ. */
  private static void shares(PrintStream out, JsonValue.Obj scope, String member, String title) {
    List<String> shares =
        scope.objects(member).stream()
            .filter(share -> share.number("waiting") > 0)
            .map(share -> share.text("name").orElse("?") + " " + count(share.number("waiting")))
            .toList();
    if (!shares.isEmpty()) {
      out.println(
          Table.clean(
              scope.text("model").orElse("-") + ", " + title + ": " + String.join(", ", shares)));
    }
  }

  private static void fleet(PrintStream out, JsonValue.Obj fleet) {
    boolean answers =
        fleet.get("answers").orElse(new JsonValue.Bool(true)) instanceof JsonValue.Bool yes
            && yes.value();
    double age = fleet.number("ageMillis");
    out.println(
        "Fleet: Redis "
            + (answers
                ? "answers"
                : "DOES NOT ANSWER, asked again in " + duration(fleet.number("retryMillis") / 1000))
            + ", last exchange "
            + (age < 0 ? "never" : duration(age / 1000) + " ago")
            + ", "
            + count(fleet.number("exchanges"))
            + " round trips, "
            + count(fleet.number("failures"))
            + " failed");
    out.println();
    Table table = new Table();
    table.row("PROVIDER", "MODEL", "OWNER", "PROCESSES", "SHARED", "UNITS", "OWN", "OTHERS");
    boolean any = false;
    for (JsonValue.Obj scope : fleet.objects("scopes")) {
      for (JsonValue.Obj split : scope.objects("splits")) {
        any = true;
        table.row(
            scope.text("provider").orElse("-"),
            scope.text("model").orElse("-"),
            scope.text("owner").orElse("-"),
            count(scope.number("members")),
            split.text("resource").orElse("-"),
            count(split.number("units")),
            percent(split.number("own")),
            others(split));
      }
    }
    if (any) {
      table.print(out);
      out.println();
    }
  }

  private static String others(JsonValue.Obj split) {
    List<String> parts = new ArrayList<>();
    if (split.get("others").orElse(new JsonValue.Null()) instanceof JsonValue.Arr others) {
      for (JsonValue part : others.elements()) {
        if (part instanceof JsonValue.Num number) {
          parts.add(percent(number.value()));
        }
      }
    }
    return parts.isEmpty() ? "-" : String.join(" ", parts);
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.0f%%", 100 * part);
  }

  private List<JsonValue> coverage() {
    return state.get("coverage").orElse(new JsonValue.Null()) instanceof JsonValue.Arr lines
        ? lines.elements()
        : List.of();
  }

  private double sum(String name, Model model, String tag, String value) {
    return meters.stream()
        .filter(meter -> meter.name.equals(name))
        .filter(
            meter ->
                meter.tag("provider").equals(model.provider)
                    && meter.tag("model").equals(model.name))
        .filter(meter -> tag.isEmpty() || meter.tag(tag).equals(value))
        .mapToDouble(Meter::value)
        .sum();
  }

  private String waited(Model model) {
    double seconds =
        meters.stream()
            .filter(meter -> meter.name.equals("paceline.wait"))
            .filter(
                meter ->
                    meter.tag("provider").equals(model.provider)
                        && meter.tag("model").equals(model.name))
            .mapToDouble(Meter::sumSeconds)
            .sum();
    return seconds > 0 ? duration(seconds) : "-";
  }

  private double total(String name) {
    return meters.stream().filter(meter -> meter.name.equals(name)).mapToDouble(Meter::value).sum();
  }

  private static int compare(List<String> a, List<String> b) {
    for (int i = 0; i < a.size(); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static String count(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }

  private static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1fs", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? whole / 60 + "m " + whole % 60 + "s"
        : whole / 3600 + "h " + whole % 3600 / 60 + "m";
  }
}
