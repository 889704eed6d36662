package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.anthropicjava.AnthropicJavaApp;
import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import dev.paceline.it.app.springai1.SpringAi1App;
import dev.paceline.it.app.springai2.SpringAi2App;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A call that the agent refuses itself: what the application's exception says, through each SDK. A
 * person who reads it must not blame the provider, and must learn the true wait.
 */
class LocalRefusalIT {
  static List<Arguments> sdks() {
    return List.of(
        Arguments.of("openai-java", OpenAiJavaApp.class, "openai"),
        Arguments.of("anthropic-java", AnthropicJavaApp.class, "anthropic"),
        Arguments.of("langchain4j", LangChain4jApp.class, "openai"),
        Arguments.of("spring-ai-1", SpringAi1App.class, "openai"),
        Arguments.of("spring-ai-2", SpringAi2App.class, "openai"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sdks")
  void theExceptionSaysWhoAnsweredAndWhenToComeAgain(String cell, Class<?> app, String provider) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("once", Answer.ok());
      Ended ended =
          AgentJvm.run(app)
              .with(cell)
              .against(upstream, provider)
              .withQuickStart()
              .withProperty("paceline.rule.one.model", "*")
              .withProperty("paceline.rule.one.rpm", "1")
              .withProperty("paceline.max-wait", "2s")
              .withProperty("paceline.on-deadline", "reject")
              .withArguments("once.sync", "once.sync")
              .await()
              .exitedWith(0);

      List<Ended.Outcome> refused =
          ended.outcomes().stream().filter(outcome -> !outcome.ok()).toList();
      assertThat(refused).as(ended.toString()).hasSize(1);
      assertThat(refused.get(0).message())
          .contains("Answered by Paceline, the request was not sent")
          .containsPattern("retry after (5\\d|6[0-2]) s");
      upstream.saw(1, "once.sync");
    }
  }
}
