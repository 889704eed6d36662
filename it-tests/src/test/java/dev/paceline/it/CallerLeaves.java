package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.paceline.it.app.springai1.SpringAi1App;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Spring with a read timeout, and a queue that is longer: one call at a time, half a second each.
 * Each request of Spring's carries an id; the application notes when it left, the provider when it
 * arrived, both on the machine's clock.
 *
 * @param timeout Spring's read timeout in milliseconds
 * @param callers calls of the application
 * @param bursts how often so many call, each time two fewer
 * @param apart milliseconds between their beginnings; 0: all in one instant
 * @param repeats whether Spring asks again, ten times at most
 */
record CallerLeaves(int timeout, int callers, int bursts, int apart, boolean repeats) {
  static final int SERVICE = 500;

  /** What left before its caller did may take so long to the provider, on a busy machine. */
  private static final long ON_THE_WAY = 400_000;

  private static final String RUN = "queued.sync";

  /**
   * @param asked requests that Spring made, its own repeats included
   * @param arrived of which arrived
   * @param left callers that had left
   * @param cancelled what the agent counted as cancelled
   * @param sentence the finding's
   */
  record Seen(int asked, int arrived, int left, int cancelled, String sentence) {}

  /** Runs it, and asserts that nothing is sent for a caller that has gone, nor sent twice. */
  Seen run() throws Exception {
    try (SlowProvider provider = SlowProvider.start(SERVICE);
        Forked forked =
            AgentJvm.run(SpringAi1App.class)
                .with("spring-ai-1")
                .withQuickStart()
                .withProperty("it.url", provider.url())
                .withProperty("it.commands", "true")
                .withProperty("it.ids", "true")
                .withProperty("it.once", "" + !repeats)
                .withProperty("it.apart", "" + apart)
                .withProperty("it.read-timeout", "" + timeout)
                .withProperty("paceline.console.port", "0")
                .withProperty("paceline.hosts", "127.0.0.1:%d=openai".formatted(provider.port()))
                .withProperty("paceline.rule.one.model", "*")
                .withProperty("paceline.rule.one.concurrency", "1")
                .withProperty("paceline.on-deadline", "reject")
                .withTimeout(Duration.ofMinutes(5))
                .start()) {
      forked.tell("warm.sync");
      forked.awaitLine(line -> line.contains("\"warm.sync\""));
      int warm = provider.arrivals().size();
      ConsolePages console = ConsolePages.of(forked);
      for (int burst = 0; burst < bursts; burst++) {
        String run = RUN + " " + (callers - 2 * burst);
        forked.tell(run);
        forked.awaitLine(line -> line.contains("\"" + run + "\""));
      }
      String sentence = sentence(console);
      int cancelled = (int) console.metric("paceline_calls_total", RUN, "cancelled");
      forked.tell("exit");
      Ended ended = forked.await();
      List<SlowProvider.Arrival> arrivals =
          provider.arrivals().subList(warm, provider.arrivals().size());
      Map<String, Long> left = ends(ended, "left");
      Map<String, Long> answered = ends(ended, "answered");
      Set<String> once = new HashSet<>();
      for (SlowProvider.Arrival arrival : arrivals) {
        assertThat(once.add(arrival.id())).as("%s was sent twice", arrival).isTrue();
        if (left.containsKey(arrival.id())) {
          assertThat(arrival.micros() - left.get(arrival.id()))
              .as("microseconds from the caller's leaving to the arrival")
              .isLessThan(ON_THE_WAY);
        }
      }
      return new Seen(
          left.size() + answered.size() - warm, arrivals.size(), left.size(), cancelled, sentence);
    }
  }

  private static Map<String, Long> ends(Ended ended, String how) {
    Map<String, Long> ends = new HashMap<>();
    ended.outcomes().stream()
        .filter(outcome -> outcome.run().equals(how))
        .map(outcome -> outcome.text().split(" "))
        .forEach(words -> ends.put(words[0], Long.parseLong(words[1])));
    return ends;
  }

  private static String sentence(ConsolePages console) {
    JsonNode state =
        console.state(
            now -> now.path("findings").findValuesAsText("kind").contains("caller_deadline"));
    for (JsonNode finding : state.path("findings")) {
      if (finding.path("kind").asText().equals("caller_deadline")) {
        return finding.path("sentence").asText();
      }
    }
    throw new AssertionError(state.path("findings").toString());
  }
}
