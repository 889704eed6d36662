package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where each provider says what a call did cost. */
class UsageScannerTest {
  private static final Headers SSE = Scans.headers("content-type", "text/event-stream");
  private static final Headers JSON = Scans.headers("content-type", "application/json");
  private static final Headers LINES = Scans.headers("content-type", "application/x-ndjson");
  private static final Headers AWS =
      Scans.headers("content-type", "application/vnd.amazon.eventstream");

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Fed whole, in single bytes, cut in two everywhere, from a direct buffer. */
  private static void gives(Headers headers, byte[] body, @Nullable Usage expected) {
    assertThat(Scans.scan(headers, body)).isEqualTo(expected);
    assertThat(Scans.byteByByte(headers, body)).isEqualTo(expected);
    for (int cut = 1; cut < body.length; cut++) {
      assertThat(Scans.scan(headers, body, cut)).as("cut at %s", cut).isEqualTo(expected);
    }
    ByteBuffer direct = ByteBuffer.allocateDirect(body.length);
    direct.put(body).flip();
    UsageScanner scanner = UsageScanner.of(headers, true);
    assertThat(scanner).isNotNull();
    scanner.bytes(direct);
    assertThat(direct.remaining()).isEqualTo(body.length);
    assertThat(scanner.usage()).isEqualTo(expected);
  }

  @Test
  void openAiStreamsTellInTheLastChunkWithoutChoices() {
    String body =
        """
        data: {"id":"c1","choices":[{"delta":{"content":"the \\"usage\\": {"}}],"usage":null}

        data: {"id":"c1","choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}

        data: {"id":"c1","choices":[],"usage":{"prompt_tokens":14,"completion_tokens":8,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}}

        data: [DONE]

        """;
    gives(SSE, utf8(body), new Usage(14, 4, 0, false, 8));
  }

  @Test
  void aStreamWithoutUsageTellsNothing() {
    gives(
        SSE,
        utf8("data: {\"choices\":[{\"delta\":{\"content\":\"usage\"}}]}\n\ndata: [DONE]\n"),
        null);
  }

  @Test
  void responsesTellInTheEventThatCompletes() {
    String body =
        """
        event: response.created
        data: {"type":"response.created","response":{"id":"r","usage":null,"output":[]}}

        event: response.completed
        data: {"type":"response.completed","response":{"id":"r","output":[{"usage":{"input_tokens":1}}],"usage":{"input_tokens":496,"input_tokens_details":{"cached_tokens":6},"output_tokens":12,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":508}}}

        """;
    gives(SSE, utf8(body), new Usage(496, 6, 0, false, 12));
  }

  private static final String MESSAGE_START =
      """
      event: message_start
      data: {"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":17,"cache_creation_input_tokens":3,"cache_read_input_tokens":100,"output_tokens":1}}}

      """;

  @Test
  void anthropicsLaterUsageLiesOverTheFirst() {
    String body =
        MESSAGE_START
            + """
            event: content_block_delta
            data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"usage"}}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":171}}

            """;
    gives(SSE, utf8(body), new Usage(17, 100, 3, true, 171));
  }

