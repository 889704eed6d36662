package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The strings that status pages list as signatures of limits, in every shape of body, from every
 * provider and from nobody in particular.
 */
class KnownStringsTest {
  private static final Classifier CLASSIFIER = new Classifier();

  private static final List<String> AROUND_A_MESSAGE =
      List.of(
          "{\"error\":{\"message\":\"%s\",\"type\":\"x\",\"param\":null,\"code\":null}}",
          "{\"error\":\"%s\"}",
          "{\"message\":\"%s\"}",
          "{\"detail\":\"%s\"}",
          "{\"object\":\"error\",\"message\":\"%s\",\"type\":\"x\",\"code\":429}",
          "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":429}",
          "{\"type\":\"https://e.example/p\",\"title\":\"Refused\",\"status\":429,\"detail\":\"%s\"}",
          "[{\"error\":{\"code\":429,\"message\":\"%s\"}}]",
          "{\"success\":false,\"errors\":[{\"code\":1,\"message\":\"%s\"}]}",
          "{\"error\":{\"message\":\"litellm.RateLimitError: XException - {'error': {'message':"
              + " '%s', 'type': 'x'}}\"}}",
          "%s");

  private static final List<String> AROUND_A_CODE =
      List.of(
          "{\"error\":{\"message\":\"no\",\"type\":\"x\",\"code\":\"%s\"}}",
          "{\"error\":{\"message\":\"no\",\"type\":\"%s\",\"code\":null}}",
          "{\"message\":\"no\",\"code\":\"%s\"}",
          "{\"error\":\"%s\"}",
          "[{\"error\":{\"code\":\"%s\",\"message\":\"no\"}}]");

  private static List<String> everybody() {
    List<String> names = new ArrayList<>(Providers.all().stream().map(Provider::id).toList());
    names.add("");
    names.add("auto");
    return names;
  }

  private static Classification judge(String provider, int status, String body) {
    Headers type =
        TestHeaders.of(
            "content-type", body.contains("\"title\"") ? "application/problem+json" : "text/plain");
    return CLASSIFIER.judge(
        provider,
        new ProviderResponse(status, type, body.getBytes(StandardCharsets.UTF_8), true),
        0);
  }

  /** The limits that a text without figures may be taken for. */
  private static final Set<Limit> ANY_RATE =
      EnumSet.of(Limit.UNKNOWN, Limit.RPM, Limit.TPM, Limit.CONCURRENCY, Limit.CAPACITY);

  @Test
  void messagesOfALimitAreOneWhoeverSendsThem() {
    for (String provider : everybody()) {
      for (String around : AROUND_A_MESSAGE) {
        for (String text :
            List.of(
                "429 Too Many Requests",
                "Rate limit reached",
                "Rate limit exceeded",
                "Too many requests",
                "RPM limit exceeded",
                "TPM limit exceeded",
                "Please try again later")) {
          Classification judgement = judge(provider, 429, around.formatted(text));
          String as = provider + ": " + around.formatted(text);
          assertThat(judgement.kind()).as(as).isEqualTo(Kind.LIMITED);
          assertThat(judgement.retryable()).as(as).isTrue();
          assertThat(judgement.limit())
              .as(as)
              .isIn(
                  text.startsWith("RPM")
                      ? EnumSet.of(Limit.RPM)
                      : text.startsWith("TPM") ? EnumSet.of(Limit.TPM) : ANY_RATE);
        }
      }
    }
  }

  /** What a proxy wraps in a status of its own was a limit all the same. */
  @ParameterizedTest
  @CsvSource({
    "429 Too Many Requests",
    "Rate limit reached",
    "Rate limit exceeded",
    "Too many requests",
    "RPM limit exceeded",
    "TPM limit exceeded"
  })
  void messagesOfALimitAreOneUnderOtherStatusesAndInStreams(String text) {
    String body = AROUND_A_MESSAGE.get(0).formatted(text);
    for (String provider : everybody()) {
      for (int status : new int[] {403, 503}) {
        assertThat(judge(provider, status, body).kind())
            .as(provider + " " + status)
            .isEqualTo(Kind.LIMITED);
      }
      for (int status : new int[] {500, 502, 504, 520}) {
        assertThat(judge(provider, status, body).kind())
            .as(provider + " " + status + ", whatever its text says")
            .isEqualTo(Kind.PERHAPS_PROCESSED);
      }
      String event = "event: error\ndata: " + body + "\n\n";
      Classification judgement =
          CLASSIFIER.judge(
              provider,
              new ProviderResponse(
                  200,
                  TestHeaders.of("content-type", "text/event-stream"),
                  event.getBytes(StandardCharsets.UTF_8),
                  true),
              0);
      assertThat(judgement.kind()).as(provider + " in a stream").isEqualTo(Kind.LIMITED);
    }
  }

  /** Google says so of every minute; DashScope's code means tokens of a minute. */
  @Test
  void aQuotaThatIsUsedUpIsOneWhoeverSaysSo() {
    for (String provider : everybody()) {
      boolean google = provider.equals("gemini") || provider.equals("vertex-ai");
      for (String around : AROUND_A_MESSAGE) {
        String body = around.formatted("You exceeded your current quota");
        Classification judgement = judge(provider, 429, body);
        assertThat(judgement.kind()).as(provider + body).isEqualTo(Kind.LIMITED);
        if (!google) {
          assertThat(judgement.limit()).as(provider + body).isEqualTo(Limit.QUOTA);
          assertThat(judgement.retryable()).as(provider + body).isFalse();
        }
      }
      for (String around : AROUND_A_CODE) {
        for (String code : List.of("insufficient_quota", "quota_exceeded")) {
          Classification judgement = judge(provider, 429, around.formatted(code));
          boolean dashscope = provider.equals("dashscope") && code.startsWith("insufficient");
          assertThat(judgement.limit())
              .as(provider + around.formatted(code))
              .isEqualTo(dashscope ? Limit.TPM : Limit.QUOTA);
          assertThat(judgement.retryable())
              .as(provider + around.formatted(code))
              .isEqualTo(dashscope);
        }
      }
    }
  }

  @Test
  void aRequestBeyondTheContextIsTooLargeWhoeverSaysSo() {
    List<String> bodies = new ArrayList<>();
    for (String code :
        List.of(
            "context_length_exceeded",
            "string_above_max_length",
            "too_many_prompt_tokens",
            "TOO_MANY_TOKENS",
            "request_too_large",
            "context_window_exceeded",
            "model_context_window_exceeded",
            "exceed_context_size_error")) {
      bodies.add(AROUND_A_CODE.get(0).formatted(code));
      bodies.add(AROUND_A_CODE.get(1).formatted(code));
      bodies.add(AROUND_A_CODE.get(2).formatted(code));
    }
    for (String message :
        List.of(
            "prompt is too long: 250000 tokens > 200000 maximum",
            "This model's maximum context length is 8192 tokens. However, you requested 9000"
                + " tokens",
            "The input token count (1048600) exceeds the maximum number of tokens allowed"
                + " (1048576)",
            "Input is too long for requested model.",
            "Please reduce the length of the messages or completion.",
            "the request exceeds the available context size",
            "prompt too long; exceeded max context length by 5 tokens")) {
      bodies.add(AROUND_A_MESSAGE.get(0).formatted(message));
      bodies.add(AROUND_A_MESSAGE.get(1).formatted(message));
      bodies.add(AROUND_A_MESSAGE.get(2).formatted(message));
    }
    for (String provider : everybody()) {
      for (String body : bodies) {
        Classification judgement = judge(provider, 400, body);
        assertThat(judgement.kind()).as(provider + body).isEqualTo(Kind.TOO_LARGE);
        assertThat(judgement.retryable()).as(provider + body).isFalse();
      }
    }
  }
}
