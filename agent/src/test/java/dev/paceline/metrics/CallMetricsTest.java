package dev.paceline.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.BypassReason;
import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.words.Client;
import dev.paceline.words.Limit;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CallMetricsTest {
  private static final CallInfo GPT = new CallInfo(Client.OKHTTP, "openai", "gpt-4o");

  private final CallMetrics metrics = new CallMetrics();

  @Test
  void aCallThatHitsALimitIsCountedFromBothEnds() {
    metrics.callStarted(GPT);
    metrics.attemptSent(GPT, 1);
    assertThat(value("paceline.inflight", "model", "gpt-4o")).isEqualTo(1);
    metrics.attemptEnded(GPT, 1, 429);
    metrics.limited(GPT, Limit.TPM, Source.UPSTREAM);
    metrics.retried(GPT, RetryReason.RATE_LIMITED);
    metrics.waited(GPT, Limit.TPM, WaitReason.RETRY_AFTER, 2_000_000_000L);
    metrics.attemptSent(GPT, 2);
    metrics.attemptEnded(GPT, 2, 200);
    metrics.callEnded(GPT, Outcome.SUCCESS, 15_000);

    assertThat(value("paceline.rate.limited", "limit", "tpm", "source", "upstream")).isEqualTo(1);
    assertThat(value("paceline.attempts", "status", "429")).isEqualTo(1);
    assertThat(value("paceline.attempts", "status", "2xx")).isEqualTo(1);
    assertThat(value("paceline.retries", "reason", "429")).isEqualTo(1);
    assertThat(value("paceline.calls", "client", "okhttp", "outcome", "success")).isEqualTo(1);
    assertThat(value("paceline.inflight", "model", "gpt-4o")).isZero();
    Reading.Distribution wait =
        distribution("paceline.wait", "limit", "tpm", "reason", "retry_after");
    assertThat(wait.sumSeconds()).isEqualTo(2.0);
    assertThat(wait.buckets().get(3)).isEqualTo(new Reading.Bucket(1, 0));
    assertThat(wait.buckets().get(4)).isEqualTo(new Reading.Bucket(2.5, 1));
    Reading.Distribution overhead = distribution("paceline.overhead");
    assertThat(overhead.buckets().get(0).count()).isZero();
    assertThat(overhead.buckets().get(1).count()).isEqualTo(1);
  }

  @Test
  void everyLimitOfAModelIsZeroBeforeItsFirst429() {
    metrics.callStarted(GPT);
    for (Limit limit : Limit.values()) {
      assertThat(value("paceline.rate.limited", "limit", limit.tag(), "source", "upstream"))
          .isZero();
    }
    assertThat(value("paceline.give.ups", "reason", "attempts")).isZero();
    assertThat(value("paceline.attempts", "status", "429")).isZero();
    assertThat(value("paceline.calls", "client", "okhttp", "outcome", "gave_up")).isZero();
    assertThat(series("paceline.calls", "client", "jdk")).isEmpty();
    assertThat(series("paceline.wait")).isEmpty();
  }

  @Test
  void everyStatusHasItsClass() {
    int[] statuses = {0, 101, 204, 302, 400, 404, 429, 500, 503, 529, 599};
    for (int status : statuses) {
      metrics.attemptSent(GPT, 1);
      metrics.attemptEnded(GPT, 1, status);
    }
    assertThat(value("paceline.attempts", "status", "io_error")).isEqualTo(1);
    assertThat(value("paceline.attempts", "status", "2xx")).isEqualTo(2);
    assertThat(value("paceline.attempts", "status", "3xx")).isEqualTo(1);
    assertThat(value("paceline.attempts", "status", "4xx")).isEqualTo(2);
    assertThat(value("paceline.attempts", "status", "429")).isEqualTo(1);
    assertThat(value("paceline.attempts", "status", "5xx")).isEqualTo(3);
    assertThat(value("paceline.attempts", "status", "529")).isEqualTo(1);
  }

  @Test
  void whatHasNoModelIsCountedWithoutOne() {
    metrics.bypassed(BypassReason.FAULTS);
    metrics.fault("console", new StackOverflowError());
    metrics.configReloaded(true);
    metrics.configReloaded(false);
    metrics.instrumentationActive(Client.JDK, true);
    metrics.observing(true);
    metrics.gaveUp(GPT, GiveUpReason.CONTINUATION);

    assertThat(value("paceline.bypassed", "reason", "faults")).isEqualTo(1);
    assertThat(value("paceline.agent.errors", "component", "console")).isEqualTo(1);
    assertThat(value("paceline.agent.errors", "component", "bridge")).isZero();
    assertThat(value("paceline.config.reloads", "result", "ok")).isEqualTo(1);
    assertThat(value("paceline.config.reloads", "result", "failed")).isEqualTo(1);
    assertThat(value("paceline.instrumentation.active", "client", "jdk")).isEqualTo(1);
    assertThat(value("paceline.instrumentation.active", "client", "okhttp")).isZero();
    assertThat(value("paceline.mode")).isZero();
    assertThat(value("paceline.give.ups", "reason", "continuation")).isEqualTo(1);
    metrics.observing(false);
    assertThat(value("paceline.mode")).isEqualTo(1);
  }

  @Test
  void fiveHundredHostileModelsBecomeFiftyAndOther() {
    for (int i = 0; i < 500; i++) {
      CallInfo call = new CallInfo(Client.JDK, "openai", hostile(i));
      metrics.callStarted(call);
      metrics.limited(call, Limit.RPM, Source.UPSTREAM);
    }
    List<MeterView> limited = series("paceline.rate.limited", "limit", "rpm");
    assertThat(limited).hasSize(51);
    assertThat(limited.stream().mapToDouble(m -> m.reading().number()).sum()).isEqualTo(500);
    assertThat(value("paceline.rate.limited", "limit", "rpm", "model", "other")).isEqualTo(450);
    assertThat(value("paceline.series.overflow", "tag", "model")).isEqualTo(450);
    assertThat(value("paceline.series.overflow", "tag", "provider")).isZero();
    assertThat(limited)
        .allSatisfy(m -> assertThat(m.tags().get("model")).matches("[a-z0-9._:/_-]{1,64}"));
  }

  @Test
  void junkAfterTheFirstModelsDoesNotDriveThemOut() {
    metrics.callStarted(GPT);
    for (int i = 0; i < 10_000; i++) {
      metrics.callStarted(new CallInfo(Client.JDK, "openai", "junk-" + i));
    }
    metrics.limited(GPT, Limit.TPM, Source.UPSTREAM);
    assertThat(
            value("paceline.rate.limited", "model", "gpt-4o", "limit", "tpm", "source", "upstream"))
        .isEqualTo(1);
    // 51 models with calls, attempts, retries, give-ups, failures, limits and two gauges, and the
    // few
    // without a model
    assertThat(metrics.meters()).hasSizeLessThan(51 * 58 + 40);
  }

  @Test
  void tooManyProvidersAndComponentsFoldToo() {
    for (int i = 0; i < 200; i++) {
      metrics.callStarted(new CallInfo(Client.JDK, "p" + i, "m"));
      metrics.fault("c" + i, new IllegalStateException());
    }
    assertThat(series("paceline.inflight")).hasSize(65);
    assertThat(value("paceline.series.overflow", "tag", "provider")).isEqualTo(136);
    assertThat(series("paceline.agent.errors")).hasSize(33);
  }

  @Test
  void threadsThatMeetAModelTogetherCountEveryEvent() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Thread thread =
          new Thread(
              () -> {
                await(go);
                for (int i = 0; i < 1_000; i++) {
                  CallInfo call = new CallInfo(Client.JDK, "openai", "m" + i % 80);
                  metrics.callStarted(call);
                  metrics.waited(call, Limit.RPM, WaitReason.PACING, i);
                  metrics.limited(call, Limit.RPM, Source.LOCAL);
                }
              });
      threads.add(thread);
      thread.start();
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(
            series("paceline.rate.limited", "source", "local").stream()
                .mapToDouble(m -> m.reading().number())
                .sum())
        .isEqualTo(8_000);
    assertThat(series("paceline.wait").stream().mapToDouble(m -> m.reading().number()).sum())
        .isEqualTo(8_000);
    assertThat(series("paceline.inflight")).hasSize(51);
  }

  @Test
  void anEventOfAKnownModelAllocatesNothing() {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    everyEvent(20_000);
    long before = threads.getCurrentThreadAllocatedBytes();
    everyEvent(10_000);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    // 80,000 events: one byte an event would be 80,000. The rest is the measuring itself.
    assertThat(allocated).isLessThan(8_000);
  }

  private void everyEvent(int times) {
    for (int i = 0; i < times; i++) {
      metrics.callStarted(GPT);
      metrics.attemptSent(GPT, 1);
      metrics.attemptEnded(GPT, 1, 429);
      metrics.limited(GPT, Limit.TPM, Source.UPSTREAM);
      metrics.waited(GPT, Limit.TPM, WaitReason.BACKOFF, i);
      metrics.retried(GPT, RetryReason.RATE_LIMITED);
      metrics.gaveUp(GPT, GiveUpReason.ATTEMPTS);
      metrics.callEnded(GPT, Outcome.GAVE_UP, i);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hostile(int i) {
    return switch (i % 4) {
      case 0 -> "é\"\n{}\\" + i;
      case 1 -> i + "x".repeat(10_000);
      case 2 -> "Model," + i + "=\u0000\uD83D\uDE00";
      default -> "a b;" + i;
    };
  }

  private double value(String name, String... tags) {
    List<MeterView> found = series(name, tags);
    assertThat(found).as(name + List.of(tags)).hasSize(1);
    return found.get(0).reading().number();
  }

  private Reading.Distribution distribution(String name, String... tags) {
    return (Reading.Distribution) series(name, tags).get(0).reading();
  }

  private List<MeterView> series(String name, String... tags) {
    return metrics.snapshot().stream()
        .filter(m -> m.name().equals(name))
        .filter(m -> matches(m.tags(), tags))
        .toList();
  }

  private static boolean matches(Map<String, String> actual, String... tags) {
    for (int i = 0; i < tags.length; i += 2) {
      if (!tags[i + 1].equals(actual.get(tags[i]))) {
        return false;
      }
    }
    return true;
  }
}
