package dev.paceline.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.BypassReason;
import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.Exposition.Page;
import dev.paceline.metrics.History;
import dev.paceline.metrics.Metric;
import dev.paceline.words.Client;
import dev.paceline.words.FleetView;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitView;
import dev.paceline.words.Scope;
import dev.paceline.words.ScopeView;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MicrometerExportTest {
  private static final CallInfo CALL = new CallInfo(Client.OKHTTP, "openai", "gpt-4o");

  private final CallMetrics metrics = new CallMetrics();
  private boolean fleet;
  private final MicrometerExport export =
      new MicrometerExport(metrics, Map.of("service", "checkout"), "1.2.3");

  @Test
  void theNamesInAScrapeAreTheOnesDashboardsKnow() {
    everything();
    assertThat(families(scrape("")))
        .containsExactlyInAnyOrder(
            "paceline_rate_limited_total counter",
            "paceline_too_large_total counter",
            "paceline_calls_total counter",
            "paceline_failed_calls_total counter",
            "paceline_attempts_total counter",
            "paceline_wait_seconds histogram",
            "paceline_retries_total counter",
            "paceline_give_ups_total counter",
            "paceline_repeated_calls_total counter",
            "paceline_observe_avoidable_total counter",
            "paceline_inflight gauge",
            "paceline_waiting gauge",
            "paceline_model_mode gauge",
            "paceline_limit gauge",
            "paceline_limit_remaining gauge",
            "paceline_limit_utilization gauge",
            "paceline_tokens_total counter",
            "paceline_request_tokens histogram",
            "paceline_token_estimate_ratio histogram",
            "paceline_overhead_seconds histogram",
            "paceline_agent_errors_total counter",
            "paceline_bypassed_total counter",
            "paceline_instrumentation_active gauge",
            "paceline_enabled gauge",
            "paceline_mode gauge",
            "paceline_config_reloads_total counter",
            "paceline_fleet_up gauge",
            "paceline_fleet_age_seconds gauge",
            "paceline_fleet_exchanges_total counter",
            "paceline_fleet_members gauge",
            "paceline_fleet_share gauge",
            "paceline_series_overflow_total counter",
            "paceline_build_info gauge");
    assertThat(Metric.values()).hasSize(32);
  }

  @Test
  void aSeriesCarriesItsTagsAndTheCommonOnes() {
    everything();
    String text = scrape("");
    assertThat(text)
        .contains(
            "paceline_rate_limited_total{limit=\"tpm\",model=\"gpt-4o\",provider=\"openai\",service=\"checkout\",source=\"upstream\"}"
                + " 1.0")
        .contains(
            "paceline_wait_seconds_bucket{limit=\"tpm\",model=\"gpt-4o\",provider=\"openai\",reason=\"retry_after\",service=\"checkout\",le=\"1.0\"}"
                + " 0")
        .contains(
            "paceline_wait_seconds_bucket{limit=\"tpm\",model=\"gpt-4o\",provider=\"openai\",reason=\"retry_after\",service=\"checkout\",le=\"2.5\"}"
                + " 1")
        .contains(
            "paceline_wait_seconds_bucket{limit=\"tpm\",model=\"gpt-4o\",provider=\"openai\",reason=\"retry_after\",service=\"checkout\",le=\"+Inf\"}"
                + " 1")
        .contains(
            "paceline_wait_seconds_sum{limit=\"tpm\",model=\"gpt-4o\",provider=\"openai\",reason=\"retry_after\",service=\"checkout\"}"
                + " 2.0")
        .contains("version=\"1.2.3\"");
    assertThat(text.lines().filter(line -> !line.startsWith("#")))
        .allSatisfy(line -> assertThat(line).contains("service=\"checkout\""));
  }

  @Test
  void aModelSeenAfterTheFirstScrapeAppearsWithTheNext() {
    assertThat(scrape("")).doesNotContain("gpt-4o").doesNotContain("paceline_wait");
    everything();
    assertThat(scrape("")).contains("gpt-4o").contains("paceline_wait_seconds_count");
  }

  @Test
  void countsOutliveAGarbageCollection() {
    everything();
    scrape("");
    System.gc();
    metrics.limited(CALL, Limit.TPM, Source.UPSTREAM);
    assertThat(scrape("")).containsPattern("rate_limited_total\\{limit=\"tpm\".*upstream\"} 2.0");
    assertThat(scrape("")).doesNotContain("NaN");
  }

  @Test
  void openMetricsWhenAskedFor() {
    everything();
    Page page =
        export.render(
            "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
    assertThat(page.contentType()).startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(new String(page.body(), UTF_8))
        .contains("# TYPE paceline_rate_limited counter")
        .contains("# UNIT paceline_wait_seconds seconds")
        .endsWith("# EOF\n");
  }

  @Test
  void protobufIsAnsweredInText() {
    Page page =
        export.render(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited");
    assertThat(page.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(new String(page.body(), UTF_8)).startsWith("# HELP");
  }

  @Test
  void commonTagsCannotBreakTheScrape() {
    everything();
    MicrometerExport hostile =
        new MicrometerExport(
            metrics,
            Map.of(
                "model",
                "mine",
                "le",
                "1",
                "__name__",
                "x",
                "a-b",
                "1",
                "a.b",
                "2",
                "team",
                "\"q\"\n\\"),
            "1");
    String text = new String(hostile.render("").body(), UTF_8);
    assertThat(text).contains("model=\"gpt-4o\"").doesNotContain("mine").contains("a_b=");
    assertThat(text).contains("team=\"\\\"q\\\"\\n\\\\\"");
  }

  @Test
  void tokensAreCountedAndTheirEstimateIsMeasured() {
    everything();
    String text = scrape("");
    assertThat(text)
        .containsPattern("paceline_tokens_total\\{[^}]*kind=\"actual\"[^}]*type=\"input\"} 110")
        .containsPattern("paceline_tokens_total\\{[^}]*kind=\"estimated\"[^}]*type=\"output\"} 50")
        .containsPattern("paceline_request_tokens_bucket\\{[^}]*le=\"64.0\"} 0")
        .containsPattern("paceline_request_tokens_bucket\\{[^}]*le=\"256.0\"} 1")
        .containsPattern("paceline_request_tokens_sum\\{[^}]*} 100")
        .containsPattern("paceline_token_estimate_ratio_bucket\\{[^}]*le=\"1.05\"} 0")
        .containsPattern("paceline_token_estimate_ratio_sum\\{[^}]*} 1.1");
  }

  @Test
  void hostileModelNamesStayInsideTheirLabels() {
    for (int i = 0; i < 500; i++) {
      metrics.callStarted(
          new CallInfo(Client.JDK, "openai", "\"} 1\npaceline_fake{x=\"" + i + "\uD800"));
    }
    String text = scrape("");
    assertThat(text).doesNotContain("paceline_fake{").contains("model=\"other\"");
    assertThat(text.lines().count()).isLessThan(51 * 58 + 100);
  }

  @Test
  void promtoolHasNothingToSay() throws IOException, InterruptedException {
    everything();
    Process promtool;
    try {
      promtool =
          new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true).start();
    } catch (IOException absent) {
      System.out.println("SKIPPED promtool check metrics: no promtool on the PATH");
      assumeTrue(false, "no promtool on the PATH");
      return;
    }
    try (var in = promtool.getOutputStream()) {
      in.write(export.render("").body());
    }
    String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
    assertThat(promtool.waitFor()).as(said).isZero();
    assertThat(said).isEmpty();
  }

  private static FleetView fleetView() {
    FleetView.Split split = new FleetView.Split("requests", 300, 0.25, List.of(0.5));
    FleetView.Row row =
        new FleetView.Row(new Scope("openai", "org-1", "gpt-4o"), 3, true, List.of(split));
    return new FleetView(true, 0, 40, 2, 1_500, List.of(row));
  }

  @Test
  void aFleetShowsWhereItIsConfigured() {
    assertThat(scrape("")).doesNotContain("paceline_fleet");
    everything();
    assertThat(scrape(""))
        .contains("paceline_fleet_up{service=\"checkout\"} 1")
        .contains("paceline_fleet_age_seconds{service=\"checkout\"} 1.5")
        .contains("paceline_fleet_exchanges_total{result=\"ok\",service=\"checkout\"} 1")
        .containsPattern("paceline_fleet_members\\{model=\"gpt-4o\",provider=\"openai\".*} 3")
        .containsPattern("paceline_fleet_share\\{.*resource=\"requests\".*} 0\\.25");
  }

  private void everything() {
    metrics.callStarted(CALL);
    metrics.attemptSent(CALL, 1);
    metrics.attemptEnded(CALL, 1, 429);
    metrics.limited(CALL, Limit.TPM, Source.UPSTREAM);
    metrics.waited(CALL, Limit.TPM, WaitReason.RETRY_AFTER, 2_000_000_000L);
    metrics.retried(CALL, RetryReason.RATE_LIMITED);
    metrics.gaveUp(CALL, GiveUpReason.ATTEMPTS);
    metrics.callEnded(CALL, Outcome.GAVE_UP, 20_000);
    metrics.tokensEstimated(CALL, 100, 50);
    metrics.tokensUsed(CALL, 110, 0, 40, 1.1);
    metrics.bypassed(BypassReason.DISABLED);
    metrics.fault("call", new IllegalStateException());
    metrics.configReloaded(true);
    if (!fleet) {
      fleet = true;
      FleetView view = fleetView();
      metrics.fleet(() -> view).exchanged(true, view);
    }
    metrics.instrumentationActive(Client.OKHTTP, true);
    LimitView tpm = new LimitView(Limit.TPM, 30_000, 3_000, 60_000, 0, "continuous", 0, 0);
    ScopeView scope =
        new ScopeView("openai", "", "gpt-4o", 0, 0, 0, Limit.TPM, 0, 0, 0, List.of(tpm));
    new History(metrics, () -> List.of(scope), System::nanoTime).sample();
  }

  private String scrape(String accept) {
    return new String(export.render(accept).body(), UTF_8);
  }

  private static Set<String> families(String text) {
    Set<String> families = new TreeSet<>();
    Matcher type = Pattern.compile("(?m)^# TYPE (\\S+ \\S+)$").matcher(text);
    while (type.find()) {
      families.add(type.group(1));
    }
    return families;
  }
}
