package dev.paceline.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.paceline.words.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResponseWriterTest {
  private static final long WALL = Instant.parse("2026-03-15T12:57:58.400Z").toEpochMilli();
  private static final SimRequest ASK =
      new SimRequest(Api.CHAT, "gpt-4o-mini", false, false, 12, 1);
  private static final long MINUTE = 60_000_000_000L;
  private static final List<ShownLevel> LEVELS =
      List.of(
          new ShownLevel(Limit.RPM, 5000, MINUTE, 4999, 12_000_000),
          new ShownLevel(Limit.TPM, 160_000, MINUTE, 20_499, 52_312_875_000L));
  private static final Decision ACCEPTED = new Decision.Accepted(LEVELS);
  private static final Decision NO_TOKENS =
      new Decision.Rejected(
          Limit.TPM,
          1_145_100_000,
          3006,
          List.of(new ShownLevel(Limit.TPM, 50_000, MINUTE, 2_051, 57_000_000_000L)));

  private static Reply say(String dialect, ResponseStyle manners, Decision decision) {
    return ResponseWriter.of(dialect, manners).answer(ASK, decision, WALL);
  }

  private static Reply say(String dialect, Decision decision) {
    return say(dialect, ResponseStyle.DOCUMENTED, decision);
  }

  @Test
  void openAiShowsLimitsWithGoDurations() {
    assertThat(say("openai", ACCEPTED).headers())
        .containsAllEntriesOf(
            Map.of(
                "x-ratelimit-limit-requests", "5000",
                "x-ratelimit-remaining-requests", "4999",
                "x-ratelimit-reset-requests", "12ms",
                "x-ratelimit-limit-tokens", "160000",
                "x-ratelimit-remaining-tokens", "20499",
                "x-ratelimit-reset-tokens", "52.313s"));
  }

  @Test
  void openAiRejectsWithWholeSecondsInTheHeaderAndTheExactWaitInProse() {
    Reply reply = say("openai", NO_TOKENS);
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.headers())
        .containsEntry("retry-after", "2")
        .containsEntry("x-ratelimit-remaining-tokens", "2051");
    assertThat(reply.body())
        .contains(
            "on tokens per min (TPM): Limit 50000, Used 47949, Requested 3006. Please try again in 1.146s.")
        .contains("\"type\":\"tokens\"")
        .contains("\"code\":\"rate_limit_exceeded\"");
  }

  @Test
  void goDurationsLookLikeGos() {
    assertThat(SimText.goDuration(0)).isEqualTo("0s");
    assertThat(SimText.goDuration(1)).isEqualTo("1ms");
    assertThat(SimText.goDuration(1_000_000_000)).isEqualTo("1s");
    assertThat(SimText.goDuration(17_400_000_000L)).isEqualTo("17.4s");
    assertThat(SimText.goDuration(360_000_000_000L)).isEqualTo("6m0s");
    assertThat(SimText.goDuration(1_252_666_000_000L)).isEqualTo("20m52.666s");
    assertThat(SimText.goDuration(1_084_000_000)).isEqualTo("1.084s");
    assertThat(SimText.goDuration(1_050_000_000)).isEqualTo("1.05s");
    assertThat(SimText.goDuration(1_005_000_000)).isEqualTo("1.005s");
    assertThat(SimText.goDuration(Duration.ofHours(2).toNanos())).isEqualTo("2h0m0s");
  }

  @Test
  void anthropicShowsInstantsAndTokensRoundedToAThousand() {
    Reply reply = say("anthropic", ACCEPTED);
    assertThat(reply.headers())
        .containsEntry("anthropic-ratelimit-requests-remaining", "4999")
        .containsEntry("anthropic-ratelimit-requests-reset", "2026-03-15T12:57:58Z")
        .containsEntry("anthropic-ratelimit-tokens-remaining", "20000")
        .containsEntry("anthropic-ratelimit-tokens-reset", "2026-03-15T12:58:50Z")
        .doesNotContainKey("x-ratelimit-limit-requests");
  }

  @Test
  void anthropicNamesTheLimitInProseAndTheWaitInAHeaderOnly() {
    Decision noInput =
        new Decision.Rejected(
            Limit.ITPM,
            3_200_000_000L,
            900,
            List.of(new ShownLevel(Limit.ITPM, 30_000, MINUTE, 100, MINUTE)));
    Reply reply = say("anthropic", noInput);
    assertThat(reply.headers())
        .containsEntry("retry-after", "4")
        .containsEntry("anthropic-ratelimit-input-tokens-limit", "30000");
    assertThat(reply.body())
        .contains("\"type\":\"rate_limit_error\"")
        .contains("rate limit of 30,000 input tokens per minute")
        .doesNotContain("3.2");
  }

  @Test
  void geminiSaysEverythingInTheBody() {
    Decision noRequests =
        new Decision.Rejected(
            Limit.RPM,
            48_939_000_000L,
            1,
            List.of(new ShownLevel(Limit.RPM, 2, MINUTE, 0, MINUTE)));
    Reply reply = say("gemini", noRequests);
    assertThat(reply.headers()).containsOnlyKeys("content-type");
    assertThat(reply.body())
        .contains("\"retryDelay\":\"49s\"")
        .contains("\"quotaId\":\"GenerateRequestsPerMinutePerProjectPerModel\"")
        .contains("\"quotaValue\":\"2\"")
        .contains("Please retry in 48.939s.");
    assertThat(say("gemini", ACCEPTED).headers()).containsOnlyKeys("content-type");
  }

  @Test
  void azureShowsWholeSecondsThePeriodAndBothHints() {
    assertThat(say("azure-openai", ACCEPTED).headers())
        .containsEntry("x-ratelimit-reset-requests", "0")
        .containsEntry("x-ratelimit-reset-tokens", "52")
        .containsEntry("x-ratelimit-renewalperiod-tokens", "60");
    Reply reply = say("azure-openai", NO_TOKENS);
    assertThat(reply.headers())
        .containsEntry("retry-after", "2")
        .containsEntry("retry-after-ms", "1146");
    assertThat(reply.body())
        .contains("exceeded token rate limit")
        .contains("Please retry after 2 seconds.")
        .contains("\"code\":\"429\"");
  }

  @Test
  void genericNamesNoLimit() {
    Reply reply = say("generic", NO_TOKENS);
    assertThat(reply.headers())
        .containsEntry("retry-after", "2")
        .containsEntry("x-ratelimit-reset-tokens", "57");
    assertThat(reply.body()).doesNotContain("token").contains("Rate limit exceeded");
  }

  @Test
  void withoutAHintNeitherHeaderNorBodySaysHowLong() {
    for (String dialect : List.of("openai", "anthropic", "gemini", "azure-openai", "generic")) {
      Reply reply = say(dialect, ResponseStyle.DOCUMENTED.with(ResponseStyle.Hint.NONE), NO_TOKENS);
      assertThat(reply.headers()).doesNotContainKeys("retry-after", "retry-after-ms");
      assertThat(reply.body())
          .doesNotContain("try again in", "retry in", "retry after", "retryDelay");
    }
  }

  @Test
  void limitHeadersCanBeMissingEverywhereOrOnErrorsOrWithoutResets() {
    ResponseStyle none = ResponseStyle.DOCUMENTED.withoutLimitHeaders();
    assertThat(say("openai", none, ACCEPTED).headers()).containsOnlyKeys("content-type");
    assertThat(say("openai", none, NO_TOKENS).headers())
        .containsOnlyKeys("content-type", "retry-after");
    ResponseStyle onSuccess = ResponseStyle.DOCUMENTED.withoutLimitHeadersOnError();
    assertThat(say("openai", onSuccess, ACCEPTED).headers())
        .containsKey("x-ratelimit-limit-requests");
    assertThat(say("openai", onSuccess, NO_TOKENS).headers())
        .containsOnlyKeys("content-type", "retry-after");
    assertThat(say("openai", ResponseStyle.DOCUMENTED.withoutResets(), ACCEPTED).headers())
        .containsKey("x-ratelimit-limit-tokens")
        .doesNotContainKey("x-ratelimit-reset-tokens");
  }

  @Test
  void coarseValuesAreCutAndRounded() {
    assertThat(say("openai", ResponseStyle.DOCUMENTED.coarse(true, 1000), ACCEPTED).headers())
        .containsEntry("x-ratelimit-reset-requests", "0s")
        .containsEntry("x-ratelimit-reset-tokens", "52s")
        .containsEntry("x-ratelimit-remaining-requests", "4999")
        .containsEntry("x-ratelimit-remaining-tokens", "20000");
  }

  @Test
  void aCustomRetryAfterIsSentAsItIs() {
    assertThat(say("openai", ResponseStyle.DOCUMENTED.withRetryAfter("-1"), NO_TOKENS).headers())
        .containsEntry("retry-after", "-1");
    assertThat(
            say("openai", ResponseStyle.DOCUMENTED.with(ResponseStyle.Hint.MILLIS), NO_TOKENS)
                .headers())
        .containsEntry("retry-after-ms", "1146");
  }

  @Test
  void moodsAnswerWhateverTheModelSays() {
    ResponseWriter always429 =
        ResponseWriter.of("openai", ResponseStyle.DOCUMENTED.with(ResponseStyle.Mood.ALWAYS_429));
    assertThat(always429.asksModel()).isFalse();
    assertThat(always429.regardless(ASK, LEVELS, WALL).status()).isEqualTo(429);
    Reply overload =
        ResponseWriter.of("openai", ResponseStyle.DOCUMENTED.with(ResponseStyle.Mood.ALWAYS_503))
            .regardless(ASK, LEVELS, WALL);
    assertThat(overload.status()).isEqualTo(503);
    assertThat(overload.headers()).doesNotContainKey("retry-after");
    ResponseStyle zero =
        ResponseStyle.DOCUMENTED.with(ResponseStyle.Mood.ALWAYS_503).withRetryAfter("0");
    assertThat(ResponseWriter.of("openai", zero).regardless(ASK, LEVELS, WALL).headers())
        .containsEntry("retry-after", "0");
    Reply quota =
        ResponseWriter.of(
                "openai", ResponseStyle.DOCUMENTED.with(ResponseStyle.Mood.INSUFFICIENT_QUOTA))
            .regardless(ASK, LEVELS, WALL);
    assertThat(quota.status()).isEqualTo(429);
    assertThat(quota.body()).contains("\"code\":\"insufficient_quota\"");
    assertThat(quota.headers()).doesNotContainKey("retry-after");
  }

  @Test
  void tooLargeNeverSaysWhenToTryAgain() {
    Reply reply =
        say(
            "openai",
            new Decision.TooLarge(
                Limit.TPM, 30_601, List.of(new ShownLevel(Limit.TPM, 30_000, MINUTE, 30_000, 0))));
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.body())
        .contains("Request too large")
        .contains("Limit 30000, Requested 30601")
        .doesNotContain("try again");
    assertThat(reply.headers()).doesNotContainKey("retry-after");
  }

  @Test
  void anUnknownDialectIsRefused() {
    assertThatThrownBy(() -> ResponseWriter.of("klingon", ResponseStyle.DOCUMENTED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("klingon");
  }
}
