package dev.paceline.provider.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LimitsInBodyTest {
  private static ProviderResponse says(String message) {
    String body =
        "{\"error\":{\"message\":\""
            + message
            + "\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}";
    return new ProviderResponse(429, Headers.NONE, body.getBytes(StandardCharsets.UTF_8), true);
  }

  @Test
  void theDaysRequestsAreReadWhereNoHeaderAnnouncesThem() {
    ProviderResponse answer =
        says(
            "Rate limit reached for m in organization org-fake on requests per day (RPD): Limit 50,"
                + " Used 50, Requested 1. Please try again in 28m48s.");
    assertThat(LimitsInBody.read(answer, Limit.RPD, 1))
        .isEqualTo(new LimitReading(Limit.RPD, 50, 0, 86_400_000, 86_400_000));
  }

  @Test
  void tokensAreBroughtIntoTheTermsOfOurEstimate() {
    ProviderResponse answer =
        says("on tokens per day (TPD): Limit 30000, Used 24000, Requested 12000. Please try again");
    assertThat(LimitsInBody.read(answer, Limit.TPD, 12_000))
        .isEqualTo(new LimitReading(Limit.TPD, 30_000, 6_000, 69_120_000, 86_400_000));
    assertThat(LimitsInBody.read(answer, Limit.TPD, 3_000))
        .as("half of one like it is left, whatever we thought it costs")
        .isEqualTo(new LimitReading(Limit.TPD, 30_000, 1_500, 82_080_000, 86_400_000));
  }

  @Test
  void ofRequestsAMinuteOnlyTheAmountIsKnown() {
    LimitReading three = new LimitReading(Limit.RPM, 3, -1, -1, 60_000);
    assertThat(
            LimitsInBody.read(
                says(
                    "Rate limit reached for m on requests per min (RPM): Limit 3, Used 3, Requested"
                        + " 1. Please try again in 20s."),
                Limit.RPM,
                1))
        .isEqualTo(three);
    assertThat(
            LimitsInBody.read(
                says("on requests per minute (RPM): Limit 3, Used 3, Requested 1."), Limit.RPM, 1))
        .isEqualTo(three);
    assertThat(
            LimitsInBody.read(
                says(
                    "You exceeded your current quota.\\n* Quota exceeded for metric:"
                        + " generativelanguage.example/generate_content_free_tier_requests, limit:"
                        + " 3\\nPlease retry in 56.1s."),
                Limit.RPM,
                1))
        .isEqualTo(three);
  }

  @Test
  void aFigureOfWhichNobodyKnowsWhoseItIsSaysNothing() {
    String metric = "* Quota exceeded for metric: generate_requests, limit: ";
    assertThat(LimitsInBody.read(says(metric + "3\\n" + metric + "50"), Limit.RPM, 1)).isNull();
    assertThat(LimitsInBody.read(says("on requests per second: Limit 3, Used 3"), Limit.RPM, 1))
        .isNull();
    assertThat(
            LimitsInBody.read(
                says("on tokens per min (TPM): Limit 3000, Used 3000, Requested 10"), Limit.RPM, 1))
        .isNull();
  }

  @Test
  void aRequestThatCanNeverFitAndAnAnswerWithoutFiguresSayNothing() {
    assertThat(
            LimitsInBody.read(
                says("(TPD): Limit 30000, Used 0, Requested 40000."), Limit.TPD, 10_000))
        .isNull();
    assertThat(LimitsInBody.read(says("Too many requests"), Limit.RPD, 1)).isNull();
    assertThat(LimitsInBody.read(says("Limit 5, Used 5, Requested 1"), Limit.CAPACITY, 1)).isNull();
    assertThat(
            LimitsInBody.read(
                new ProviderResponse(429, Headers.NONE, new byte[0], true), Limit.RPD, 1))
        .isNull();
  }

  @Test
  void anEchoOfTheRequestSaysNothing() {
    String body =
        "{\"error\":{\"message\":\"Too many\",\"input\":\"Limit 5, Used 5, Requested 1\"}}";
    ProviderResponse answer =
        new ProviderResponse(429, Headers.NONE, body.getBytes(StandardCharsets.UTF_8), true);
    assertThat(LimitsInBody.read(answer, Limit.RPD, 1)).isNull();
  }
}
