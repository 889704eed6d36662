package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.LocalLimit.Bound;
import dev.paceline.provider.LocalLimit.Refusal;
import dev.paceline.words.Classification;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalLimitTest {
  private static final Refusal REFUSAL = new Refusal(Limit.RPM, 41_200, 17, Bound.TIMEOUT, 10_000);

  @Test
  void saysWhoAnsweredWhenToComeAgainHowManyWaitAndWhatChangesIt() {
    ProviderResponse answer = LocalLimit.answer("openai", REFUSAL);
    assertThat(body(answer))
        .contains(
            "Rate limit reached for requests per minute (RPM): retry after 42 s.",
            "Answered by Paceline, the request was not sent",
            "17 calls wait",
            "longer than the request's own timeout allows (10 s)",
            "paceline.on-deadline=send");
    assertThat(answer.headers().first("Retry-After")).isEqualTo("42");
    assertThat(answer.headers().first("x-paceline-answered")).isEqualTo("local");
    assertThat(answer.headers().first("x-paceline-limit")).isEqualTo("rpm");
    assertThat(answer.headers().first("x-paceline-waiting")).isEqualTo("17");
    assertThat(answer.headers().first("x-paceline-setting")).isEqualTo("paceline.on-deadline");
  }

  @Test
  void thePartThatSpringQuotesOfABodySaysTheWaitAndWhoAnswered() {
    String body = body(LocalLimit.answer("openai", REFUSAL));
    assertThat(body.substring(0, 200)).contains("retry after 42 s", "Answered by Paceline");
  }

  @Test
  void namesTheSettingThatDecided() {
    assertThat(body(answer(Bound.MAX_WAIT, 60_000)))
        .contains("longer than paceline.max-wait allows (60 s)");
    assertThat(body(answer(Bound.QUEUE, 0))).contains("the queue is full (paceline.queue.max)");
    assertThat(body(answer(Bound.CALLER, 10_000)))
        .contains("than its caller does, whose calls are cancelled after 10 s");
    assertThat(answer(Bound.MAX_WAIT, 60_000).headers().first("x-paceline-setting"))
        .isEqualTo("paceline.max-wait");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openai",
        "anthropic",
        "gemini",
        "vertex-ai",
        "bedrock",
        "azure-openai",
        "cohere",
        "mistral"
      })
  void anAgentInFrontReadsItAsTheProvidersOwn(String provider) {
    ProviderResponse answer = LocalLimit.answer(provider, REFUSAL);
    Classification judgement = new Classifier().judge(provider, answer, 0, false);
    assertThat(judgement.kind()).isEqualTo(Classification.Kind.LIMITED);
    assertThat(judgement.waitMillis()).isEqualTo(42_000);
    assertThat(body(answer)).contains("retry after 42 s");
  }

  @ParameterizedTest
  @EnumSource(
      value = Limit.class,
      names = {"RPM", "TPM", "ITPM", "OTPM", "RPD", "TPD", "CONCURRENCY"})
  void theLimitIsReadFromTheMessage(Limit limit) {
    ProviderResponse answer =
        LocalLimit.answer("openai", new Refusal(limit, 5_000, 1, Bound.MAX_WAIT, 60_000));
    assertThat(new Classifier().judge("openai", answer, 0, false).limit()).isEqualTo(limit);
    assertThat(body(answer)).contains("1 call waits");
  }

  @Test
  void aWaitOfNothingIsOneSecond() {
    for (long wait : List.of(0L, 1L, 1_000L)) {
      Refusal refusal = new Refusal(Limit.UNKNOWN, wait, 0, Bound.MAX_WAIT, 60_000);
      assertThat(LocalLimit.answer("nobody", refusal).headers().first("retry-after"))
          .isEqualTo("1");
    }
  }

  private static ProviderResponse answer(Bound bound, long allowed) {
    return LocalLimit.answer("openai", new Refusal(Limit.RPM, 90_000, 3, bound, allowed));
  }

  private static String body(ProviderResponse answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
