package dev.paceline.provider.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.TestHeaders;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitHeadersTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long MINUTE = 60_000;
  private static final long DAY = 86_400_000;

  private static List<LimitReading> read(String provider, String... headers) {
    return LimitHeaders.read(provider, TestHeaders.of(headers), NOW);
  }

  @Test
  void openAiOfAMinute() {
    assertThat(
            read(
                "openai",
                "x-ratelimit-limit-requests",
                "5000",
                "x-ratelimit-remaining-requests",
                "4999",
                "x-ratelimit-reset-requests",
                "12ms",
                "x-ratelimit-limit-tokens",
                "160000",
                "x-ratelimit-remaining-tokens",
                "159974",
                "x-ratelimit-reset-tokens",
                "9ms"))
        .containsExactly(
            new LimitReading(Limit.RPM, 5000, 4999, 12, MINUTE),
            new LimitReading(Limit.TPM, 160000, 159974, 9, MINUTE));
  }

  @Test
  void openAisRequestsMayBeOfADay() {
    assertThat(
            read(
                "openai",
                "x-ratelimit-limit-requests",
                "200",
                "x-ratelimit-remaining-requests",
                "197",
                "x-ratelimit-reset-requests",
                "20m52.666s"))
        .containsExactly(new LimitReading(Limit.RPD, 200, 197, 1_252_666, DAY));
    assertThat(
            read(
                "openai",
                "x-ratelimit-limit-requests",
                "10000",
                "x-ratelimit-remaining-requests",
                "9999",
                "x-ratelimit-reset-requests",
                "8.64s"))
        .containsExactly(new LimitReading(Limit.RPD, 10000, 9999, 8_640, DAY));
  }

  @Test
  void groqsRequestsAreAlwaysOfADay() {
    assertThat(
            read(
                "groq",
                "x-ratelimit-limit-requests",
                "14400",
                "x-ratelimit-remaining-requests",
                "14400",
                "x-ratelimit-reset-requests",
                "0s"))
        .containsExactly(new LimitReading(Limit.RPD, 14400, 14400, 0, DAY));
  }

  @Test
  void azuresResetsAreMillisecondsOrSeconds() {
    String[] names = {
      "x-ratelimit-limit-requests",
      "x-ratelimit-remaining-requests",
      "x-ratelimit-reset-requests",
      "x-ratelimit-renewalperiod-requests"
    };
    assertThat(
            read("azure-openai", names[0], "120", names[1], "119", names[2], "500", names[3], "60"))
        .containsExactly(new LimitReading(Limit.RPM, 120, 119, 500, MINUTE));
    assertThat(read("azure-openai", names[0], "50", names[1], "49", names[2], "1", names[3], "60"))
        .containsExactly(new LimitReading(Limit.RPM, 50, 49, 1_000, MINUTE));
    assertThat(read("azure-openai", "x-ratelimit-remaining-tokens", "100"))
        .containsExactly(new LimitReading(Limit.TPM, -1, 100, -1, MINUTE));
  }

  @Test
  void minusOneAndZeroAreNoLimits() {
    assertThat(
            read(
                "azure-openai",
                "x-ratelimit-limit-tokens",
                "-1",
                "x-ratelimit-remaining-tokens",
                "-1",
                "x-ratelimit-reset-tokens",
                "0"))
        .isEmpty();
    assertThat(
            read(
                "openai", "x-ratelimit-limit-requests", "0", "x-ratelimit-remaining-requests", "0"))
        .isEmpty();
  }

  /** What such a limit leaves is no figure either: the next call got a 429 of the agent's own. */
  @ParameterizedTest
  @ValueSource(strings = {"-5", "-1", " -1 ", "-0.5", "0", "0.0", "0.4"})
  void aLimitBelowOneIsNoLimit(String limit) {
    assertThat(
            read("openai", "x-ratelimit-limit-tokens", limit, "x-ratelimit-remaining-tokens", "0"))
        .isEmpty();
    assertThat(read("anthropic", requestsOfAnthropic(limit, "100"))).isEmpty();
    assertThat(read("openai", "x-ratelimit-limit", limit, "x-ratelimit-remaining", "0")).isEmpty();
    assertThat(read("openai", "X-TPM-Limit-Max", limit, "X-TPM-Limit-Remaining", "0")).isEmpty();
    assertThat(read("openai", "RateLimit-Limit", limit, "RateLimit-Remaining", "0")).isEmpty();
    assertThat(read("openai", "RateLimit", "limit=" + limit + ", remaining=0, reset=30")).isEmpty();
    assertThat(
            read("openai", "RateLimit", "\"m\";r=0;t=30", "RateLimit-Policy", "\"m\";q=" + limit))
        .isEmpty();
  }

  private static String[] requestsOfAnthropic(String limit, String remaining) {
    return new String[] {
      "anthropic-ratelimit-requests-limit", limit,
      "anthropic-ratelimit-requests-remaining", remaining
    };
  }

  @Test
  void anthropicsResetsAreMomentsOfItsOwnClock() {
    assertThat(
            read(
                "anthropic",
                "date",
                "Sat, 15 Mar 2025 12:57:58 GMT",
                "anthropic-ratelimit-input-tokens-limit",
                "200000",
                "anthropic-ratelimit-input-tokens-remaining",
                "126000",
                "anthropic-ratelimit-input-tokens-reset",
                "2025-03-15T12:58:20Z",
                "anthropic-ratelimit-output-tokens-limit",
                "80000",
                "anthropic-ratelimit-output-tokens-remaining",
                "80000",
                "anthropic-ratelimit-output-tokens-reset",
                "2025-03-15T12:57:50Z",
                "anthropic-ratelimit-unified-5h-utilization",
                "0.3",
                "retry-after",
                "39"))
        .containsExactly(
            new LimitReading(Limit.ITPM, 200000, 126000, 22_000, MINUTE),
            new LimitReading(Limit.OTPM, 80000, 80000, 0, MINUTE));
  }

  @Test
  void windowsInNamesAreRead() {
    assertThat(
            read(
                "mistral",
                "x-ratelimit-limit-req-minute",
                "100",
                "x-ratelimit-remaining-req-minute",
                "94",
                "x-ratelimit-limit-req-10-second",
                "60",
                "x-ratelimit-remaining-req-10-second",
                "59",
                "x-ratelimit-limit-tokens-month",
                "10000000000",
                "x-ratelimit-remaining-tokens-month",
                "9999999370",
                "x-ratelimit-limit-ocr-pages-minute",
                "1250",
                "x-ratelimit-remaining-ocr-pages-minute",
                "1248",
                "x-ratelimit-tokens-query-cost",
                "60"))
        .containsExactly(
            new LimitReading(Limit.RPM, 100, 94, 40_000, MINUTE, true),
            new LimitReading(Limit.RPM, 60, 59, -1, 10_000),
            new LimitReading(Limit.TPD, 10_000_000_000L, 9_999_999_370L, -1, 30 * DAY),
            new LimitReading(Limit.UNKNOWN, 1250, 1248, 40_000, MINUTE, true));
    assertThat(
            read(
                "cerebras",
                "x-ratelimit-limit-requests-day",
                "2400",
                "x-ratelimit-remaining-requests-day",
                "2399",
                "x-ratelimit-reset-requests-day",
                "33011.3"))
        .containsExactly(new LimitReading(Limit.RPD, 2400, 2399, 33_011_300, DAY));
  }

  @Test
  void gatewaysAreRead() {
    assertThat(
            read("generic", "X-RateLimit-Limit-Minute", "5", "X-RateLimit-Remaining-Minute", "4"))
        .containsExactly(new LimitReading(Limit.RPM, 5, 4, -1, MINUTE));
    assertThat(
            read(
                "generic",
                "x-ratelimit-limit",
                "10, 10;w=60",
                "x-ratelimit-remaining",
                "9",
                "x-ratelimit-reset",
                "33"))
        .containsExactly(new LimitReading(Limit.RPM, 10, 9, 33_000, MINUTE));
    assertThat(
            read(
                "huggingface",
                "RateLimit-Policy",
                "\"fixed window\";\"api\";q=1000;w=300",
                "RateLimit",
                "\"api\";r=999;t=295"))
        .containsExactly(new LimitReading(Limit.RPM, 1000, 999, 295_000, 300_000));
    assertThat(read("generic", "remaining-tokens", "77"))
        .containsExactly(new LimitReading(Limit.TPM, -1, 77, -1, MINUTE));
    assertThat(
            read(
                "litellm",
                "llm_provider-x-ratelimit-limit-tokens",
                "100",
                "llm_provider-x-ratelimit-remaining-tokens",
                "60"))
        .containsExactly(new LimitReading(Limit.TPM, 100, 60, -1, MINUTE));
    assertThat(
            read(
                "litellm",
                "x-ratelimit-limit-tokens",
                "50",
                "llm_provider-x-ratelimit-limit-tokens",
                "100"))
        .containsExactly(new LimitReading(Limit.TPM, 50, -1, -1, MINUTE));
  }

  @Test
  void togethersSuggestedWaitIsNotTheTimeUntilFull() {
    assertThat(
            read(
                "together",
                "x-ratelimit-limit",
                "2",
                "x-ratelimit-remaining",
                "1",
                "x-ratelimit-reset",
                "2"))
        .containsExactly(new LimitReading(Limit.RPM, 2, 1, -1, -1));
  }

  @Test
  void aProvisionedDeploymentsUtilisationIsALimitOfItsOwn() {
    for (String[] line :
        new String[][] {{"89.3%", "107"}, {"0%", "1000"}, {"100%", "0"}, {"104.7 %", "0"}}) {
      assertThat(read("azure-openai", "azure-openai-deployment-utilization", line[0]))
          .as(line[0])
          .containsExactly(
              new LimitReading(
                  Limit.CAPACITY, LimitReading.WHOLE_DEPLOYMENT, Long.parseLong(line[1]), -1, -1));
    }
    assertThat(read("azure-openai", "azure-openai-deployment-utilization", "-")).isEmpty();
  }

  @Test
  void anthropicsPriorityTierIsBesideTheUsualLimits() {
    assertThat(
            read(
                "anthropic",
                "date",
                "Sat, 15 Mar 2025 12:57:58 GMT",
                "anthropic-priority-input-tokens-limit",
                "10000",
                "anthropic-priority-input-tokens-remaining",
                "0",
                "anthropic-priority-input-tokens-reset",
                "2025-03-15T12:58:20Z",
                "anthropic-ratelimit-input-tokens-limit",
                "200000",
                "anthropic-ratelimit-input-tokens-remaining",
                "126000",
                "anthropic-ratelimit-input-tokens-reset",
                "2025-03-15T12:58:20Z"))
        .containsExactly(
            new LimitReading(Limit.UNKNOWN, 10_000, 0, 22_000, MINUTE),
            new LimitReading(Limit.ITPM, 200_000, 126_000, 22_000, MINUTE));
  }

  @Test
  void garbageIsNoReading() {
    assertThat(
            read(
                "openai",
                "x-ratelimit-limit-requests",
                "many",
                "x-ratelimit-remaining-requests",
                "NaN"))
        .isEmpty();
    assertThat(LimitHeaders.read("openai", Headers.NONE, NOW)).isEmpty();
  }

  @Test
  void anthropicsRequestsAreWholeAgainAsOfTheRequestNotOfItsAnswer() {
    List<LimitReading> readings =
        LimitHeaders.read(
            "anthropic",
            TestHeaders.of(
                "date",
                "Tue, 14 Nov 2023 22:13:32 GMT",
                "anthropic-ratelimit-requests-limit",
                "4000",
                "anthropic-ratelimit-requests-remaining",
                "3000",
                "anthropic-ratelimit-requests-reset",
                "2023-11-14T22:13:35Z",
                "anthropic-ratelimit-output-tokens-limit",
                "80000",
                "anthropic-ratelimit-output-tokens-remaining",
                "76000",
                "anthropic-ratelimit-output-tokens-reset",
                "2023-11-14T22:13:35Z"),
            NOW,
            12_000);

    // A quarter used of what a minute grants: 15 s from when it was sent, 12 s before its date.
    assertThat(readings)
        .containsExactly(
            new LimitReading(Limit.RPM, 4_000, 3_000, 15_000, MINUTE),
            new LimitReading(Limit.OTPM, 80_000, 76_000, 3_000, MINUTE));
  }

  /**
   * In a JVM that has just begun the first answers are read seconds after their date: taken off
   * that date, the time on the way made 63 s of a minute. And a moment cut to a second, less one
   * that is not, is as exact as the former: a bucket's 59.1 s were taken for a fixed window's, and
   * 175 calls waited for its end.
   */
  @Test
  void neitherALateReadingNorAFractionMovesAnthropicsMoment() {
    for (long onTheWay : new long[] {3_000, 2_950, 2_500, 2_001}) {
      List<LimitReading> readings =
          LimitHeaders.read(
              "anthropic",
              TestHeaders.of(
                  "date",
                  "Tue, 14 Nov 2023 22:13:18 GMT",
                  "anthropic-ratelimit-requests-limit",
                  "750",
                  "anthropic-ratelimit-requests-remaining",
                  "0",
                  "anthropic-ratelimit-requests-reset",
                  "2023-11-14T22:14:17Z"),
              NOW,
              onTheWay);

      // Sent within the second 22:13:17, read at 22:13:20.
      assertThat(readings)
          .as("%s ms on the way", onTheWay)
          .containsExactly(new LimitReading(Limit.RPM, 750, 0, 60_000, MINUTE));
    }
  }
}
