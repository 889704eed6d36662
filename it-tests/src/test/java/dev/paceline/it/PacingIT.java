package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What pacing is for: bursts of many calls into a nearly empty budget, with unmodified clients and
 * nothing configured but the host. Counts only; times are in {@link PacingAcceptance}.
 */
class PacingIT {
  private static final int CALLS = 80;

  static Stream<Arguments> cells() {
    return Loads.ALL.stream()
        .flatMap(
            load ->
                Jdk.cells()
                    // The SDKs' own code is the same on every JDK; what we weave is not.
                    .filter(
                        jdk ->
                            jdk == 17 || load.cell().isEmpty() || load.cell().startsWith("okhttp"))
                    .mapToObj(jdk -> Arguments.of(load, jdk)));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("cells")
  void aBurstIntoANearlyEmptyBudgetFailsNoCallAndMeetsNextToNo429(Loads load, int jdk) {
    try (SimProcess sim = SimProcess.start("--limit", "rpm=750,initial=30", "--service", "150")) {
      Ended ended =
          load.against(sim, jdk)
              .withProperty("it.load", "" + CALLS)
              .withQuickStart()
              .withArguments(load.runs("burst").toList())
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      load.runs("burst")
          .forEach(
              run ->
                  checks.check(
                      run,
                      () -> {
                        ended.outcome(run).succeeded();
                        SimProcess.Arrivals arrivals = sim.arrivals(run);
                        assertThat(arrivals.served()).isEqualTo(CALLS);
                        // Two 429s are what an empty bucket costs; one more for a slow start.
                        assertThat(arrivals.limited()).as("429s").isLessThanOrEqualTo(3);
                      }));
      checks.allHold(ended);
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("cells")
  void tokensOfManySizesAreKeptWithinTheirLimit(Loads load, int jdk) {
    // Twice what a tenth of a minute grants: about half of the calls have to wait.
    try (SimProcess sim =
        SimProcess.start("--limit", "tpm=600000,initial=40000", "--service", "150")) {
      Ended ended =
          load.against(sim, jdk)
              .withProperty("it.load", "" + CALLS)
              .withProperty("it.tokens", "50-4000")
              .withQuickStart()
              .withArguments(load.runs("tokens").toList())
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      load.runs("tokens")
          .forEach(
              run ->
                  checks.check(
                      run,
                      () -> {
                        ended.outcome(run).succeeded();
                        SimProcess.Arrivals arrivals = sim.arrivals(run);
                        assertThat(arrivals.served()).isEqualTo(CALLS);
                        assertThat(arrivals.limited()).as("429s").isLessThanOrEqualTo(CALLS / 10);
                      }));
      checks.allHold(ended);
    }
  }
}
