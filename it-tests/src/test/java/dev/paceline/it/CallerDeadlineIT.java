package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.paceline.it.app.springai1.SpringAi1App;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A timeout that no client sees: Spring's read timeout is {@code sendAsync} and a future that is
 * cancelled. The queue is longer than it; what cannot make it is not queued once the agent knows.
 */
class CallerDeadlineIT {
  private static final int TIMEOUT = 3_000;
  private static final String RUN = "queued.sync 20";
  private static final String AGAIN = "queued.sync 21";

  @Test
  void callsThatTheirCallerWillCancelAreNotQueuedAndTheFindingNamesItsTimeout() throws Exception {
    try (SimProcess sim = SimProcess.start("--dialect", "openai", "--service", "500");
        Forked forked =
            AgentJvm.run(SpringAi1App.class)
                .with("spring-ai-1")
                .withQuickStart()
                .withProperty("it.url", sim.url())
                .withProperty("it.commands", "true")
                .withProperty("it.read-timeout", "" + TIMEOUT)
                .withProperty("paceline.console.port", "0")
                .withProperty("paceline.hosts", "127.0.0.1:%d=openai".formatted(sim.port()))
                // One at a time, half a second each: twenty are a queue of ten seconds.
                .withProperty("paceline.rule.one.model", "*")
                .withProperty("paceline.rule.one.concurrency", "1")
                .withProperty("paceline.on-deadline", "reject")
                .withTimeout(Duration.ofMinutes(4))
                .start()) {
      forked.tell("warm.sync");
      forked.awaitLine(line -> line.contains("\"warm.sync\""));
      ConsolePages console = ConsolePages.of(forked);
      forked.tell(RUN);
      forked.awaitLine(line -> line.contains("\"" + RUN + "\""));
      int ok = (int) console.metric("paceline_calls_total", "queued.sync", "success");
      int cancelled = (int) console.metric("paceline_calls_total", "queued.sync", "cancelled");
      assertThat(ok).isPositive();
      assertThat(cancelled).as("before it is known").isBetween(8, 200);
      JsonNode finding = finding(console);
      assertThat(finding.path("sentence").asText())
          .containsPattern("cancelled by the application after (2\\.[7-9]|3\\.[0-4]) s");
      int sent = sim.arrivals("queued.sync").requests();
      int onTheWire = (int) console.metric("paceline_attempts_total", "queued.sync", "io_error");
      assertThat(sent)
          .as("nothing leaves the queue for a caller that has gone")
          .isBetween(ok, ok + onTheWire);

      forked.tell(AGAIN);
      forked.awaitLine(line -> line.contains("\"" + AGAIN + "\""));
      console.state(
          state ->
              console.metric("paceline_failed_calls_total", "queued.sync", "wait_too_long") > 8);
      assertThat(console.metric("paceline_failed_calls_total", "queued.sync", "wait_too_long"))
          .as("answered at once")
          .isGreaterThan(8);
      assertThat(console.metric("paceline_calls_total", "queued.sync", "cancelled"))
          .as("cancelled in the queue, now that it is known; one a minute finds out")
          .isLessThanOrEqualTo(cancelled + 3);
      assertThat(console.metric("paceline_attempts_total", "queued.sync", "io_error"))
          .as("sent and cancelled on the wire")
          .isLessThanOrEqualTo(onTheWire + 3);
      forked.tell("exit");
      forked.await();
    }
  }

  @Test
  void nothingIsSentForACallerThatHasGoneNorMoreOftenThanTheApplicationAsks() throws Exception {
    CallerLeaves.Seen seen = new CallerLeaves(TIMEOUT, 20, 1, 0, true).run();
    assertThat(seen.left()).as(seen.toString()).isGreaterThan(8);
    assertThat(seen.arrived()).as(seen.toString()).isLessThanOrEqualTo(seen.asked());
  }

  @Test
  void aTimeoutIsKnownBeforeTwentyCallsHaveRunIntoIt() throws Exception {
    CallerLeaves.Seen seen = new CallerLeaves(TIMEOUT, 24, 1, 50, false).run();
    assertThat(seen.cancelled()).as(seen.toString()).isBetween(8, 20);
    assertThat(seen.sentence())
        .containsPattern("cancelled by the application after (2\\.[7-9]|3\\.[0-4]) s");
  }

  private static JsonNode finding(ConsolePages console) {
    JsonNode state =
        console.state(
            now -> now.path("findings").findValuesAsText("kind").contains("caller_deadline"));
    for (JsonNode finding : state.path("findings")) {
      if (finding.path("kind").asText().equals("caller_deadline")) {
        return finding;
      }
    }
    throw new AssertionError(state.path("findings").toString());
  }
}
