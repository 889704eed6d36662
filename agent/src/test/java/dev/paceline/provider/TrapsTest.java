package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * The traps that providers have set, one test each, so that whoever "simplifies" the reader of a
 * header or a body learns here which provider it was for.
 */
class TrapsTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long MINUTE = 60_000;
  private static final long DAY = 24 * 60 * MINUTE;
  private static final Classifier CLASSIFIER = new Classifier();

  private static Classification judge(String provider, int status, String body, String... headers) {
    return judge(provider, status, body, TestHeaders.of(headers));
  }

  private static Classification judge(String provider, int status, String body, Headers headers) {
    return CLASSIFIER.judge(
        provider,
        new ProviderResponse(status, headers, body.getBytes(StandardCharsets.UTF_8), true),
        NOW);
  }

  /** An error of OpenAI's shape. */
  private static String error(String type, String code, String message) {
    return "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":%s}}"
        .formatted(message, type, code.isEmpty() ? "null" : "\"" + code + "\"");
  }

  /** A 429 of the Gemini API with one violation. */
  private static String google(String quotaId, String value, String delay) {
    return """
    {"error":{"code":429,"message":"You exceeded your current quota, please check your plan and \
    billing details. * Quota exceeded for metric: m, limit: %s","status":"RESOURCE_EXHAUSTED",\
    "details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":\
    "generativelanguage.googleapis.com/generate_content_requests","quotaId":"%s","quotaValue":"%s"}]},\
    {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"%s"}]}}\
    """
        .formatted(value, quotaId, value, delay);
  }

  private static void limited(Classification judgement, Limit limit, boolean retryable, long wait) {
    assertThat(judgement)
        .isEqualTo(
            new Classification(Kind.LIMITED, limit, retryable, wait, false, judgement.why()));
  }

  @Test
  void aResetMeansUntilFullAndIsNoWait() {
    Headers headers =
        TestHeaders.of(
            "x-ratelimit-limit-requests", "60",
            "x-ratelimit-remaining-requests", "0",
            "x-ratelimit-reset-requests", "1m0s");
    limited(judge("openai", 429, "", headers), Limit.RPM, true, Classification.NO_HINT);
    assertThat(LimitHeaders.read("openai", headers, NOW))
        .containsExactly(new LimitReading(Limit.RPM, 60, 0, MINUTE, MINUTE));
  }

  @Test
  void groqsRequestHeaderIsOfTheDayAndDoesNotNameTheMinutesLimit() {
    Headers headers =
        TestHeaders.of(
            "x-ratelimit-limit-requests", "14400",
            "x-ratelimit-remaining-requests", "14370",
            "x-ratelimit-reset-requests", "3m0s");
    assertThat(LimitHeaders.read("groq", headers, NOW))
        .containsExactly(new LimitReading(Limit.RPD, 14_400, 14_370, 3 * MINUTE, DAY));
    limited(
        judge(
            "groq",
            429,
            error(
                "requests",
                "rate_limit_exceeded",
                "Rate limit reached for model `m` on requests per minute (RPM): Limit 30, Used 30,"
                    + " Requested 1. Please try again in 2s."),
            headers),
        Limit.RPM,
        true,
        2_000);
  }

  @Test
  void azuresResetIsMillisecondsOrSeconds() {
    String[] names = {
      "x-ratelimit-limit-tokens",
      "x-ratelimit-remaining-tokens",
      "x-ratelimit-reset-tokens",
      "x-ratelimit-renewalperiod-tokens"
    };
    // Half of a minute's tokens are used: 30 s until full, whichever way it is written.
    for (String reset : new String[] {"30000", "30"}) {
      assertThat(
              LimitHeaders.read(
                  "azure-openai",
                  TestHeaders.of(
                      names[0], "1000", names[1], "500", names[2], reset, names[3], "60"),
                  NOW))
          .as(reset)
          .containsExactly(new LimitReading(Limit.TPM, 1_000, 500, 30_000, MINUTE));
    }
  }

  @Test
  void retryAfterOnAServedAnswerIsNoWait() {
    Classification judgement =
        judge(
            "anthropic",
            200,
            "{\"type\":\"message\"}",
            "retry-after",
            "39",
            "anthropic-ratelimit-requests-limit",
            "50",
            "anthropic-ratelimit-requests-remaining",
            "49");
    assertThat(judgement.kind()).isEqualTo(Kind.SERVED);
    assertThat(judgement.waitMillis()).isEqualTo(Classification.NO_HINT);
  }

  @Test
  void retryAfterMsOfZeroBesideRetryAfterOfOneIsASecond() {
    limited(
        judge(
            "azure-openai",
            429,
            "{\"error\":{\"code\":\"RateLimitReached\",\"message\":\"Your requests to grok-x in"
                + " westeurope have exceeded rate limit.\"}}",
            "retry-after-ms",
            "0",
            "retry-after",
            "1"),
        Limit.UNKNOWN,
        true,
        1_000);
  }

  @Test
  void groqs413IsNeverRetriedWhateverItsRetryAfterSays() {
    Classification judgement =
        judge(
            "groq",
            413,
            error(
                "tokens",
                "rate_limit_exceeded",
                "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested"
                    + " 12328, please reduce your message size and try again."),
            "retry-after",
            "65");
    assertThat(judgement.kind()).isEqualTo(Kind.TOO_LARGE);
    assertThat(judgement.retryable()).isFalse();
  }

  @Test
  void geminisPerDayOutweighsItsShortRetryDelay() {
    limited(
        judge(
            "gemini",
            429,
            google("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "50", "10s")),
        Limit.RPD,
        false,
        10_000);
  }

  @Test
  void geminisLimitOfZeroIsNoPartOfThePlan() {
    Classification judgement =
        judge(
            "gemini",
            429,
            google("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0", "45s"));
    limited(judgement, Limit.RPM, false, 45_000);
    assertThat(judgement.why()).contains("not part of the plan");
  }

  @Test
  void checkYourPlanAndBillingDetailsIsSaidOfOrdinaryMinutesToo() {
    limited(
        judge(
            "gemini",
            429,
            google("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "15", "48s")),
        Limit.RPM,
        true,
        48_000);
    limited(
        judge(
            "openai",
            429,
            error(
                "insufficient_quota",
                "insufficient_quota",
                "You exceeded your current quota, please check your plan and billing details.")),
        Limit.QUOTA,
        false,
        Classification.NO_HINT);
  }

  @Test
  void anthropicsSpendCapComesAsARateLimitError() {
    limited(
        judge(
            "anthropic",
            429,
            "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"You have"
                + " reached your API usage limits. You will regain access on 2026-09-01 at 00:00"
                + " UTC.\",\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}}}"),
        Limit.QUOTA,
        false,
        Classification.NO_HINT);
  }

  @Test
  void wrongTypeFieldsDoNotDecide() {
    limited(
        judge(
            "openai",
            429,
            error(
                "tokens",
                "rate_limit_exceeded",
                "Rate limit reached for m on requests per min (RPM): Limit 3, Used 3, Requested 1."
                    + " Please try again in 20s.")),
        Limit.RPM,
        true,
        20_000);
    limited(
        judge(
            "mistral",
            429,
            error("invalid_request_error", "", "Service tier capacity exceeded for this model.")),
        Limit.CAPACITY,
        true,
        Classification.NO_HINT);
    limited(
        judge(
            "anthropic",
            429,
            "{\"error\":{\"code\":\"rate_limit_error\",\"type\":\"invalid_request_error\",\"message\":\"This"
                + " request would exceed your organization's rate limit of 40,000 input tokens per"
                + " minute\"}}"),
        Limit.ITPM,
        true,
        Classification.NO_HINT);
  }

  @Test
  void cerebrasForbidsTheRetryOfItsMostRetryable429() {
    limited(
        judge(
            "cerebras",
            429,
            "{\"message\":\"We're experiencing high traffic right"
                + " now!\",\"type\":\"too_many_requests_error\",\"param\":\"queue\",\"code\":\"queue_exceeded\"}",
            "x-should-retry",
            "false"),
        Limit.CAPACITY,
        true,
        Classification.NO_HINT);
  }

  @Test
  void elsewhereXShouldRetryFalseDelivers() {
    for (String provider : new String[] {"anthropic", "openai", "generic", "groq"}) {
      assertThat(judge(provider, 429, "{}", "x-should-retry", "false").providerForbids())
          .as(provider)
          .isTrue();
    }
    assertThat(
            judge(
                    "cerebras",
                    429,
                    "{\"message\":\"Tokens per minute limit exceeded - too many tokens"
                        + " processed.\",\"param\":\"quota\",\"code\":\"token_quota_exceeded\"}",
                    "x-should-retry",
                    "false",
                    "retry-after",
                    "57")
                .providerForbids())
        .isTrue();
  }

  @Test
  void mistralsMinuteEndsWithTheClocksMinute() {
    assertThat(
            LimitHeaders.read(
                "mistral",
                TestHeaders.of(
                    "date",
                    "Sun, 06 Nov 1994 08:49:37 GMT",
                    "x-ratelimit-limit-req-minute",
                    "23",
                    "x-ratelimit-remaining-req-minute",
                    "0",
                    "x-ratelimit-limit-tokens-month",
                    "10000000000",
                    "x-ratelimit-remaining-tokens-month",
                    "9999999370"),
                NOW))
        .containsExactly(
            new LimitReading(Limit.RPM, 23, 0, 23_000, MINUTE, true),
            new LimitReading(
                Limit.TPD, 10_000_000_000L, 9_999_999_370L, LimitReading.UNKNOWN, 30 * DAY));
  }

  @Test
  void mistralsStreamsCarryNoLimitsAndSayNothingOfThem() {
    assertThat(
            LimitHeaders.read(
                "mistral",
                TestHeaders.of("content-type", "text/event-stream", "mistral-correlation-id", "x"),
                NOW))
        .isEmpty();
  }

  @Test
  void openRoutersHeadersAreInsideTheBody() {
    limited(
        judge(
            "openrouter",
            429,
            "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-min."
                + " \",\"code\":429,\"metadata\":{\"headers\":{\"X-RateLimit-Limit\":\"20\",\"X-RateLimit-Remaining\":\"0\",\"X-RateLimit-Reset\":\"1700000023000\"}}}}",
            "date",
            "Tue, 14 Nov 2023 22:13:20 GMT"),
        Limit.RPM,
        true,
        23_000);
  }

  @Test
  void azures86400SecondsAreNotSlept() {
    limited(
        judge(
            "azure-openai",
            429,
            "{\"error\":{\"code\":\"429\",\"message\":\"Requests to the ChatCompletions_Create"
                + " Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate"
                + " limit of your current OpenAI S0 pricing tier. Please retry after 86400"
                + " seconds.\"}}",
            "retry-after",
            "86400"),
        Limit.TPM,
        false,
        DAY);
  }

  @Test
  void togethers503IsItsOwnLackOfCapacityAnd429TheCallersRate() {
    limited(
        judge("together", 503, error("dynamic_request_limited", "", "Please slow down"), "x", "y"),
        Limit.CAPACITY,
        true,
        Classification.NO_HINT);
    limited(
        judge("together", 429, error("dynamic_request_limited", "", "Please slow down")),
        Limit.RPM,
        true,
        Classification.NO_HINT);
  }

  @Test
  void togethersResetIsAWaitAlsoWhenNobodySaysThatItIsTogether() {
    Classification judgement =
        judge(
            "auto",
            429,
            "{\"error\":{\"message\":\"x\",\"type\":\"dynamic_request_limited\"}}",
            "x-ratelimit-reset",
            "2");
    assertThat(judgement.limit()).isEqualTo(Limit.RPM);
    assertThat(judgement.waitMillis()).isEqualTo(2_000);
  }

  @Test
  void zhipusCodesAreBareNumbers() {
    record Case(String code, Limit limit, boolean retryable) {}
    for (Case line :
        new Case[] {
          new Case("1302", Limit.CONCURRENCY, true),
          new Case("1305", Limit.CAPACITY, true),
          new Case("1308", Limit.QUOTA, false),
          new Case("1310", Limit.QUOTA, false),
          new Case("1113", Limit.QUOTA, false)
        }) {
      for (String provider : new String[] {"zhipu", "auto"}) {
        limited(
            judge(provider, 429, "{\"error\":{\"code\":\"" + line.code + "\",\"message\":\"x\"}}"),
            line.limit,
            line.retryable,
            Classification.NO_HINT);
      }
    }
  }

  /** The constant is what the answer says; from the second 429 on the ladder outgrows it. */
  @Test
  void moonshotsConstantSecondIsAHintAndNoPrediction() {
    limited(
        judge(
            "moonshot",
            429,
            error(
                "rate_limit_reached_error",
                "",
                "Your account org-x<ak-y> request reached organization max RPM: 3, please try again"
                    + " after 1 seconds")),
        Limit.RPM,
        true,
        1_000);
    limited(
        judge(
            "moonshot",
            429,
            error(
                "rate_limit_reached_error",
                "",
                "Your account org-x<ak-y> request reached organization TPD rate limit, current:"
                    + " 1526210, limit: 1500000")),
        Limit.TPD,
        false,
        Classification.NO_HINT);
  }

  @Test
  void bedrockGivesNoHintAndItsTooManyTokensIsNoOverflow() {
    limited(
        judge(
            "bedrock",
            429,
            "{\"message\":\"Too many tokens, please wait before trying again.\"}",
            "x-amzn-ErrorType",
            "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/"),
        Limit.TPM,
        true,
        Classification.NO_HINT);
  }

  @Test
  void liteLlmForwardsTheUpstreamsHeadersUnderItsOwnPrefix() {
    Headers headers =
        TestHeaders.of(
            "llm_provider-x-ratelimit-limit-requests",
            "100",
            "llm_provider-x-ratelimit-remaining-requests",
            "0",
            "llm_provider-retry-after",
            "9");
    limited(judge("litellm-proxy", 429, "", headers), Limit.RPM, true, 9_000);
    assertThat(LimitHeaders.read("litellm-proxy", headers, NOW)).hasSize(1);
  }

  @Test
  void aLimitOfMinusOneOrZeroWithoutA429IsNoLimit() {
    for (String none : new String[] {"-1", "0"}) {
      for (String provider : new String[] {"openai", "azure-openai"}) {
        assertThat(
                LimitHeaders.read(
                    provider,
                    TestHeaders.of(
                        "x-ratelimit-limit-tokens",
                        none,
                        "x-ratelimit-remaining-tokens",
                        none,
                        "x-ratelimit-reset-tokens",
                        "0"),
                    NOW))
            .isEmpty();
      }
    }
  }
}
