package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bursts that fit their limits are let through. Counts only; times are in FittingAcceptance. */
class FittingIT {
  private static final int CALLS = 300;

  static List<Loads> cells() {
    return Loads.RAW;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  void allCallsOfABurstAreOnTheWayBeforeTheFirstAnswer(Loads load) {
    // No limit at all for some, plenty for others, and neither is known before the first answer.
    try (SimProcess sim = SimProcess.start("--limit", "rpm=5000,only=fits", "--service", "6000")) {
      List<String> runs = List.of("fits.sync", "free.async");
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
              // A tenth for a machine that is too busy to send 600 calls in six seconds.
              assertThat(arrivals.mostAtATime())
                  .as("at a time")
                  .isGreaterThanOrEqualTo(CALLS * 9 / 10);
            });
      }
      checks.allHold(ended);
    }
  }
}
