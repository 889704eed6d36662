package dev.paceline.export.beside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.words.Client;
import dev.paceline.words.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrometerOutletTest {
  private static final CallInfo CALL = new CallInfo(Client.JDK, "openai", "gpt-4o");

  private final CallMetrics metrics = new CallMetrics();
  private final MicrometerOutlet outlet = new MicrometerOutlet(Map.of("service", "checkout"));
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void leave() {
    for (MeterRegistry member : java.util.List.copyOf(Metrics.globalRegistry.getRegistries())) {
      Metrics.removeRegistry(member);
    }
  }

  @Test
  void whatHappenedBeforeARegistryIsAttachedIsNotLost() {
    calls(11);
    publish();
    Metrics.addRegistry(registry);
    publish();
    calls(1);
    publish();

    assertTotals(registry, 12);
  }

  @Test
  void eachRegistryHasItsOwnFullCount() {
    Metrics.addRegistry(registry);
    calls(3);
    publish();
    SimpleMeterRegistry late = new SimpleMeterRegistry();
    CompositeMeterRegistry inner = new CompositeMeterRegistry();
    inner.add(late);
    Metrics.addRegistry(inner);
    calls(2);
    publish();

    assertTotals(registry, 5);
    assertTotals(late, 5);
  }

  /** Micrometer rounds what it puts into a summary's buckets up to whole numbers. */
  @Test
  void noBucketIsShownThatMicrometerWouldCountWrongly() {
    Metrics.addRegistry(registry);
    calls(1);
    metrics.tokensEstimated(CALL, 1_000, 100);
    metrics.tokensUsed(CALL, 700, 0, 50, .7);
    publish();

    HistogramSnapshot ratio =
        registry.get("paceline.token.estimate.ratio").summary().takeSnapshot();
    assertThat(ratio.count()).isEqualTo(1);
    assertThat(ratio.total()).isCloseTo(.7, within(.001));
    assertThat(ratio.histogramCounts()).isEmpty();
    HistogramSnapshot tokens = registry.get("paceline.request.tokens").summary().takeSnapshot();
    assertThat(tokens.histogramCounts()).isNotEmpty();
  }

  @Test
  void countersArePulledWithoutAnotherPublish() {
    Metrics.addRegistry(registry);
    calls(1);
    publish();
    calls(4);

    assertThat(counted(registry)).isEqualTo(5);
  }

  @Test
  void commonTagsAreOnEverySeries() {
    Metrics.addRegistry(registry);
    calls(1);
    publish();

    assertThat(registry.getMeters())
        .isNotEmpty()
        .allMatch(meter -> "checkout".equals(meter.getId().getTag("service")))
        // Beside a timer the simple registry makes gauges of its buckets.
        .allMatch(
            meter ->
                meter.getId().getDescription() != null
                    || meter.getId().getName().endsWith(".histogram"));
  }

  @Test
  void withdrawingLeavesNothingBehind() {
    Metrics.addRegistry(registry);
    calls(1);
    publish();
    outlet.withdraw();

    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void aBridgeToOpenTelemetryIsSeen() {
    assertThat(outlet.reachesOpenTelemetry()).isFalse();
    Metrics.addRegistry(new OpenTelemetryMeterRegistry());

    assertThat(outlet.reachesOpenTelemetry()).isTrue();
  }

  /** Named as the one of OpenTelemetry's agent. */
  private static final class OpenTelemetryMeterRegistry extends SimpleMeterRegistry {}

  private void publish() {
    outlet.publish(metrics.meters());
  }

  private void calls(int n) {
    for (int i = 0; i < n; i++) {
      metrics.callStarted(CALL);
      metrics.waited(CALL, Limit.TPM, WaitReason.PACING, TimeUnit.MILLISECONDS.toNanos(750));
      metrics.callEnded(CALL, Outcome.SUCCESS, 20_000);
    }
  }

  private static double counted(MeterRegistry registry) {
    return registry.get("paceline.calls").tag("outcome", "success").functionCounter().count();
  }

  private static void assertTotals(MeterRegistry registry, int calls) {
    assertThat(counted(registry)).isEqualTo(calls);
    var wait = registry.get("paceline.wait").tag("limit", "tpm").timer();
    assertThat(wait.count()).isEqualTo(calls);
    assertThat(wait.totalTime(TimeUnit.SECONDS)).isCloseTo(.75 * calls, within(1e-3));
    assertThat(registry.get("paceline.overhead").timer().count()).isEqualTo(calls);
  }
}
