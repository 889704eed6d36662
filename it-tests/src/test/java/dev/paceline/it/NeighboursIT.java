package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.NeighboursApp;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nobody else waits: calls of another model and to another host pass by those that wait. Counts
 * only; times are in NeighboursAcceptance.
 */
class NeighboursIT {
  private static final int CALLS = 40;

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void freeModelsAreServedWhileSixtyFiveCallsOfASaturatedOneWait(String client) {
    try (SimProcess sim = SimProcess.start(saturated(50));
        SimProcess other = SimProcess.start(saturated(50))) {
      Ended ended = beside(sim, other, client, 2, CALLS).withQuickStart().await().exitedWith(0);

      for (String run : List.of("slow", "shut")) {
        Ended.Outcome outcome = ended.outcome(run).succeeded();
        // All of the free ones are answered, and those who wait still do.
        assertThat(outcome.number("waiting")).as(ended.toString()).isGreaterThanOrEqualTo(60);
      }
      assertThat(sim.arrivals("free").served()).isEqualTo(3 * CALLS + 20);
      assertThat(other.arrivals("free").served()).isEqualTo(3 * CALLS + 20);
      assertThat(sim.arrivals("slow").served()).isLessThan(10);
      assertThat(sim.arrivals("shut").limited()).as("refused").isBetween(1, 10);
    }
  }

  static String[] saturated(int service) {
    return new String[] {
      "--limit", "rpm=10,initial=1,only=slow",
      "--limit", "rpm=2,initial=0,only=shut",
      "--limit", "rpm=60000,only=free",
      "--service", "" + service
    };
  }

  static AgentJvm beside(SimProcess sim, SimProcess other, String client, int threads, int calls) {
    return sim.called(NeighboursApp.class)
        .withProperty("it.other", other.url())
        .withProperty(
            "paceline.hosts",
            "127.0.0.1:%d=openai,127.0.0.1:%d=openai".formatted(sim.port(), other.port()))
        .withProperty("paceline.max-wait", "1h")
        .withProperty("paceline.max-call-wait", "1h")
        .withArguments(client, "" + threads, "" + calls);
  }
}
