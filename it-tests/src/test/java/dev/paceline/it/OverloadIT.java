package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.OverloadApp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Twice the limit, with deadlines. Counts only; the whole is in OverloadAcceptance. */
class OverloadIT {
  @Test
  void callsThatWaitInOrderMeetNo429AndTheOthersHearAtOnce() {
    List<String> runs = List.of("over.jdk", "over.okhttp");
    try (SimProcess sim =
        SimProcess.start("--limit", "rpm=40,window=2,charged", "--service", "100")) {
      // Forty a second for nine seconds, of which twenty a second are served.
      Ended ended =
          sim.called(OverloadApp.class)
              .withQuickStart()
              .withProperty("it.places", "1000")
              .withArguments("40", "9", "6")
              .withArguments(runs)
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      for (String run : runs) {
        checks.check(
            run,
            () -> {
              Ended.Outcome outcome = ended.outcome(run).succeeded();
              SimProcess.Arrivals arrivals = sim.arrivals(run);
              long fates =
                  outcome.number("ok")
                      + outcome.number("local")
                      + outcome.number("limited")
                      + outcome.number("failed");
              assertThat(fates).as("fates").isEqualTo(360);
              assertThat(outcome.number("local")).as("answered locally").isPositive();
              // A wait is begun when it and all but one in twenty answers fit.
              assertThat(outcome.number("failed"))
                  .as("answered too late")
                  .isLessThanOrEqualTo(arrivals.served() / 10);
              // What it costs a JVM that has just begun to find out that there is a limit; that
              // those
              // who waited meet none is shown by OverloadAcceptance.
              assertThat(arrivals.limited())
                  .as("429s of the provider")
                  .isLessThanOrEqualTo(arrivals.served() / 10);
              assertThat(outcome.number("limited"))
                  .as("429s handed out")
                  .isLessThanOrEqualTo(arrivals.limited());
            });
      }
      checks.allHold(ended);
    }
  }
}
