package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Headers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every recorded stream, cut at every byte and compressed, gives the usage that its index names.
 */
class RecordedStreamsTest {
  @TestFactory
  Stream<DynamicTest> everyStream() throws IOException {
    Path index = Recordings.file("streams/index.jsonl");
    if (index == null) {
      System.out.println("RecordedStreamsTest: skipped, no recordings here");
      Assumptions.abort("no recordings here");
    }
    return Files.readAllLines(index).stream()
        .map(RecordedStreamsTest::parse)
        .map(
            line ->
                DynamicTest.dynamicTest(
                    (String) line.get("file"),
                    () -> check(line, index.resolveSibling((String) line.get("file")))));
  }

  private static Map<String, Object> parse(String line) {
    try {
      return Tree.object(line);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(Map<String, Object> line, Path file) throws IOException {
    byte[] body = Files.readAllBytes(file);
    byte[] untouched = body.clone();
    Headers headers = Scans.headers("content-type", (String) line.get("content_type"));
    @Nullable Usage expected = expected(line.get("usage"));
    assertThat(Scans.scan(headers, body)).isEqualTo(expected);
    assertThat(Scans.byteByByte(headers, body)).isEqualTo(expected);
    assertThat(
            IntStream.range(1, body.length)
                .parallel()
                .filter(cut -> !Objects.equals(Scans.scan(headers, body, cut), expected))
                .limit(3)
                .toArray())
        .as("cuts that change the usage")
        .isEmpty();
    assertThat(Arrays.equals(body, untouched)).isTrue();
  }

  /** Written without a look at the scanner: by the documents of the providers. */
  static @Nullable Usage expected(@Nullable Object reported) {
    if (!(reported instanceof Map<?, ?> usage)) {
      return null;
    }
    if (usage.get("tokens") instanceof Map<?, ?> tokens) {
      return new Usage(
          number(tokens, "input_tokens"),
          number(usage, "cached_tokens"),
          0,
          false,
          number(tokens, "output_tokens"));
    }
    if (usage.containsKey("promptTokenCount")) {
      return new Usage(
          number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount"),
          number(usage, "cachedContentTokenCount"),
          0,
          false,
          number(usage, "candidatesTokenCount") + number(usage, "thoughtsTokenCount"));
    }
    if (usage.containsKey("prompt_eval_count")) {
      return new Usage(
          number(usage, "prompt_eval_count"), 0, 0, false, number(usage, "eval_count"));
    }
    if (usage.containsKey("inputTokens")) {
      return new Usage(
          number(usage, "inputTokens"),
          number(usage, "cacheReadInputTokens"),
          number(usage, "cacheWriteInputTokens"),
          usage.containsKey("cacheReadInputTokens"),
          number(usage, "outputTokens"));
    }
    boolean responses = usage.containsKey("input_tokens");
    boolean beside = usage.containsKey("cache_read_input_tokens");
    Object details = usage.get(responses ? "input_tokens_details" : "prompt_tokens_details");
    long cached = 0;
    long written = 0;
    if (details instanceof Map<?, ?> map) {
      cached = number(map, "cached_tokens");
      written = number(map, "cache_write_tokens");
    }
    if (beside) {
      cached = number(usage, "cache_read_input_tokens");
      written = number(usage, "cache_creation_input_tokens");
    }
    return new Usage(
        number(usage, responses ? "input_tokens" : "prompt_tokens"),
        cached,
        written,
        beside,
        number(usage, responses ? "output_tokens" : "completion_tokens"));
  }

  private static long number(Map<?, ?> map, String name) {
    return map.get(name) instanceof Long value ? value : 0;
  }
}
