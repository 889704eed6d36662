package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.ParkedApp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What 10,000 asynchronous calls cost that wait to be sent. */
class WaitingIT {
  private static final int CALLS = 10_000;

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void tenThousandWaitingCallsTakeOneTimerThreadAndAKilobyteEach(String client) {
    Ended.Outcome with;
    Ended.Outcome without;
    try (SimProcess sim = SimProcess.start("--limit", "rpm=60,initial=1")) {
      with = parked(sim.called(ParkedApp.class), client);
      without =
          parked(
              sim.called(ParkedApp.class).withoutAgent().withProperty("it.unsent", "true"), client);
    }

    long each = Long.parseLong(with.text()) - Long.parseLong(without.text());
    System.out.printf("%s: %d bytes a waiting call, threads %s%n", client, each, with.message());
    assertThat(each).as("bytes beyond the call itself").isBetween(100L, 1_100L);
    assertThat(with.message()).containsPattern("paceline-timer=1\\b");
    // Those that hand over the calls which leave come and go; one keeps the JVM while OkHttp's
    // calls
    // are parked; nobody else has a thread.
    assertThat(
            with.message()
                .replaceAll(
                    "paceline-(timer|export|okhttp|jdk)=\\d+|paceline-waiting=1|[{}, ]", ""))
        .as(with.message())
        .isEmpty();
  }

  private static Ended.Outcome parked(AgentJvm app, String client) {
    return app.withOptions("-Xmx512m", "-XX:+UseSerialGC")
        // Nobody would wait three hours; the rate only has to be small.
        .withProperty("paceline.max-wait", "12h")
        .withProperty("paceline.max-call-wait", "12h")
        .withArguments(client, "" + CALLS)
        .await()
        .exitedWith(0)
        .outcome("parked")
        .succeeded();
  }
}
