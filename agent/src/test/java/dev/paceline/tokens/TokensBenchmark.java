package dev.paceline.tokens;

import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The price of a request, and the scan of an answer. A megabyte of a stream in so many microseconds
 * is a scan of as many gigabytes a second as 1,049 divided by it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TokensBenchmark {
  private static final String[] WORDS = {
    "the", "river", "runs", "quietly", "observability", "of", "a", "limit,", "42", "tokens.", "is"
  };

  private final TokenEstimator pricer = loaded();
  private final byte[] small = request(prose(3_900));
  private final byte[] agents = conversation();
  private final byte[] large = request(prose(500_000));
  private final byte[] letters = request("a".repeat(500_000));
  private final byte[] cjk = request("限".repeat(166_000));
  private final byte[] lines = request("\\n".repeat(250_000));
  private final byte[] stream = stream();
  private final Headers sse = Scans.headers("content-type", "text/event-stream");

  private static TokenEstimator loaded() {
    TokenEstimator pricer = new TokenEstimator(Runnable::run);
    pricer.knows("openai", "gpt-4o");
    return pricer;
  }

  private static String prose(int length) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder(length + 20);
    while (text.length() < length) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return text.toString();
  }

  private static byte[] request(String text) {
    return ("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
            + "{\"role\":\"user\",\"content\":\""
            + text
            + "\"}],\"max_tokens\":100}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Four kilobytes as an agent sends them: short turns, calls and results, code, tools. */
  private static byte[] conversation() {
    StringBuilder text =
        new StringBuilder(
            "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"You are a careful assistant.\\n\\n# Rules\\n- Answer in JSON: {\\\"answer\\\": \\\"…\\\"}\\n- Never guess a city’s temperature.\"}");
    for (int i = 0; i < 5; i++) {
      text.append(
              ",{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Wie warm ist es in Zürich, and in ")
          .append(WORDS[i])
          .append(
              "?\"}]},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_0123456789abcdefghijklmn\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\": \\\"Zürich\\\", \\\"unit\\\": \\\"celsius\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_0123456789abcdefghijklmn\",\"content\":\"{\\\"temperature\\\": 21.5, \\\"wind\\\": {\\\"speed\\\": 12, \\\"from\\\": \\\"NW\\\"}}\"}");
    }
    text.append("],\"tools\":[");
    for (int i = 0; i < 3; i++) {
      text.append(i == 0 ? "" : ",")
          .append("{\"type\":\"function\",\"function\":{\"name\":\"get_weather_")
          .append(i)
          .append(
              "\",\"description\":\"Tells the weather of a city, now or in some days.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\",\"description\":\"Name of the city\"},\"unit\":{\"type\":\"string\",\"enum\":[\"celsius\",\"fahrenheit\"]}},\"required\":[\"city\"],\"additionalProperties\":false}}}");
    }
    return text.append("],\"max_tokens\":100}").toString().getBytes(StandardCharsets.UTF_8);
  }

  /** A megabyte of chunks as OpenAI sends them when it is asked for usage. */
  private static byte[] stream() {
    StringBuilder text = new StringBuilder();
    Random random = new Random(2);
    while (text.length() < 1 << 20) {
      text.append(
              "data: {\"id\":\"chatcmpl-0123456789abcdef\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" ")
          .append(WORDS[random.nextInt(WORDS.length)])
          .append("\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n");
    }
    text.append(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Estimate rough(byte[] body) {
    return pricer.rough("openai", "gpt-4o", Operation.GENERATION, body, body.length);
  }

  private Estimate exact(byte[] body) {
    return pricer.exact("openai", "gpt-4o", Operation.GENERATION, body, body.length);
  }

  @Benchmark
  public Estimate price4Kb() {
    return rough(small);
  }

  @Benchmark
  public Estimate price4KbOfTurnsAndTools() {
    return rough(agents);
  }

  /** Where tools are priced as they are written. */
  @Benchmark
  public Estimate price4KbOfTurnsAndToolsForClaude() {
    return pricer.rough(
        "anthropic", "claude-sonnet-4-5", Operation.GENERATION, agents, agents.length);
  }

  @Benchmark
  public Estimate price4KbExactly() {
    return exact(small);
  }

  @Benchmark
  public Estimate price500Kb() {
    return rough(large);
  }

  @Benchmark
  public Estimate price500KbExactly() {
    return exact(large);
  }

  @Benchmark
  public Estimate priceOneLetterExactly() {
    return exact(letters);
  }

  @Benchmark
  public Estimate priceCjkExactly() {
    return exact(cjk);
  }

  @Benchmark
  public Estimate priceNewlinesExactly() {
    return exact(lines);
  }

  /** In pieces of 16 KB, as OkHttp reads. */
  @Benchmark
  public @Nullable Usage scanMegabyte() {
    UsageScanner scanner = scanner();
    for (int at = 0; at < stream.length; at += 16_384) {
      scanner.bytes(stream, at, Math.min(16_384, stream.length - at));
    }
    return scanner.usage();
  }

  /** In buffers of 16 KB that do not show their array, as the JDK's client hands them out. */
  @Benchmark
  public @Nullable Usage scanMegabyteReadOnly() {
    UsageScanner scanner = scanner();
    for (int at = 0; at < stream.length; at += 16_384) {
      scanner.bytes(
          ByteBuffer.wrap(stream, at, Math.min(16_384, stream.length - at)).asReadOnlyBuffer());
    }
    return scanner.usage();
  }

  private UsageScanner scanner() {
    UsageScanner scanner = UsageScanner.of(sse, true);
    if (scanner == null) {
      throw new IllegalStateException();
    }
    return scanner;
  }
}
