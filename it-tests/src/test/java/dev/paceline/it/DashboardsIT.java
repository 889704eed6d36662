package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.paceline.it.PrometheusServer.Verdict;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules and the dashboard that we ship, against a real Prometheus and a real scrape. */
class DashboardsIT {
  private static final Path DOCS = AgentJvm.MODULE.resolve("../docs").normalize();
  private static final Path FOLDER = DOCS.resolve("dashboards");
  private static final Path RULES = FOLDER.resolve("paceline-rules.yml");
  private static final String PROMETHEUS = "{\"type\":\"prometheus\",\"uid\":\"${datasource}\"}";
  private static final Set<String> OF_MODELS = Set.of("job", "instance", "provider", "model");
  private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+)|\\$\\{(\\w+)[^}]*\\}");
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir private Path folder;

  @Test
  void theRulesAlertWhenTheyShouldAndOnlyThen() {
    Verdict checked =
        PrometheusServer.promtool(
            FOLDER, "", "check", "rules", "--lint=all", "--lint-fatal", "paceline-rules.yml");
    assertThat(checked.fine()).as(checked.said()).isTrue();
    Verdict tested =
        PrometheusServer.promtool(FOLDER, "", "test", "rules", "paceline-rules-test.yml");
    assertThat(tested.fine()).as(tested.said()).isTrue();
  }

  @Test
  void everyAlertIsTestedAndHasItsPlaceInTheRunbook() throws IOException {
    String rules = Files.readString(RULES);
    String tests = Files.readString(FOLDER.resolve("paceline-rules-test.yml"));
    List<String> alerts = all(rules, "- alert: (\\w+)");
    assertThat(alerts).hasSizeGreaterThanOrEqualTo(7).doesNotHaveDuplicates();
    assertThat(all(Files.readString(DOCS.resolve("runbook.md")), "(?m)^## (\\w+)$"))
        .containsExactlyInAnyOrderElementsOf(alerts);
    assertThat(all(rules, "runbook: docs/runbook\\.md#(\\w+)"))
        .containsExactlyElementsOf(
            alerts.stream().map(alert -> alert.toLowerCase(Locale.ROOT)).toList());
    for (String alert : alerts) {
      assertThat(tests)
          .containsPattern("alertname: " + alert + "\\n *exp_alerts:\\n *- exp_labels");
    }
  }

  @Test
  void theDashboardKeepsTheRulesOfPortableOnes() throws IOException {
    JsonNode dashboard = dashboard();
    Checks checks = new Checks();
    checks.check(
        "the whole",
        () -> {
          assertThat(dashboard.path("uid").asText()).isEqualTo("paceline");
          assertThat(dashboard.path("id").isNull()).as("an id of its own").isTrue();
          assertThat(dashboard.path("editable").asBoolean(true)).isFalse();
          assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
          assertThat(dashboard.path("graphTooltip").asInt()).as("a shared crosshair").isEqualTo(1);
          assertThat(dashboard.path("tags").toString()).contains("paceline");
          assertThat(dashboard.path("refresh").asText()).isNotBlank();
          assertThat(dashboard.has("__inputs")).as("files are provisioned without them").isFalse();
          assertThat(dashboard.toString()).doesNotContain("${DS_");
        });
    Set<String> variables = new HashSet<>();
    for (JsonNode variable : dashboard.path("templating").path("list")) {
      String name = variable.path("name").asText();
      variables.add(name);
      checks.check(
          "variable " + name,
          () -> {
            assertThat(variable.path("label").asText()).isNotBlank();
            if (name.equals("datasource")) {
              assertThat(variable.path("type").asText()).isEqualTo("datasource");
              assertThat(variable.path("query").asText()).isEqualTo("prometheus");
            } else {
              assertThat(variable.path("datasource").toString()).isEqualTo(PROMETHEUS);
              assertThat(variable.path("multi").asBoolean()).isTrue();
              assertThat(variable.path("includeAll").asBoolean()).isTrue();
              assertThat(variable.path("allValue").asText()).isEqualTo(".+");
            }
          });
    }
    assertThat(variables)
        .containsExactlyInAnyOrder("datasource", "job", "instance", "provider", "model");
    Set<Integer> ids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      String title = panel.path("title").asText();
      checks.check(
          "panel " + title,
          () -> {
            assertThat(title).isNotBlank();
            assertThat(titles.add(title)).as("another of this title").isTrue();
            assertThat(ids.add(panel.path("id").asInt())).as("another of this id").isTrue();
            assertThat(panel.path("description").asText()).hasSizeGreaterThan(20);
            assertThat(panel.path("datasource").toString()).isEqualTo(PROMETHEUS);
            assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
                .as("unit")
                .isNotBlank();
            assertThat(panel.path("targets").size()).isPositive();
            for (JsonNode target : panel.path("targets")) {
              assertThat(target.path("datasource").toString()).isEqualTo(PROMETHEUS);
              lint(target, variables);
            }
          });
    }
    assertThat(ids).hasSizeBetween(10, 18);
    checks.allHold();
  }

  private static void lint(JsonNode target, Set<String> variables) {
    String expression = target.path("expr").asText();
    List<String> ranges = all(expression, "\\[([^\\]]*)\\]");
    assertThat(ranges).allMatch("$__rate_interval"::equals);
    assertThat(all(expression, "\\b(rate|increase)\\(")).hasSameSizeAs(ranges);
    assertThat(expression).as("selects by none of ours").doesNotContain("otel_scope");
    assertThat(expression).as("differs between exporters").doesNotContain("_max{");
    for (MatchResult used : VARIABLE.matcher(expression).results().toList()) {
      String name = used.group(1) == null ? used.group(2) : used.group(1);
      assertThat(name).matches(n -> variables.contains(n) || n.equals("__rate_interval"));
    }
    List<String> selectors = all(expression, "(paceline_\\w+(?:\\{[^}]*\\})?)");
    assertThat(selectors).isNotEmpty();
    for (String selector : selectors) {
      boolean ofModels = !selector.matches("paceline_(mode|enabled|agent_errors|bypassed).*");
      for (String label : ofModels ? OF_MODELS : Set.of("job", "instance")) {
        assertThat(selector).contains(label + "=~\"$" + label + "\"");
      }
    }
    for (String label : all(target.path("legendFormat").asText(), "\\{\\{(\\w+)\\}\\}")) {
      assertThat(Scrape.groups(expression)).as("the legend's label").contains(label);
    }
  }

  @Test
  void promtoolReadsEveryExpressionOfTheDashboard() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : dashboard().path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(substituted(target.path("expr").asText()));
      }
    }
    assertThat(expressions).hasSizeGreaterThanOrEqualTo(10);
    Verdict read = asRules(expressions);
    assertThat(read.fine()).as(read.said()).isTrue();
    assertThat(read.said()).contains(expressions.size() + " rules found");
    assertThat(asRules(List.of("sum by (model (paceline_calls_total)")).fine())
        .as("a parenthesis is missing")
        .isFalse();
  }

  private Verdict asRules(List<String> expressions) throws IOException {
    ObjectMapper json = new ObjectMapper(); // which is YAML as well
    ObjectNode group = json.createObjectNode().put("name", "panels");
    for (int i = 0; i < expressions.size(); i++) {
      group
          .withArray("rules")
          .addObject()
          .put("record", "panel:query:" + i)
          .put("expr", expressions.get(i));
    }
    Path file = folder.resolve("panels.yml");
    json.writeValue(
        file.toFile(), json.createObjectNode().set("groups", json.createArrayNode().add(group)));
    return PrometheusServer.promtool(folder, "", "check", "rules", file.getFileName().toString());
  }

  @Test
  void everyPanelAndRecordedSeriesShowsARealRun() throws Exception {
    PrometheusServer.tool("promtool");
    PrometheusServer.tool("prometheus");
    long began = System.nanoTime();
    try (SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        SimProcess silent = simulated("--limit", "rpm=40,burst=2", "--no-headers");
        Forked forked = saturated(openAi, silent)) {
      String target = URI.create(ConsolePages.of(forked).address()).getAuthority();
      ConsolePages console = new ConsolePages("http://" + target);
      try (PrometheusServer prometheus = PrometheusServer.start(folder, target, RULES)) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Checks checks = new Checks();
        List<String> expressions = new ArrayList<>();
        int shown = 0;
        for (JsonNode panel : dashboard().path("panels")) {
          for (JsonNode query : panel.path("targets")) {
            String expression = substituted(query.path("expr").asText());
            expressions.add(expression);
            shown++;
            checks.check(
                panel.path("title").asText(), () -> showsData(prometheus, expression, deadline));
          }
        }
        for (JsonNode variable : dashboard().path("templating").path("list")) {
          String query = variable.path("definition").asText();
          for (String selector : all(query, "label_values\\((.*), \\w+\\)$")) {
            String label = all(query, ", (\\w+)\\)$").get(0);
            expressions.add("count by (" + label + ") (" + substituted(selector) + ")");
            checks.check(
                query,
                () -> showsData(prometheus, expressions.get(expressions.size() - 1), deadline));
          }
        }
        int recorded = 0;
        for (JsonNode group : prometheus.rules()) {
          for (JsonNode rule : group.path("rules")) {
            String name = rule.path("name").asText();
            expressions.add(rule.path("query").asText());
            if (rule.path("type").asText().equals("recording")) {
              recorded++;
              checks.check(name, () -> showsData(prometheus, name, deadline));
            }
          }
        }
        for (JsonNode group : prometheus.rules()) {
          for (JsonNode rule : group.path("rules")) {
            checks.check(
                rule.path("name").asText(),
                () -> assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok"));
          }
        }
        String text = console.metrics();
        Scrape scrape = new Scrape(text);
        for (String expression : expressions) {
          checks.check(
              expression,
              () ->
                  assertThat(scrape.misfits(expression))
                      // Only there where paceline.fleet is set: FleetIT asks for it.
                      .isSubsetOf("paceline_fleet_up"));
        }
        checks.check("what is seen is what happened", () -> plausible(prometheus, deadline));
        checks.check(
            "promtool check metrics",
            () -> {
              Verdict verdict = PrometheusServer.promtool(folder, text, "check", "metrics");
              assertThat(verdict.said()).isEmpty();
              assertThat(verdict.fine()).isTrue();
            });
        System.out.printf(
            "dashboards: %d queries of panels, %d recorded series and %d expressions in all, in %d"
                + " s%n",
            shown, recorded, expressions.size(), (System.nanoTime() - began) / 1_000_000_000L);
        checks.allHold();
        assertThat(recorded).isGreaterThanOrEqualTo(7);
      }
    }
  }

  /** Numbers, not NaN: what a division by nothing gives is drawn as an empty panel. */
  private static void showsData(PrometheusServer prometheus, String expression, long deadline) {
    JsonNode series = prometheus.await(expression, deadline, DashboardsIT::anyNumber);
    assertThat(anyNumber(series)).as("%s gave %s", expression, series).isTrue();
  }

  private static boolean anyNumber(JsonNode series) {
    for (JsonNode one : series) {
      if (!one.path("value").path(1).asText().equals("NaN")) {
        return true;
      }
    }
    return false;
  }

  /**
   * The saturated limit, and only that one, is full; the refused model, and only that one, refused.
   */
  private static void plausible(PrometheusServer prometheus, long deadline) {
    JsonNode full =
        prometheus.await("paceline_limit_utilization > 0.9", deadline, series -> !series.isEmpty());
    assertThat(full.findValuesAsText("model")).containsOnly("gpt-4o");
    assertThat(full.findValuesAsText("limit")).containsExactly("tpm");
    JsonNode refused =
        prometheus.await(
            "sum by (model) (paceline_rate_limited_total{limit=\"rpm\"}) > 0",
            deadline,
            series -> !series.isEmpty());
    assertThat(refused.findValuesAsText("model")).contains("o4-mini");
  }

  private static SimProcess simulated(String... limits) {
    return SteadyLoad.provider(100, limits);
  }

  private static Forked saturated(SimProcess openAi, SimProcess silent) {
    return SteadyLoad.app(openAi, silent)
        .withArguments(openAi.url() + "|gpt-4o|12", silent.url() + "|o4-mini|3")
        .start();
  }

  /** As Grafana would with everything chosen and a scrape each second. */
  private static String substituted(String expression) {
    return expression
        .replace("$__rate_interval", "4s")
        .replaceAll("\\$(job|instance|provider|model)\\b", ".+");
  }

  private static JsonNode dashboard() throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve("paceline-grafana.json").toFile());
  }

  private static List<String> all(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult hit) -> hit.group(1))
        .toList();
  }
}
