package dev.paceline.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls of OkHttp that are cancelled, interrupted, answered by interceptors or thrown by them, sent
 * elsewhere, refused by executors that are shut down, and released by the kill switch: every call
 * ends once, and at rest nothing that was taken is missing: permits, places in the dispatcher,
 * connections, memory of the call.
 *
 * <p>Short by default. {@code -Dstress.calls=100000 -Dstress.seeds=3} is the whole one, {@code
 * -Dokhttp=4.12.0} one version only.
 */
class OkHttpStressTest {
  private static final int CALLS = Integer.getInteger("stress.calls", 1_000);
  private static final int SEEDS = Integer.getInteger("stress.seeds", 1);

  @ParameterizedTest
  @ValueSource(strings = {"3.14.9", "4.12.0", "5.5.1"})
  void everyCallEndsOnceAndLeavesNothing(String version) throws Exception {
    assumeTrue(version.equals(System.getProperty("okhttp", version)));
    Class<?> type =
        Class.forName("dev.paceline.okhttp.scenario.Stress", true, new WovenLoader(version, true));
    for (int seed = 1; seed <= SEEDS; seed++) {
      try (AutoCloseable stress = (AutoCloseable) type.getConstructor().newInstance()) {
        Object figures =
            type.getMethod("run", int.class, long.class).invoke(stress, CALLS, (long) seed);
        assertThat(figures).asString().startsWith(CALLS + " calls");
        if (SEEDS > 1) {
          System.out.println("OkHttp " + version + ": " + figures);
        }
      }
    }
  }
}
