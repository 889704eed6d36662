package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.cli.Advisor.Advice;
import dev.paceline.config.ConfigReader;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.Settings;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RulesAdvisorTest {
  private static final ProviderResponse ANSWER =
      new ProviderResponse(429, Headers.NONE, new byte[0], true);

  private static Settings settings(String key, String value) {
    return ConfigReader.read(
        new Inputs(Map.of("paceline." + key, value), "", Map.of()), new DiskFiles());
  }

  private static Advice advise(Settings settings, Classification judgement) {
    return new RulesAdvisor(settings).advise("openai", ANSWER, judgement);
  }

  private static Classification limited(long waitMillis) {
    return new Classification(Kind.LIMITED, Limit.TPM, true, waitMillis, false, "");
  }

  @Test
  void theProvidersWordIsTakenWithoutJitter() {
    assertThat(advise(Settings.defaults(), limited(1146)))
        .isEqualTo(new Advice("retry", OptionalLong.of(1146), "the answer says how long to wait"));
  }

  @Test
  void withoutAWordTheFirstStepOfTheLadderIsTaken() {
    assertThat(advise(Settings.defaults(), limited(Classification.NO_HINT)))
        .isEqualTo(new Advice("retry", OptionalLong.of(1000), "the first step of the backoff"));
    assertThat(advise(settings("backoff.initial", "3s"), limited(0)))
        .isEqualTo(new Advice("retry", OptionalLong.of(3000), "the first step of the backoff"));
  }

  @Test
  void aServerErrorIsRepeatedSoon() {
    Classification judgement =
        new Classification(Kind.PERHAPS_PROCESSED, null, true, Classification.NO_HINT, false, "");

    assertThat(advise(Settings.defaults(), judgement))
        .isEqualTo(new Advice("retry", OptionalLong.of(500), "the first step of the backoff"));
  }

  @Test
  void aWaitThatIsNotAllowedIsGivenUp() {
    assertThat(advise(Settings.defaults(), limited(61_000)))
        .isEqualTo(
            new Advice(
                "give-up",
                OptionalLong.empty(),
                "the answer asks for a wait of 61 s; max-wait is 60 s"));
    assertThat(advise(settings("max-attempts", "1"), limited(1)))
        .isEqualTo(new Advice("give-up", OptionalLong.empty(), "max-attempts is 1"));
  }

  @Test
  void otherAnswersAndASwitchedOffAgentDeliver() {
    Classification served =
        new Classification(Kind.SERVED, null, false, Classification.NO_HINT, false, "");

    assertThat(advise(Settings.defaults(), served))
        .isEqualTo(new Advice("deliver", OptionalLong.empty(), "it was served"));
    assertThat(advise(settings("enabled", "false"), limited(5)))
        .isEqualTo(
            new Advice("deliver", OptionalLong.empty(), "a rule switches the agent off for it"));
  }
}
