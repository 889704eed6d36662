package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the SDKs' documentation promises, with the agent below them: the repeats that an application
 * asked for are made, and what no repeat can cure is asked once.
 */
class SdkBehavioursIT {
  private static final List<String> MODES = List.of("sync", "async", "stream", "async-stream");
  private static final String SERVER_ERROR =
      "{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}";

  /** Two forks for all: without the agent, to hold that the application asked for as much. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void openAiJavaGoesOnWhereTheAgentStops(boolean agent) {
    try (Upstream upstream = Upstream.start()) {
      List<String> runs = new ArrayList<>();
      for (int status : new int[] {500, 502, 503, 504}) {
        Answer down = Answer.status(status).saying(SERVER_ERROR);
        upstream.script("thrice-" + status, down, down, down, Answer.ok());
        MODES.forEach(mode -> runs.add("thrice-" + status + "." + mode));
      }
      AgentJvm jvm = openAi(upstream, runs);
      Ended ended = (agent ? jvm : jvm.withoutAgent()).await().exitedWith(0);

      Checks checks = new Checks();
      for (String run : runs) {
        checks.check(
            run,
            () -> {
              ended.outcome(run).succeeded();
              upstream.saw(4, run);
            });
      }
      checks.allHold(ended);
    }
  }

  @Test
  void openAiJavaDoesNotAskAgainForWhatNoRepeatCures() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("quota", Answer.insufficientQuota());
      List<String> runs = List.of("quota.sync", "quota.stream");
      Ended ended = openAi(upstream, runs).await().exitedWith(0);

      for (String run : runs) {
        ended.outcome(run).failed();
        upstream.saw(1, run);
      }
    }
  }

  /** It repeats what it cannot classify; within ten seconds the agent answers from memory. */
  @Test
  void langChain4jIsToldOnceThatThePlanIsUsedUp() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("quota", Answer.insufficientQuota());
      Ended ended =
          AgentJvm.run(LangChain4jApp.class)
              .with("langchain4j")
              .against(upstream)
              .withQuickStart()
              .withArguments("quota.sync")
              .await()
              .exitedWith(0);

      assertThat(ended.outcome("quota.sync").failed().message()).contains("exceeded your current");
      upstream.saw(1, "quota.sync");
    }
  }

  private static AgentJvm openAi(Upstream upstream, List<String> runs) {
    return AgentJvm.run(OpenAiJavaApp.class)
        .with("openai-java")
        .against(upstream)
        .withProperty("it.retries", "5")
        .withShortWaits()
        .withQuickStart()
        .withArguments(runs);
  }
}
