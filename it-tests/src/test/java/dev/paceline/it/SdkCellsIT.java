package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.Upstream.Seen;
import dev.paceline.it.app.anthropicjava.AnthropicJavaApp;
import dev.paceline.it.app.googlegenai.GoogleGenAiApp;
import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import dev.paceline.it.app.springai1.SpringAi1App;
import dev.paceline.it.app.springai2.SpringAi2App;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Unmodified SDKs against an upstream that refuses. The bounds are rule 6: an SDK whose retries
 * come through one OkHttp call or carry a retry count shares one allowance; a loop that sends new
 * requests gets one attempt for each.
 */
class SdkCellsIT {
  private static final String PAST = "Thu, 01 Jan 2015 00:00:00 GMT";
  private static final List<String> SCENARIOS =
      List.of("fine", "recover", "negative", "past", "always-429", "always-negative", "quota");
  private static final List<String> SCENARIOS_503 = List.of("always-503", "always-503-at-once");

  private static Upstream upstream;

  /**
   * An SDK.
   *
   * @param repeats new requests that the SDK sends for one call of the application, beyond the
   *     first, and that nothing on the wire tells from a new call
   * @param repeats503 the same after a 503
   */
  private record Sdk(
      String cell, Class<?> app, String provider, List<String> modes, int repeats, int repeats503) {

    Stream<String> runs(List<String> scenarios) {
      return scenarios.stream().flatMap(s -> modes.stream().map(mode -> s + "." + mode));
    }

    @Override
    public String toString() {
      return cell;
    }
  }

  private static final List<Sdk> SDKS =
      List.of(
          new Sdk(
              "openai-java",
              OpenAiJavaApp.class,
              "openai",
              List.of("sync", "async", "stream", "async-stream"),
              0,
              0),
          new Sdk(
              "anthropic-java",
              AnthropicJavaApp.class,
              "anthropic",
              List.of("sync", "async", "stream", "async-stream"),
              0,
              0),
          new Sdk(
              "google-genai",
              GoogleGenAiApp.class,
              "gemini",
              List.of("sync", "async", "stream"),
              0,
              0),
          // Two repeats of its own for sync calls; its streams are not repeated.
          new Sdk("langchain4j", LangChain4jApp.class, "openai", List.of("sync", "stream"), 2, 2),
          // Spring takes a 429 for final and repeats a 503 nine times.
          new Sdk("spring-ai-1", SpringAi1App.class, "openai", List.of("sync", "stream"), 0, 9),
          new Sdk("spring-ai-2", SpringAi2App.class, "openai", List.of("sync", "stream"), 0, 0));

  static Stream<Arguments> cells() {
    return SDKS.stream().flatMap(sdk -> Jdk.cells().mapToObj(jdk -> Arguments.of(sdk, jdk)));
  }

