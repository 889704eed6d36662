package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the SDKs' documentation promises, with the agent below them: the repeats that an application
 * asked for are made, and what no repeat can cure is asked once.
 */
class SdkBehavioursIT {
  private static final String SERVER_ERROR =
      "{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}";

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void openAiJavaGoesOnWhereTheAgentStops(int status) {
    Answer down = Answer.status(status).saying(SERVER_ERROR);
    try (Upstream upstream = Upstream.start()) {
      upstream.script("down-thrice", down, down, down, Answer.ok());
      List<String> modes = List.of("sync", "async", "stream", "async-stream");
      for (boolean agent : new boolean[] {false, true}) {
        upstream.forget();
        AgentJvm jvm = openAi(upstream, "down-thrice", modes);
        Ended ended = (agent ? jvm : jvm.withoutAgent()).await().exitedWith(0);

        Checks checks = new Checks();
        for (String mode : modes) {
          checks.check(
              mode + " agent " + agent,
              () -> {
                ended.outcome("down-thrice." + mode).succeeded();
                upstream.saw(4, "down-thrice." + mode);
              });
        }
        checks.allHold(ended);
      }
    }
  }

  @Test
  void openAiJavaDoesNotAskAgainForWhatNoRepeatCures() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("quota", Answer.insufficientQuota());
      List<String> modes = List.of("sync", "stream");
      Ended ended = openAi(upstream, "quota", modes).await().exitedWith(0);

      for (String mode : modes) {
        ended.outcome("quota." + mode).failed();
        upstream.saw(1, "quota." + mode);
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

  private static AgentJvm openAi(Upstream upstream, String scenario, List<String> modes) {
    Stream<String> runs = modes.stream().map(mode -> scenario + "." + mode);
    return AgentJvm.run(OpenAiJavaApp.class)
        .with("openai-java")
        .against(upstream)
        .withProperty("it.retries", "5")
        .withShortWaits()
        .withQuickStart()
        .withArguments(runs.toList());
  }
}
