package dev.paceline.provider.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.Samples;
import dev.paceline.provider.TestHeaders;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class StreamErrorsTest {
  private static final Headers SSE = TestHeaders.of("content-type", "text/event-stream");
  private static final String CHUNK =
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Feeds in pieces of this size. */
  private static @Nullable Classification watch(
      String provider, Headers headers, byte[] body, int piece) {
    StreamErrors errors = StreamErrors.of(provider, headers);
    assertThat(errors).isNotNull();
    for (int at = 0; at < body.length; at += piece) {
      Classification judgement = errors.feed(body, at, Math.min(piece, body.length - at), 0);
      if (judgement != null) {
        assertThat(errors.feed(body, 0, body.length, 0)).as("only once").isNull();
        return judgement;
      }
    }
    return errors.end(0);
  }

  private static Classification found(String provider, Headers headers, byte[] body) {
    Classification whole = watch(provider, headers, body, body.length);
    assertThat(whole).isNotNull();
    for (int piece = 1; piece < 40; piece++) {
      assertThat(watch(provider, headers, body, piece)).as("pieces of " + piece).isEqualTo(whole);
    }
    return whole;
  }

  @Test
  void openAisFailedResponse() {
    String body =
        "event: response.created\n"
            + "data:"
            + " {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"status\":\"in_progress\",\"error\":null}}\n\n"
            + "event: response.failed\n"
            + "data:"
            + " {\"type\":\"response.failed\",\"response\":{\"id\":\"r\",\"status\":\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Rate"
            + " limit reached for m on tokens per min (TPM): Limit 90, Used 80, Requested 20."
            + " Please try again in 11.054s.\"},\"instructions\":\""
            + "x".repeat(40_000)
            + "\"}}\n\n";
    Classification judgement = found("openai", SSE, bytes(body));
    assertThat(judgement.kind()).isEqualTo(Kind.LIMITED);
    assertThat(judgement.limit()).isEqualTo(Limit.TPM);
    assertThat(judgement.waitMillis()).isEqualTo(11_054);
  }

  @Test
  void anthropicsErrorEventAndNotItsRetryAfter() {
    String body =
        "event: message_start\r\n"
            + "data: {\"type\":\"message_start\",\"message\":{}}\r\n\r\n"
            + "event: error\r\n"
            + "data:"
            + " {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\r\n\r\n";
    Headers headers =
        TestHeaders.of("content-type", "text/event-stream; charset=utf-8", "retry-after", "39");
    Classification judgement = found("anthropic", headers, bytes(body));
    assertThat(judgement.limit()).isEqualTo(Limit.CAPACITY);
    assertThat(judgement.waitMillis())
        .as("a retry-after of a served answer is no hint")
        .isEqualTo(Classification.NO_HINT);
  }

  @Test
  void openRoutersErrorInTheMiddleOfAStream() {
    String body =
        ": OPENROUTER PROCESSING\n\n"
            + CHUNK
            + "data: {\"id\":\"g\",\"error\":{\"code\":429,\"message\":\"Rate limit exceeded:"
            + " limit_rpm/m\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n";
    Classification judgement = found("openrouter", SSE, bytes(body));
    assertThat(judgement.kind()).isEqualTo(Kind.LIMITED);
    assertThat(judgement.limit()).isEqualTo(Limit.RPM);
  }

  @Test
  void anErrorThatIsNotClosedByAnEmptyLineCountsAtTheEnd() {
    assertThat(
            found(
                    "auto",
                    SSE,
                    bytes(
                        CHUNK
                            + "data: {\"error\":{\"message\":\"Too many"
                            + " requests\",\"code\":\"429\"}}"))
                .kind())
        .isEqualTo(Kind.LIMITED);
  }

  @Test
  void googlesErrorInAStreamThatIsAnArray() {
    Headers json = TestHeaders.of("content-type", "application/json; charset=UTF-8");
    String chunk =
        "{\n"
            + "  \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a ]}\\\" \\\"error\\\":"
            + " {\"}]}}]\n"
            + "}\n";
    String error =
        "{\n  \"error\": {\"code\": 429, \"message\": \"Resource has been exhausted (e.g. check"
            + " quota).\", \"status\": \"RESOURCE_EXHAUSTED\", \"details\": [{\"@type\":"
            + " \"type.googleapis.com/google.rpc.QuotaFailure\", \"violations\": [{\"quotaId\":"
            + " \"GenerateContentInputTokensPerModelPerMinute\", \"quotaValue\": \"10\"}]},"
            + " {\"@type\": \"type.googleapis.com/google.rpc.RetryInfo\", \"retryDelay\":"
            + " \"7s\"}]}\n}\n";
    for (String provider : new String[] {"gemini", "vertex-ai"}) {
      Classification judgement =
          found(provider, json, bytes("[" + chunk + ",\r\n" + chunk + "," + error + "]"));
      assertThat(judgement.limit()).isEqualTo(Limit.ITPM);
      assertThat(judgement.waitMillis()).isEqualTo(7_000);
      assertThat(found(provider, json, bytes(" [" + error)).kind()).isEqualTo(Kind.LIMITED);
      for (String harmless :
          new String[] {"[" + chunk + "," + chunk + "]", error, "[1, 2]", "[[" + error, "", "[]"}) {
        for (int piece = 1; piece < 5; piece++) {
          assertThat(watch(provider, json, bytes(harmless), piece)).as(harmless).isNull();
        }
      }
    }
    assertThat(StreamErrors.of("openai", json)).as("no stream").isNull();
  }

  @Test
  void aStreamThatIsAnArrayHasBegunWithItsFirstElement() {
    Headers json = TestHeaders.of("content-type", "application/json");
    String body = "[{\"candidates\":[]}";
    StreamErrors errors = StreamErrors.of("gemini", json);
    assertThat(errors).isNotNull();
    errors.feed(bytes(body), 0, body.length() - 1, 0);
    assertThat(errors.begun()).isFalse();
    errors.feed(bytes(body), body.length() - 1, 1, 0);
    assertThat(errors.begun()).isTrue();
    StreamErrors whole = StreamErrors.of("gemini", json);
    assertThat(whole).isNotNull();
    whole.feed(bytes("{"), 0, 1, 0);
    assertThat(whole.begun()).as("an ordinary answer is not held back").isTrue();
  }

  @Test
  void linesOfJson() {
    Headers ndjson = TestHeaders.of("content-type", "application/x-ndjson");
    assertThat(
            found(
                    "ollama",
                    ndjson,
                    bytes(
                        "{\"model\":\"m\",\"done\":false}\n"
                            + "{\"error\":\"server busy, please try again.  maximum pending"
                            + " requests exceeded\"}\n"))
                .limit())
        .isEqualTo(Limit.CONCURRENCY);
  }

  private static byte[] frame(byte[] payload, String... headers) {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      names.write(headers[i].length());
      names.writeBytes(bytes(headers[i]));
      names.write(7);
      names.write(headers[i + 1].length() >> 8);
      names.write(headers[i + 1].length());
      names.writeBytes(bytes(headers[i + 1]));
    }
    int length = 16 + names.size() + payload.length;
    return ByteBuffer.allocate(length)
        .putInt(length)
        .putInt(names.size())
        .putInt(0)
        .put(names.toByteArray())
        .put(payload)
        .putInt(0)
        .array();
  }

  @Test
  void bedrocksExceptionFrames() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      body.writeBytes(
          frame(
              bytes("{\"delta\":{\"text\":\":exception-type throttlingException\"}}"),
              ":event-type",
              "contentBlockDelta",
              ":content-type",
              "application/json",
              ":message-type",
              "event"));
    }
    byte[] served = body.toByteArray();
    body.writeBytes(
        frame(
            bytes("{\"message\":\"Too many tokens, please wait before trying again.\"}"),
            ":exception-type",
            "throttlingException",
            ":content-type",
            "application/json",
            ":message-type",
            "exception"));
    Headers aws = TestHeaders.of("content-type", "application/vnd.amazon.eventstream");
    Classification judgement = found("bedrock", aws, body.toByteArray());
    assertThat(judgement.kind()).isEqualTo(Kind.LIMITED);
    assertThat(judgement.limit()).isEqualTo(Limit.TPM);
    assertThat(watch("bedrock", aws, served, 7)).isNull();
    assertThat(watch("bedrock", aws, bytes("this is no event stream at all, is it?"), 7)).isNull();
  }

  @Test
  void aModelThatTalksAboutErrorsIsNoError() {
    String words = "{\\\"error\\\":{\\\"code\\\":\\\"rate_limit_exceeded\\\"}} data: event: error";
    String body =
        CHUNK.replace("hello", words)
            + "data:"
            + " {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"error\",\"arguments\":\""
            + words
            + "\"}}]}}]}\n\n"
            + "data:"
            + " {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"error\":null}}\n\n"
            + "data: [DONE]\n\n";
    for (int piece = 1; piece < 50; piece++) {
      assertThat(watch("openai", SSE, bytes(body), piece)).isNull();
    }
  }

  @Test
  void aStreamHasBegunWithItsFirstEventAndNotWithACommentOrAName() {
    StreamErrors sse = StreamErrors.of("openai", SSE);
    assertThat(sse).isNotNull();
    for (String said :
        List.of(": soon\n\n", "retry: 5\n\n", "event: first\n", "data: {\"a\":", "1}\n")) {
      assertThat(sse.feed(bytes(said), 0, said.length(), 0)).isNull();
      assertThat(sse.begun()).as(said).isFalse();
    }
    assertThat(sse.feed(bytes("\n"), 0, 1, 0)).isNull();
    assertThat(sse.begun()).isTrue();

    StreamErrors aws =
        StreamErrors.of(
            "bedrock", TestHeaders.of("content-type", "application/vnd.amazon.eventstream"));
    assertThat(aws).isNotNull();
    byte[] frame = frame(bytes("{}"), ":event-type", "messageStart", ":message-type", "event");
    aws.feed(frame, 0, frame.length - 1, 0);
    assertThat(aws.begun()).isFalse();
    aws.feed(frame, frame.length - 1, 1, 0);
    assertThat(aws.begun()).isTrue();
  }

  @Test
  void anAnswerThatIsNoStreamIsNotWatched() {
    assertThat(StreamErrors.of("openai", TestHeaders.of("content-type", "application/json")))
        .isNull();
    assertThat(StreamErrors.of("openai", Headers.NONE)).isNull();
  }

  @Test
  void everyRecordedStreamIsServedUnlessItHoldsAnError() throws IOException {
    Path index = Samples.file("recordings/streams/index.jsonl");
    if (index == null) {
      Assumptions.abort("no shared recordings");
      return;
    }
    List<String> wrong = new ArrayList<>();
    for (String line : Files.readAllLines(index)) {
      byte[] json = bytes(line);
      LenientJson.Node node = LenientJson.parse(json, 0, json.length);
      if (node == null) {
        continue;
      }
      byte[] body = Files.readAllBytes(index.resolveSibling(node.get("file").text()));
      String type = node.get("content_type").text();
      Headers headers = TestHeaders.of("content-type", type);
      if (StreamErrors.of(node.get("provider").text(), headers) == null) {
        continue;
      }
      // "error" among the features is only a field of that name, most often null.
      boolean error =
          line.contains("Exception\"")
              || new String(body, StandardCharsets.ISO_8859_1).contains("\"error\":{");
      for (int piece : new int[] {body.length, 1_000, 13}) {
        Classification judgement = watch(node.get("provider").text(), headers, body, piece);
        if ((judgement != null) != error) {
          wrong.add(node.get("file").text() + " " + judgement);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }
}
