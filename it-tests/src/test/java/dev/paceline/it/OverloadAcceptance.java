package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.OverloadApp;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Twice the limit for ten windows of six seconds, callers with a deadline of 30 s, all calls
 * asynchronous. For a quiet machine: {@code mvn verify -Pacceptance}.
 */
class OverloadAcceptance {
  private static final int BEST_OF = Integer.getInteger("acceptance.best.of", 3);
  private static final int DEADLINE = 30;
  private static final double WINDOW_MILLIS = 6_000;

  @ParameterizedTest
  @ValueSource(strings = {"", ",charged", ",fixed", ",fixed,charged"})
  void theLimitIsUsedAndNobodyWhoWaitedIsRefused(String kind) {
    List<String> runs = List.of("over.jdk", "over.okhttp");
    boolean holds = false;
    for (int run = 0; run < BEST_OF && !holds; run++) {
      try (SimProcess sim =
          SimProcess.start("--limit", "rpm=60,window=6" + kind, "--service", "500")) {
        Ended ended =
            sim.called(OverloadApp.class)
                .withProperty("it.places", "1000")
                .withArguments("20", "60", "" + DEADLINE)
                .withArguments(runs)
                .withTimeout(java.time.Duration.ofSeconds(150))
                .await()
                .exitedWith(0);
        holds = true;
        for (String name : runs) {
          SimProcess.Arrivals arrivals = sim.arrivals(name);
          Ended.Outcome outcome = ended.outcome(name).succeeded();
          double windows = arrivals.makespanMillis() / WINDOW_MILLIS;
          // A full bucket at the start; or one window more than have ended.
          double granted = 60 + 60 * (kind.contains("fixed") ? Math.floor(windows) : windows);
          double goodput = arrivals.served() / granted;
          long slowest =
              Math.max(
                  Math.max(outcome.number("ok-millis"), outcome.number("local-millis")),
                  Math.max(outcome.number("limited-millis"), outcome.number("failed-millis")));
          System.out.printf(
              Locale.ROOT,
              "%-16s %-12s goodput %.3f, %d x 429, the last after %.1f s; slowest %.1f s; %s%n",
              "60 in 6 s" + kind,
              name,
              goodput,
              arrivals.limited(),
              (arrivals.lastLimitedMillis() - arrivals.firstMillis()) / 1e3,
              slowest / 1e3,
              outcome.text());
          holds &=
              goodput >= 0.95
                  && outcome.number("limited") == 0
                  && outcome.number("failed") == 0
                  && slowest <= DEADLINE * 1_000
                  // Before anybody waited: to find out that there is a limit.
                  && (arrivals.limited() == 0
                      || arrivals.lastLimitedMillis() - arrivals.firstMillis() < WINDOW_MILLIS);
        }
      }
    }
    assertThat(holds).as("as printed").isTrue();
  }
}
