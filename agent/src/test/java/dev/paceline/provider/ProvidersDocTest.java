package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.provider.error.LenientJson;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.scope.HostRule;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/providers.md} says what the code does. With {@code -Dpaceline.docs.write=true} the
 * sections are written instead of compared.
 */
class ProvidersDocTest {
  private static final Path DOC = Path.of("..", "docs", "providers.md");

  @Test
  void theTableIsTheCodes() throws IOException {
    holds("providers", table());
  }

  @Test
  void theConfusionMatrixIsTheClassifiers() throws IOException {
    Path file = Samples.file("rate-limit-responses.jsonl");
    Path cases = Samples.caseFile("answers.jsonl");
    if (file == null || cases == null) {
      Assumptions.abort("no shared recordings");
      return;
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.addAll(Files.readAllLines(cases));
    holds("confusion", confusion(lines));
  }

  private static void holds(String section, String generated) throws IOException {
    String doc = Files.readString(DOC);
    String begin = "<!-- " + section + " -->\n";
    String end = "<!-- end of " + section + " -->";
    int from = doc.indexOf(begin) + begin.length();
    int to = doc.indexOf(end);
    assertThat(from).as(begin).isGreaterThan(begin.length());
    assertThat(to).as(end).isGreaterThanOrEqualTo(from);
    if (Boolean.getBoolean("paceline.docs.write")) {
      Files.writeString(DOC, doc.substring(0, from) + generated + doc.substring(to));
    } else {
      assertThat(doc.substring(from, to))
          .as(
              "docs/providers.md, section '%s', is not what the code does. Write it anew:%n"
                  + "  mvn -pl agent -am test -Dtest=ProvidersDocTest"
                  + " -Dsurefire.failIfNoSpecifiedTests=false -Dpaceline.docs.write=true%n"
                  + "and read the difference before committing it.",
              section)
          .isEqualTo(generated);
    }
  }

  private static String table() {
    StringBuilder out =
        new StringBuilder(
            "| provider | hosts | model | owner of the limit | headers | told apart by its own"
                + " codes and words | charged at admission | usage |\n"
                + "|---|---|---|---|---|---|---|---|\n");
    for (Provider provider : Providers.all()) {
      out.append("| ")
          .append(
              String.join(
                  " | ",
                  "`" + provider.id() + "`",
                  hosts(provider),
                  provider.paths().namesModelOrOwner() ? "path, else body" : "body",
                  owner(provider),
                  headers(provider.limits()),
                  errors(provider),
                  provider.charge().words(),
                  provider.usage().words()))
          .append(" |\n");
    }
    return out.toString();
  }

  private static String hosts(Provider provider) {
    Set<String> hosts = new LinkedHashSet<>();
    for (HostRule rule : provider.hosts()) {
      String pattern = rule.pattern();
      int colon = pattern.lastIndexOf(':');
      hosts.add(
          colon < 0 ? "`" + pattern + "`" : "this machine, port " + pattern.substring(colon + 1));
    }
    return hosts.isEmpty() ? "mapped ones only" : String.join(" ", hosts);
  }

  private static String owner(Provider provider) {
    if (provider.paths().namesModelOrOwner()) {
      return "in the URL where it shows one";
    }
    List<String> names = new ArrayList<>();
    provider.requestOwnerHeaders().forEach(name -> names.add("`" + name + "`"));
    provider.answerOwnerHeaders().stream()
        .map(name -> "`" + name + "`")
        .filter(name -> !names.contains(name))
        .forEach(name -> names.add(name + " of the answer"));
    return names.isEmpty() ? "credential" : String.join(", ", names);
  }

  /** What an answer that announces everything in the provider's way is read as. */
  private static String headers(LimitGrammar grammar) {
    if (grammar == LimitGrammar.UNKNOWN) {
      return "none of its own";
    }
    String requests =
        grammar.requestsWindow() == LimitGrammar.DAY
            ? "requests of a day"
            : grammar.requestsWindow() == LimitGrammar.INFER
                ? "requests of a minute or a day (by the reset)"
                : "requests of a minute";
    String resets =
        switch (grammar.reset()) {
          case DURATION -> "`1m2.5s`";
          case SECONDS -> "seconds";
          case AZURE -> "seconds or milliseconds";
          case INSTANT -> "instants";
          case EPOCH_SECONDS -> "epoch seconds";
          case EPOCH_MILLIS -> "epoch milliseconds";
          case WALL_CLOCK -> "none: the clock's minute";
        };
    return requests
        + ", tokens of a minute, unless the name says otherwise; resets: "
        + resets
        + (grammar.resetIsWait() ? "; `x-ratelimit-reset` is the wait" : "");
  }

  private static String errors(Provider provider) {
    Set<String> told = new LinkedHashSet<>();
    for (Meaning meaning : Meaning.values()) {
      boolean has = provider.errors().stream().anyMatch(rule -> rule.meaning() == meaning);
      Limit limit = meaning.limit();
      if (has && limit != null) {
        told.add(limit.tag());
      } else if (has && meaning == Meaning.TOO_LARGE) {
        told.add("too large");
      } else if (has && meaning == Meaning.REQUESTS) {
        told.add("requests");
      } else if (has && meaning == Meaning.TOKENS) {
        told.add("tokens");
      }
    }
    String text = told.isEmpty() ? "shared words only" : String.join(", ", told);
    return provider.errorsInsideSuccess() ? text + "; also inside 200" : text;
  }

  private static String confusion(List<String> lines) {
    Map<String, Map<String, Integer>> rows = new TreeMap<>();
    Map<String, int[]> sums = new TreeMap<>();
    Classifier classifier = new Classifier();
    for (String line : lines) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      LenientJson.Node sample = LenientJson.parse(bytes, 0, bytes.length);
      assertThat(sample).as(line).isNotNull();
      Headers headers = TestHeaders.of(sample.get("headers"));
      byte[] body = sample.get("body").text().getBytes(StandardCharsets.UTF_8);
      int status = Integer.parseInt(sample.get("status").text());
      String provider = sample.get("provider").text();
      LenientJson.Node expected = sample.get("expected");
      Classification judged =
          classifier.judge(provider, new ProviderResponse(status, headers, body, true), 0);
      Classification auto =
          classifier.judge("auto", new ProviderResponse(status, headers, body, true), 0);
      rows.computeIfAbsent(provider, any -> new TreeMap<>())
          .merge(cell(expected, judged), 1, Integer::sum);
      int[] sum = sums.computeIfAbsent(provider, any -> new int[4]);
      sum[0]++;
      String accept = sample.get("accept").text();
      sum[1] += limitFits(expected, accept, judged) ? 1 : 0;
      sum[2] += limitFits(expected, accept, judged) && restFits(expected, judged) ? 1 : 0;
      sum[3] += limitFits(expected, accept, auto) && restFits(expected, auto) ? 1 : 0;
    }
    StringBuilder out =
        new StringBuilder(
            "| provider | answers | limit right | limit, retryable and wait right | the same as"
                + " `auto` | expected → judged |\n"
                + "|---|---|---|---|---|---|\n");
    int[] total = new int[4];
    rows.forEach(
        (provider, cells) -> {
          int[] sum = sums.getOrDefault(provider, new int[4]);
          for (int i = 0; i < 4; i++) {
            total[i] += sum[i];
          }
          List<String> texts = new ArrayList<>();
          cells.forEach((cell, count) -> texts.add(cell + (count == 1 ? "" : " ×" + count)));
          out.append(
              "| %s | %d | %d | %d | %d | %s |\n"
                  .formatted(provider, sum[0], sum[1], sum[2], sum[3], String.join(", ", texts)));
        });
    return out.append(
            "| all | %d | %d | %d | %d | |\n".formatted(total[0], total[1], total[2], total[3]))
        .toString();
  }

  private static String limit(Classification judgement) {
    Limit limit = judgement.limit();
    return limit == null ? "unknown" : limit.tag();
  }

  private static String cell(LenientJson.Node expected, Classification judged) {
    return expected.get("limit").text() + "→" + limit(judged);
  }

  /** What else would be right stands in {@code also}, or first in {@code accept}. */
  private static boolean limitFits(
      LenientJson.Node expected, String accept, Classification judged) {
    String limit = limit(judged);
    return limit.equals(expected.get("limit").text())
        || limit.equals(expected.get("also").text())
        || accept.startsWith(limit + ",");
  }

  private static boolean restFits(LenientJson.Node expected, Classification judged) {
    String wait =
        judged.waitMillis() == Classification.NO_HINT ? "" : Long.toString(judged.waitMillis());
    return Boolean.toString(judged.retryable()).equals(expected.get("retryable").text())
        && wait.equals(expected.get("wait_ms").text());
  }
}
