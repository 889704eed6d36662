package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bursts that fit their limits are let through. Counts only; times are in FittingAcceptance. */
class FittingIT {
  private static final int CALLS = 300;

  static Stream<Arguments> cells() {
    return Loads.RAW.stream()
        .flatMap(
            load ->
                Stream.of(List.of("--no-headers"), List.of("--limit", "rpm=5000"))
                    .map(limit -> Arguments.of(load, limit)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cells")
  void allCallsOfABurstAreOnTheWayBeforeTheFirstAnswer(Loads load, List<String> limit) {
    List<String> options = Stream.concat(limit.stream(), Stream.of("--service", "6000")).toList();
    try (SimProcess sim = SimProcess.start(options.toArray(String[]::new))) {
      List<String> runs = List.of("fits.sync", "fits.async");
      Ended ended =
          load.against(sim, 17)
              .withProperty("it.load", "" + CALLS)
              .withProperty("it.places", "" + CALLS)
              .withQuickStart()
              .withArguments(runs)
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      for (String run : runs) {
        checks.check(
            run,
            () -> {
              ended.outcome(run).succeeded();
              SimProcess.Arrivals arrivals = sim.arrivals(run);
              assertThat(arrivals.limited()).isZero();
              assertThat(arrivals.mostAtATime()).as("at a time").isEqualTo(CALLS);
            });
      }
      checks.allHold(ended);
    }
  }
}
