package dev.paceline.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls of OkHttp that are cancelled, interrupted, answered by interceptors or thrown by them, sent
 * elsewhere, refused by executors that are shut down, and released by the kill switch: every call
 * ends once, and at rest nothing that was taken is missing: permits, places in the dispatcher,
 * connections, memory of the call. The same calls are made without the agent before: from a cancel
 * to the end it may take no longer with it.
 *
 * <p>Short by default. {@code -Dstress.calls=100000 -Dstress.seeds=3} is the whole one, {@code
 * -Dokhttp=4.12.0} one version only.
 */
class OkHttpStressTest {
  private static final int CALLS = Integer.getInteger("stress.calls", 1_000);
  private static final int SEEDS = Integer.getInteger("stress.seeds", 1);
  private static final int CALLS_WITHOUT = 10_000;

  /** Calls of this version can be stuck in the client, also without the agent. */
  private static final String TRIES_FOR_EVER = "3.14.9";

  /** From a cancel to the end, unless the machine takes as long without the agent. */
  private static final long PROMPT_MICROS = 100_000;

  @ParameterizedTest
  @ValueSource(strings = {"3.14.9", "4.12.0", "5.5.1"})
  void everyCallEndsOnceAndLeavesNothing(String version) throws Exception {
    assumeTrue(version.equals(System.getProperty("okhttp", version)));
    for (int seed = 1; seed <= SEEDS; seed++) {
      StressFigures without = run(version, false, Math.min(CALLS, CALLS_WITHOUT), seed);
      StressFigures with = run(version, true, CALLS, seed);
      System.out.printf(
          "OkHttp %s, seed %d%n without %s%n with %s%n", version, seed, without, with);
      assertThat(with.twice()).as("ended twice").isZero();
      if (!version.equals(TRIES_FOR_EVER)) {
        assertThat(with.stuck()).as("calls that did not end").isZero();
      }
      assertThat(with.leaked()).as("leaked, as OkHttp says").isZero();
      assertThat(with.left()).as("connections left").isEqualTo(without.left());
      assertThat(with.p99())
          .as("from a cancel to the end")
          .isLessThanOrEqualTo(Math.max(PROMPT_MICROS, 2 * without.p99()));
    }
  }

  private static StressFigures run(String version, boolean woven, int calls, long seed)
      throws Exception {
    Class<?> type =
        Class.forName("dev.paceline.okhttp.scenario.Stress", true, new WovenLoader(version, woven));
    try (AutoCloseable stress = (AutoCloseable) type.getConstructor().newInstance()) {
      return (StressFigures)
          type.getMethod("run", int.class, long.class).invoke(stress, calls, seed);
    }
  }
}
