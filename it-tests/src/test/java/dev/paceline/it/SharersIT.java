package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.OverloadApp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several processes on one key, which do not talk to each other. Counts only. */
class SharersIT {
  private static final int PROCESSES = 3;
  private static final int CALLS = 160;

  @Test
  void processesOnOneKeyTakeEqualPartsAndMeetNextToNo429() {
    String run = "over.jdk";
    // Ten a second and what is there at the start, for 24 calls a second in 20 seconds.
    try (SimProcess sim = SimProcess.start("--limit", "rpm=600,initial=60", "--service", "100")) {
      List<Ended.Outcome> outcomes =
          Forks.run(
                  PROCESSES,
                  i ->
                      sim.called(OverloadApp.class)
                          .withQuickStart()
                          .withArguments("8", "" + CALLS / 8, "8", run))
              .stream()
              .map(ended -> ended.exitedWith(0).outcome(run).succeeded())
              .toList();

      SimProcess.Arrivals arrivals = sim.arrivals(run);
      List<Long> served = outcomes.stream().map(outcome -> outcome.number("ok")).toList();
      for (Ended.Outcome outcome : outcomes) {
        assertThat(
                outcome.number("ok")
                    + outcome.number("local")
                    + outcome.number("limited")
                    + outcome.number("failed"))
            .as("fates")
            .isEqualTo(CALLS);
        assertThat(outcome.number("ok"))
            .as("served of each, of %s", served)
            .isGreaterThanOrEqualTo(arrivals.served() / PROCESSES * 2 / 3);
      }
      // Of ten a second for 20 to 28 seconds, and 60: the limit is used.
      assertThat(arrivals.served()).as("served").isGreaterThanOrEqualTo(200);
      assertThat(arrivals.limited())
          .as("429s of %s served, %s", arrivals.served(), served)
          .isLessThanOrEqualTo(arrivals.served() / 20);
    }
  }
}