  @Test
  void aCutStreamKeepsWhatItHasSaid() {
    gives(SSE, utf8(MESSAGE_START), new Usage(17, 100, 3, true, 1));
    gives(
        SSE,
        utf8(MESSAGE_START + "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":17"),
        new Usage(17, 100, 3, true, 1));
  }

  @Test
  void geminisLastChunkCounts() {
    String body =
        "data: {\"candidates\": [],\"usageMetadata\": {\"promptTokenCount\": 13,\"totalTokenCount\":"
            + " 13}}\r\n\r\ndata: {\"usageMetadata\": {\"promptTokenCount\": 13,"
            + "\"candidatesTokenCount\": 8,\"thoughtsTokenCount\": 70,\"toolUsePromptTokenCount\":"
            + " 2,\"totalTokenCount\": 93}}\r\n\r\n";
    gives(SSE, utf8(body), new Usage(15, 0, 0, false, 78));
  }

  @Test
  void geminiWithoutSseIsAnArray() {
    String body =
        """
        [{"candidates": [{"content": {"parts": [{"functionCall": {"args": {"usageMetadata": {"promptTokenCount": 1}}}}]}}],
          "usageMetadata": {"promptTokenCount": 10}}
        ,
        {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}}]
        """;
    gives(JSON, utf8(body), new Usage(10, 0, 0, false, 5));
  }

  @Test
  void groqTellsInAFieldOfItsOwn() {
    gives(
        SSE,
        utf8(
            "data: {\"choices\":[],\"x_groq\":{\"id\":\"r\",\"usage\":{\"queue_time\":0.28,\"prompt_tokens\":18,\"completion_tokens\":73,\"total_tokens\":91}}}\n\n"),
        new Usage(18, 0, 0, false, 73));
  }

  @Test
  void cohereTellsTokensBeforeBilledUnits() {
    gives(
        SSE,
        utf8(
            "data: {\"type\":\"message-end\",\"delta\":{\"usage\":{\"billed_units\":{\"input_tokens\":62,\"output_tokens\":28},\"tokens\":{\"input_tokens\":968,\"output_tokens\":83},\"cached_tokens\":16}}}\n\n"),
        new Usage(968, 16, 0, false, 83));
    gives(
        LINES,
        utf8(
            "{\"event_type\":\"text-generation\",\"text\":\"a\"}\n{\"event_type\":\"stream-end\",\"response\":{\"meta\":{\"tokens\":{\"input_tokens\":69,\"output_tokens\":150}}}}\n"),
        new Usage(69, 0, 0, false, 150));
    gives(
        JSON,
        utf8("{\"embeddings\":[[0.1,-2e-3]],\"meta\":{\"billed_units\":{\"input_tokens\":5}}}"),
        new Usage(5, 0, 0, false, 0));
  }

  @Test
  void ollamaTellsInItsLastLine() {
    gives(
        LINES,
        utf8(
            "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"done\":true,\"context\":[1,2],\"prompt_eval_count\":16,\"prompt_eval_duration\":44,\"eval_count\":51}\n"),
        new Usage(16, 0, 0, false, 51));
  }

  @Test
  void aLineThatIsCutOffDoesNotSwallowTheNext() {
    gives(
        LINES,
        utf8("{\"message\":{\"content\":\"cut\n{\"prompt_eval_count\":16,\"eval_count\":51}\n"),
        new Usage(16, 0, 0, false, 51));
  }

  @Test
  void thinkingThatOnlyTheTotalCountsIsOutput() {
    gives(
        JSON,
        utf8("{\"usage\":{\"prompt_tokens\":204,\"completion_tokens\":2,\"total_tokens\":268}}"),
        new Usage(204, 0, 0, false, 64));
  }

  @Test
  void aUsageInsideAToolsArgumentsIsNone() {
    gives(
        JSON,
        utf8(
            "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"usage\":{\"input_tokens\":9}}}],\"us\\u0061ge\":{\"input_tokens\":9},\"usage\":{\"input_tokens\":5,\"output_tokens\":7}}"),
        new Usage(5, 0, 0, false, 7));
  }

  @Test
  void perplexitysCumulativeChunksAreNotAddedUp() {
    String chunk = "data: {\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":%d}}\r\n\r\n";
    gives(
        SSE,
        utf8(String.format(chunk, 1) + String.format(chunk, 2) + String.format(chunk, 5)),
        new Usage(8, 0, 0, false, 5));
  }

  /** A frame as AWS's event stream has it; checksums are not looked at. */
  static byte[] frame(String event, String payload) {
    byte[] json = utf8(payload);
    byte[] headers = new byte[1 + 11 + 3 + event.length()];
    headers[0] = 11;
    System.arraycopy(utf8(":event-type"), 0, headers, 1, 11);
    headers[12] = 7;
    headers[14] = (byte) event.length();
    System.arraycopy(utf8(event), 0, headers, 15, event.length());
    ByteBuffer frame = ByteBuffer.allocate(16 + headers.length + json.length);
    frame.putInt(frame.capacity()).putInt(headers.length).putInt(0).put(headers).put(json);
    return frame.array();
  }

  private static byte[] frames(byte[]... frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      out.writeBytes(frame);
    }
    return out.toByteArray();
  }

  @Test
  void bedrocksConverseTellsInItsMetadataFrame() {
    gives(
        AWS,
        frames(
            frame("contentBlockDelta", "{\"delta\":{\"text\":\"usage\"},\"p\":\"abc\"}"),
            frame(
                "metadata",
                "{\"metrics\":{\"latencyMs\":9},\"usage\":{\"inputTokens\":986,\"outputTokens\":42,\"totalTokens\":1028}}")),
        new Usage(986, 0, 0, false, 42));
  }

  @Test
  void bedrocksInvokeWrapsTheModelsOwnEvents() {
    Base64.Encoder base64 = Base64.getEncoder();
    String start =
        base64.encodeToString(
            utf8(
                "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":380,\"output_tokens\":1}}}"));
    String delta =
        base64.encodeToString(
            utf8("{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":144}}"));
    String stop =
        base64.encodeToString(
            utf8(
                "{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":380,\"outputTokenCount\":108}}"));
    gives(
        AWS,
        frames(
            frame("chunk", "{\"bytes\":\"" + start + "\",\"p\":\"ab\"}"),
            frame("chunk", "{\"bytes\":\"" + delta + "\"}"),
            frame("chunk", "{\"p\":\"abc\",\"bytes\":\"" + stop + "\"}")),
        new Usage(380, 0, 0, false, 144));
    gives(AWS, frame("chunk", "{\"bytes\":\"" + stop + "\"}"), new Usage(380, 0, 0, false, 108));
  }

  @Test
  void bedrocksHeadersTellWhatTheBodyDoesNot() {
    Headers headers =
        Scans.headers(
            "content-type",
            "application/json",
            "x-amzn-bedrock-input-token-count",
            "12",
            "x-amzn-bedrock-output-token-count",
            "30");
    assertThat(Scans.scan(headers, utf8("{\"outputs\":[{\"text\":\"a\"}]}")))
        .isEqualTo(new Usage(12, 0, 0, false, 30));
  }

  @ParameterizedTest
  @ValueSource(strings = {"audio/mpeg", "application/octet-stream", "text/html"})
  void bodiesThatCannotTellAreNotLookedAt(String type) {
    assertThat(UsageScanner.of(Scans.headers("content-type", type), true)).isNull();
    assertThat(UsageScanner.of(Scans.headers("content-type", "application/json"), false)).isNull();
  }

  @Test
  void garbageIsLetPass() {
    Random random = new Random(5);
    for (Headers headers : new Headers[] {SSE, JSON, LINES, AWS}) {
      for (int round = 0; round < 2_000; round++) {
        byte[] noise = new byte[random.nextInt(300)];
        String alphabet = "{}[]\":,\\usage0123456789.eE+- \r\ndata:\"usage\":{";
        for (int i = 0; i < noise.length; i++) {
          noise[i] =
              random.nextInt(20) == 0
                  ? (byte) random.nextInt(256)
                  : (byte) alphabet.charAt(random.nextInt(alphabet.length()));
        }
        assertThat(Scans.byteByByte(headers, noise)).isEqualTo(Scans.scan(headers, noise));
      }
    }
  }
}
