package dev.paceline.provider;

import dev.paceline.words.Classification;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * How long the judging of an error body takes: of the usual size, and of the largest that is read,
 * shaped as badly as bodies can be. The bound is 1 ms.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ClassifierBenchmark {
  static final int SIZE = 64 * 1024;

  /** Which body; see {@link #body}. */
  @Param({
    "usual",
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
  })
  public String shape = "usual";

  private final Classifier classifier = new Classifier();
  private ProviderResponse answer = new ProviderResponse(429, TestHeaders.of(), new byte[0], true);

  /** Makes the answer. */
  @Setup
  public void setUp() {
    answer =
        new ProviderResponse(
            429,
            TestHeaders.of(
                "content-type",
                "application/json",
                "x-ratelimit-limit-requests",
                "60",
                "x-ratelimit-remaining-requests",
                "0",
                "retry-after",
                "2"),
            body(shape),
            true);
  }

  /** Judges it as any dialect, which asks the most questions. */
  @Benchmark
  public Classification judge() {
    return classifier.judge("auto", answer, 0);
  }

  /** A body of a shape, 64 KiB but for the usual one. */
  static byte[] body(String shape) {
    return switch (shape) {
      case "messages" -> filled("{\"errors\":[", "{\"message\":\"no such thing here\"},", "{}]}");
      case "nested" -> filled("{\"error\":", "{\"error\":", "1");
      case "violations" ->
          filled(
              "{\"details\":[", "{\"quotaMetric\":\"a/b\",\"quotaId\":\"SomeThingElse\"},", "{}]}");
      case "codes" -> {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; text.length() < SIZE - 40; i++) {
          text.append("{\"code\":\"").append(i).append("\"},");
        }
        yield text.append("{}]").toString().getBytes(StandardCharsets.UTF_8);
      }
      case "long-message" -> filled("{\"message\":\"", "the request was not served and ", "\"}");
      case "chinese" -> filled("{\"message\":\"", "请稍后再试该请求 ", "\"}");
      case "pasted" -> filled("{\"message\":\"", "{'a': ", "\"}");
      case "page" -> filled("<html>", "<b>Sorry</b> <i>we are not here</i> ", "</html>");
      case "durations" -> filled("{\"message\":\"", "retry after x please wait y ", "\"}");
      case "events" -> filled("", "data: {\"a\":1}\n\n", "");
      default ->
          ("{\"error\":{\"message\":\"Rate limit reached for m in organization o on tokens per min"
                  + " (TPM): Limit 90, Used 80, Requested 20. Please try again in"
                  + " 4s.\",\"type\":\"tokens\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}")
              .getBytes(StandardCharsets.UTF_8);
    };
  }

  private static byte[] filled(String head, String part, String tail) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder(head);
    for (int n = (SIZE - head.length() - tail.length()) / bytes.length; n > 0; n--) {
      text.append(part);
    }
    return text.append(tail).toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Runs this benchmark alone. */
  public static void main(String[] args) throws RunnerException {
    new Runner(
            new OptionsBuilder().include(ClassifierBenchmark.class.getSimpleName() + ".*").build())
        .run();
  }
}
