package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How much later the last answer of a burst arrives that needs no pacing: 300 calls at once in a
 * JVM that has just begun, without and with the agent in turn. For a quiet machine: {@code mvn
 * verify -Pacceptance}.
 */
class FittingAcceptance {
  private static final int BEST_OF = Integer.getInteger("acceptance.best.of", 3);
  private static final int CALLS = 300;
  private static final long MOST_LATER_MILLIS = 2_000;

  static Stream<Arguments> cells() {
    return Loads.RAW.stream()
        .flatMap(
            load ->
                Stream.of("sync", "async")
                    .flatMap(
                        mode ->
                            Stream.of(
                                Arguments.of(load, mode, "rpm=5000", 200),
                                Arguments.of(load, mode, "rpm=5000", 1_000),
                                Arguments.of(load, mode, "rpm=5000", 20_000),
                                Arguments.of(load, mode, "none", 20_000))));
  }

  @ParameterizedTest(name = "{0} {1}, {2}, answers of {3} ms")
  @MethodSource("cells")
  void aBurstThatFitsIsHardlyLater(Loads load, String mode, String limit, int service) {
    long best = Long.MAX_VALUE;
    for (int run = 0; run < BEST_OF && best > MOST_LATER_MILLIS; run++) {
      long without = millis(load, mode, limit, service, false);
      long with = millis(load, mode, limit, service, true);
      System.out.printf(
          Locale.ROOT,
          "%-16s %-6s %-9s %6d ms: %6d ms without, %6d ms with%n",
          load,
          mode,
          limit,
          service,
          without,
          with);
      best = Math.min(best, with - without);
    }
    assertThat(best).as("ms later").isLessThanOrEqualTo(MOST_LATER_MILLIS);
  }

  private static long millis(Loads load, String mode, String limit, int service, boolean agent) {
    List<String> options =
        Stream.concat(
                limit.equals("none") ? Stream.of("--no-headers") : Stream.of("--limit", limit),
                Stream.of("--service", "" + service))
            .toList();
    try (SimProcess sim = SimProcess.start(options.toArray(String[]::new))) {
      AgentJvm jvm = load.against(sim, 17);
      if (!agent) {
        jvm.withoutAgent();
      }
      String run = "fits." + mode;
      long millis =
          jvm.withOptions("-Xmx1g")
              .withProperty("it.load", "" + CALLS)
              .withProperty("it.places", "" + CALLS)
              .withArguments(run)
              .await()
              .exitedWith(0)
              .outcome(run)
              .succeeded()
              .millis();
      assertThat(sim.arrivals(run).limited()).as("429s").isZero();
      return millis;
    }
  }
}
