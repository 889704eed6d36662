package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What a line of a resource cannot hold: packed, huge, binary and hostile bodies. */
class ClassifierTest {
  private static final Classifier CLASSIFIER = new Classifier();
  private static final String TPM =
      "{\"error\":{\"message\":\"Rate limit reached for m on tokens per min (TPM): Limit 90, Used"
          + " 80, Requested 20. Please try again in"
          + " 4s.\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static Classification judge(
      String provider, int status, byte[] body, boolean complete, String... headers) {
    return CLASSIFIER.judge(
        provider, new ProviderResponse(status, TestHeaders.of(headers), body, complete), 0);
  }

  @Test
  void aPackedBodyIsRead() throws IOException {
    byte[] packed = gzip(bytes(TPM));
    assertThat(judge("openai", 429, packed, true, "content-encoding", "gzip").limit())
        .isEqualTo(Limit.TPM);
    assertThat(judge("openai", 429, Arrays.copyOf(packed, packed.length - 9), true).limit())
        .isEqualTo(Limit.TPM);
  }

  @Test
  void aPackedBombStaysBounded() throws IOException {
    byte[] bomb = gzip(new byte[64 * 1024 * 1024]);
    Classification judgement =
        judge("openai", 429, Arrays.copyOf(bomb, Math.min(bomb.length, 65_536)), true);
    assertThat(judgement.kind()).isEqualTo(Kind.LIMITED);
  }

  @Test
  void aBodyLongerThanTheWindowIsJudgedByStatusAndHeaders() {
    byte[] window = Arrays.copyOf(bytes(TPM + " ".repeat(70_000)), 65_536);
    Classification judgement = judge("openai", 429, window, false, "retry-after", "2");
    assertThat(judgement.limit()).isEqualTo(Limit.UNKNOWN);
    assertThat(judgement.waitMillis()).isEqualTo(2_000);
  }

  @Test
  void deepNestingDoesNotOverflow() {
    assertThat(judge("openai", 429, bytes("[".repeat(60_000)), true).kind())
        .isEqualTo(Kind.LIMITED);
    assertThat(judge("openai", 429, bytes("{\"error\":".repeat(8_000)), true).kind())
        .isEqualTo(Kind.LIMITED);
    assertThat(
            judge("openai", 429, bytes("{\"message\":\"" + "{'a':".repeat(10_000) + "\"}"), true)
                .kind())
        .isEqualTo(Kind.LIMITED);
  }

  @Test
  void aHostileHeaderMapOnlyCostsTheBody() {
    Headers broken =
        new Headers() {
          @Override
          public String first(String name) {
            throw new IllegalStateException("broken");
          }

          @Override
          public java.util.Map<String, java.util.List<String>> all() {
            throw new IllegalStateException("broken");
          }
        };
    assertThat(CLASSIFIER.judge("openai", new ProviderResponse(429, broken, bytes(TPM), true), 0))
        .isEqualTo(
            new Classification(
                Kind.LIMITED, Limit.UNKNOWN, true, Classification.NO_HINT, false, "status 429"));
    assertThat(
            CLASSIFIER
                .judge("openai", new ProviderResponse(500, broken, new byte[0], true), 0)
                .kind())
        .isEqualTo(Kind.PERHAPS_PROCESSED);
  }

  @Test
  void redirectsAndSuccessesAreServed() {
    for (int status : new int[] {100, 101, 200, 204, 301, 304}) {
      assertThat(judge("openai", status, new byte[0], true).kind()).isEqualTo(Kind.SERVED);
    }
  }

  @Test
  void anAwsExceptionFrameIsAnError() {
    byte[] name = bytes("throttlingException");
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {0, 0, 0, 120, 0, 0, 0, 60, 1, 2, 3, 4, 15});
    frame.writeBytes(bytes(":exception-type"));
    frame.writeBytes(new byte[] {7, 0, (byte) name.length});
    frame.writeBytes(name);
    frame.writeBytes(
        bytes(
            "\r"
                + ":content-type\u0007\u0000\u0010application/json{\"message\":\"Too many tokens,"
                + " please wait before trying again.\"}"));
    Classification judgement =
        judge(
            "bedrock",
            200,
            frame.toByteArray(),
            false,
            "content-type",
            "application/vnd.amazon.eventstream");
    assertThat(judgement.kind()).isEqualTo(Kind.LIMITED);
    assertThat(judgement.limit()).isEqualTo(Limit.TPM);
  }

  @Test
  void xShouldRetryFalseIsMeantExceptByAFullQueue() {
    assertThat(
            judge("anthropic", 429, bytes(TPM), true, "x-should-retry", "false").providerForbids())
        .isTrue();
    assertThat(
            judge(
                    "cerebras",
                    429,
                    bytes("{\"code\":\"queue_exceeded\"}"),
                    true,
                    "x-should-retry",
                    "false")
                .providerForbids())
        .isFalse();
    assertThat(
            judge(
                    "cerebras",
                    429,
                    bytes("{\"code\":\"token_quota_exceeded\"}"),
                    true,
                    "x-should-retry",
                    "false")
                .providerForbids())
        .isTrue();
    assertThat(
            judge("anthropic", 429, bytes(TPM), true, "x-should-retry", "true").providerForbids())
        .isFalse();
  }

  @Test
  void theReasonHoldsNothingOfTheBody() {
    assertThat(judge("openai", 429, bytes(TPM.replace("for m", "for secret-model")), true).why())
        .doesNotContain("secret");
  }

  @Test
  void onlyAShortJsonAnswerOfADialectThatHidesErrorsIsReadAhead() {
    for (String provider : new String[] {"minimax", "openrouter", "qianfan"}) {
      assertThat(CLASSIFIER.mayHideError(provider, 200, "application/json", 74)).isTrue();
      assertThat(CLASSIFIER.mayHideError(provider, 200, "Application/JSON; charset=utf-8", 2_048))
          .isTrue();
      assertThat(CLASSIFIER.mayHideError(provider, 200, "application/json", 2_049)).isFalse();
      assertThat(CLASSIFIER.mayHideError(provider, 200, "application/json", 0)).isFalse();
      assertThat(CLASSIFIER.mayHideError(provider, 200, "application/json", -1))
          .as("a chunked body")
          .isFalse();
      assertThat(CLASSIFIER.mayHideError(provider, 200, "text/event-stream", 74)).isFalse();
      assertThat(CLASSIFIER.mayHideError(provider, 304, "application/json", 74)).isFalse();
    }
    for (String provider : new String[] {"openai", "anthropic", "generic", "auto", "", "nobody"}) {
      assertThat(CLASSIFIER.mayHideError(provider, 200, "application/json", 74))
          .as(provider)
          .isFalse();
    }
  }

  @Test
  void a429OfAProvisionedDeploymentIsDeliveredUnlessARuleSaysOtherwise() {
    String body =
        "{\"error\":{\"code\":\"429\",\"message\":\"Requests have exceeded token rate limit. Please"
            + " retry after 1 seconds.\"}}";
    ProviderResponse answer =
        new ProviderResponse(
            429,
            TestHeaders.of("azure-openai-deployment-utilization", "101.3%", "retry-after-ms", "43"),
            bytes(body),
            true);
    Classification delivered = CLASSIFIER.judge("azure-openai", answer, 0);
    assertThat(delivered.kind()).isEqualTo(Kind.LIMITED);
    assertThat(delivered.limit()).isEqualTo(Limit.CAPACITY);
    assertThat(delivered.providerForbids()).isTrue();
    Classification waitedFor = CLASSIFIER.judge("azure-openai", answer, 0, true);
    assertThat(waitedFor.providerForbids()).isFalse();
    assertThat(waitedFor.limit()).as("a limit of its own").isEqualTo(Limit.CAPACITY);
    assertThat(waitedFor.waitMillis()).as("the larger of two").isEqualTo(1_000);
    assertThat(judge("azure-openai", 429, bytes(body), true).providerForbids())
        .as("pay as you go")
        .isFalse();
  }

  /** Ten times as long as a body of 64 KiB may take, since other things run on this machine. */
  @Test
  void theWorstBodiesAreJudgedInMilliseconds() {
    for (String shape :
        new String[] {
          "messages",
          "nested",
          "violations",
          "codes",
          "long-message",
          "chinese",
          "pasted",
          "page",
          "durations",
          "events"
        }) {
      ProviderResponse answer =
          new ProviderResponse(429, TestHeaders.of(), ClassifierBenchmark.body(shape), true);
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 200 && best > 1_000_000; i++) {
        long begin = System.nanoTime();
        CLASSIFIER.judge("auto", answer, 0);
        best = Math.min(best, System.nanoTime() - begin);
      }
      assertThat(best).as(shape).isLessThan(10_000_000);
    }
  }
}
