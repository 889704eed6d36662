package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import dev.paceline.it.app.springai1.SpringFactoriesApp;
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

  /** It asks three times in all. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void langChain4jGoesOnWhereTheAgentStops(boolean agent) {
    try (Upstream upstream = Upstream.start()) {
      Answer down = Answer.status(500).saying(SERVER_ERROR);
      upstream.script("twice", down, down, Answer.ok());
      AgentJvm jvm =
          AgentJvm.run(LangChain4jApp.class)
              .with("langchain4j")
              .against(upstream)
              .withShortWaits()
              .withQuickStart()
              .withArguments("twice.sync");
      Ended ended = (agent ? jvm : jvm.withoutAgent()).await().exitedWith(0);

      ended.outcome("twice.sync").succeeded();
      upstream.saw(3, "twice.sync");
    }
  }

  /** Spring's RestClient repeats nothing by itself: one exception, of the type that it would be. */
  @Test
  void springsRequestFactoriesTellTheSameButForWhatAWaitCures() {
    List<String> same = List.of("fine", "bad", "unauthorised", "quota");
    Ended[] ended = new Ended[2];
    for (int with = 0; with < 2; with++) {
      try (Upstream upstream = Upstream.start()) {
        Answer down = Answer.status(500).saying(SERVER_ERROR);
        upstream.script("fine", Answer.ok());
        upstream.script("bad", Answer.status(400).saying(SERVER_ERROR));
        upstream.script("unauthorised", Answer.status(401).saying(SERVER_ERROR));
        upstream.script("quota", Answer.insufficientQuota());
        upstream.script("limited", Answer.rateLimited(), Answer.ok());
        upstream.script("down", down, down, down, Answer.ok());
        List<String> runs = new ArrayList<>();
        for (String factory : List.of("jdk", "okhttp")) {
          same.forEach(scenario -> runs.add(scenario + "." + factory));
          runs.add("limited." + factory);
          runs.add("down." + factory);
        }
        AgentJvm jvm =
            AgentJvm.run(SpringFactoriesApp.class)
                .with("spring-ai-1")
                .withJars("okhttp:4.12.0")
                .against(upstream)
                .withShortWaits()
                .withQuickStart()
                .withArguments(runs);
        boolean agent = with == 1;
        ended[with] = (agent ? jvm : jvm.withoutAgent()).await().exitedWith(0);
        for (String factory : List.of("jdk", "okhttp")) {
          same.forEach(scenario -> upstream.saw(1, scenario + "." + factory));
          upstream.saw(agent ? 2 : 1, "limited." + factory);
          upstream.saw(agent ? 3 : 1, "down." + factory);
        }
      }
    }
    Checks checks = new Checks();
    for (String factory : List.of("jdk", "okhttp")) {
      for (String scenario : List.of("fine", "bad", "unauthorised", "quota", "down")) {
        checks.check(
            scenario + "." + factory,
            () -> {
              Ended.Outcome without = ended[0].outcome(scenario + "." + factory);
              Ended.Outcome with = ended[1].outcome(scenario + "." + factory);
              assertThat(with.ok()).isEqualTo(without.ok());
              assertThat(with.error()).isEqualTo(without.error());
              assertThat(with.message()).isEqualTo(without.message());
              assertThat(with.text()).isEqualTo(without.text());
            });
      }
      checks.check(
          "limited." + factory,
          () -> {
            ended[0].outcome("limited." + factory).failed();
            ended[1].outcome("limited." + factory).succeeded();
          });
    }
    checks.allHold(ended[1]);
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