  @BeforeAll
  static void start() {
    upstream = Upstream.start();
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("cells")
  void theApplicationGetsItsAnswerAndTheProviderFewAttempts(Sdk sdk, int jdk) {
    scripts(sdk.provider());
    upstream.forget();
    Ended ended =
        AgentJvm.run(sdk.app())
            .withJdk(jdk)
            .with(sdk.cell())
            .against(upstream, sdk.provider())
            .withShortWaits()
            .withQuickStart()
            .withArguments(sdk.runs(SCENARIOS).toList())
            .withArguments(sdk.runs(SCENARIOS_503).toList())
            .await()
            .exitedWith(0);

    Checks checks = new Checks();
    for (String mode : sdk.modes()) {
      checks.check("fine." + mode, () -> fine(ended, mode));
      for (String scenario : List.of("recover", "negative", "past")) {
        String run = scenario + "." + mode;
        checks.check(run, () -> recovered(ended, run));
      }
      for (String scenario : List.of("always-429", "always-negative")) {
        String run = scenario + "." + mode;
        checks.check(run, () -> refused(ended, run, 2, 6 + sdk.repeats()));
      }
      String quota = "quota." + mode;
      checks.check(quota, () -> refused(ended, quota, 1, 1 + sdk.repeats()));
      for (String scenario : SCENARIOS_503) {
        String run = scenario + "." + mode;
        checks.check(run, () -> refused(ended, run, 2, 6 + sdk.repeats503()));
      }
    }
    checks.allHold(ended);
  }

  /** The test above could not fail if the SDK did not crash here by itself. */
  @Test
  void withoutTheAgentOpenAiJavaDiesOfANegativeRetryAfter() {
    scripts("openai");
    upstream.forget();
    Ended ended =
        AgentJvm.run(OpenAiJavaApp.class)
            .withoutAgent()
            .with("openai-java")
            .against(upstream)
            .withQuickStart()
            .withArguments("negative.sync", "past.async", "always-429.sync")
            .await()
            .exitedWith(0);

    assertThat(ended.outcome("negative.sync").failed().error())
        .isEqualTo("java.lang.IllegalArgumentException");
    ended.outcome("past.async").failed();
    upstream.saw(3, "always-429.sync");
  }

  private static void fine(Ended ended, String mode) {
    assertThat(ended.outcome("fine." + mode).succeeded().text()).isEqualTo(Answer.TEXT);
    upstream.saw(1, "fine." + mode);
  }

  private static void recovered(Ended ended, String run) {
    assertThat(ended.outcome(run).succeeded().text()).isEqualTo(Answer.TEXT);
    upstream.saw(2, run);
    List<Seen> attempts = upstream.seen(run);
    assertThat(attempts.get(1).body()).isEqualTo(attempts.get(0).body());
    assertThat(attempts.get(1).headers()).isEqualTo(attempts.get(0).headers());
    if (run.startsWith("recover.")) {
      assertThat(attempts.get(1).arrived() - attempts.get(0).arrived())
          .as("the wait that the provider asked for")
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
    }
  }

  private static void refused(Ended ended, String run, int atLeast, int atMost) {
    Ended.Outcome outcome = ended.outcome(run).failed();
    assertThat(upstream.seen(run)).as(outcome.toString()).hasSizeBetween(atLeast, atMost);
    assertThat(outcome.error() + outcome.causes())
        .as("the failure that the SDK has for this answer")
        .doesNotContain("IllegalArgumentException")
        .doesNotContain("dev.paceline");
    assertThat(outcome.error() + outcome.message() + outcome.causes())
        .containsAnyOf("429", "503", "RateLimit", "quota", "refused");
  }

  private static void scripts(String provider) {
    Answer limited = limited(provider);
    Answer hinted =
        switch (provider) {
          case "openai" -> limited.header("retry-after-ms", "200");
          case "gemini" ->
              Answer.status(429)
                  .saying(
                      "{\"error\":{\"code\":429,\"message\":\"Resource has been exhausted\","
                          + "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
                          + "\"type.googleapis.com/google.rpc.RetryInfo\","
                          + "\"retryDelay\":\"0.2s\"}]}}");
          default -> limited.header("retry-after", "0.2");
        };
    Answer overloaded = Answer.status(503).saying("{\"error\":{\"message\":\"refused\"}}");
    upstream
        .script("fine", Answer.ok())
        .script("recover", hinted, Answer.ok())
        .script("negative", limited.header("Retry-After", "-1"), Answer.ok())
        .script("past", limited.header("Retry-After", PAST), Answer.ok())
        .script("always-429", limited)
        .script("always-negative", limited.header("Retry-After", "-1"))
        .script("quota", quota(provider))
        .script("always-503", overloaded)
        .script("always-503-at-once", overloaded.header("Retry-After", "0"));
  }

  private static Answer limited(String provider) {
    return switch (provider) {
      case "anthropic" ->
          Answer.status(429)
              .saying(
                  "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":"
                      + "\"This request would exceed your organization's rate limit\"}}");
      case "gemini" ->
          Answer.status(429)
              .saying(
                  "{\"error\":{\"code\":429,\"message\":\"Resource has been exhausted\","
                      + "\"status\":\"RESOURCE_EXHAUSTED\"}}");
      default -> Answer.rateLimited();
    };
  }

  /** What waiting cannot cure, in the provider's words. */
  private static Answer quota(String provider) {
    return switch (provider) {
      case "anthropic" ->
          Answer.status(400)
              .saying(
                  "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
                      + "\"Your credit balance is too low to access the Anthropic API: quota\"}}");
      case "gemini" ->
          Answer.status(429)
              .saying(
                  "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota, please"
                      + " check your plan and billing details.\",\"status\":\"RESOURCE_EXHAUSTED\","
                      + "\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\","
                      + "\"violations\":[{\"quotaMetric\":\"generativelanguage.googleapis.com/"
                      + "generate_content_free_tier_requests\",\"quotaId\":"
                      + "\"GenerateRequestsPerDayPerProjectPerModel-FreeTier\","
                      + "\"quotaValue\":\"50\"}]}]}}");
      default -> Answer.insufficientQuota();
    };
  }
}
