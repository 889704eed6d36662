package dev.paceline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A rate-limited provider in a JVM of its own: the jar's command {@code sim}. */
final class SimProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What has arrived.
   *
   * @param limits how many were refused, by limit
   * @param inputTokens what the answers reported, all together
   * @param outputTokens what the answers reported, all together
   * @param firstMillis when the first request arrived
   * @param lastMillis when the last one that was let in arrived
   * @param lastLimitedMillis when the last one that got a 429 arrived; 0 when none did
   * @param mostAtATime the most that were being served at one time
   */
  record Arrivals(
      int requests,
      int served,
      int limited,
      Map<String, Long> limits,
      long inputTokens,
      long outputTokens,
      long firstMillis,
      long lastMillis,
      long lastLimitedMillis,
      int mostAtATime) {
    long makespanMillis() {
      return lastMillis - firstMillis;
    }
  }

  private final Process process;
  private final BufferedReader lines;
  private final Writer questions;
  private final String url;

  private SimProcess(Process process) throws IOException {
    this.process = process;
    this.lines = process.inputReader(StandardCharsets.UTF_8);
    this.questions = process.outputWriter(StandardCharsets.UTF_8);
    this.url = lines.readLine();
    if (url == null) {
      throw new IOException("the provider did not start");
    }
  }

  static SimProcess start(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(Jdk.tool(17, "java"), "-jar", AgentJvm.JAR.toString(), "sim", "--control"));
    command.addAll(List.of(options));
    try {
      return new SimProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return url;
  }

  int port() {
    return java.net.URI.create(url).getPort();
  }

  /** An application of the cell with OkHttp, which can use both clients, with this provider. */
  AgentJvm called(Class<?> app) {
    return AgentJvm.run(app)
        .with("okhttp:4.12.0")
        .withProperty("it.url", url)
        .withProperty("paceline.hosts", "127.0.0.1:%d=openai".formatted(port()));
  }

  /** What has arrived for a model. */
  Arrivals arrivals(String model) {
    try {
      questions.write(model + "\n");
      questions.flush();
      JsonNode node = JSON.readTree(lines.readLine());
      Map<String, Long> limits = new HashMap<>();
      node.path("limits")
          .fields()
          .forEachRemaining(limit -> limits.put(limit.getKey(), limit.getValue().asLong()));
      return new Arrivals(
          node.path("requests").asInt(),
          node.path("served").asInt(),
          node.path("limited").asInt(),
          limits,
          node.path("input_tokens").asLong(),
          node.path("output_tokens").asLong(),
          node.path("first_ms").asLong(),
          node.path("last_ms").asLong(),
          node.path("last_limited_ms").asLong(),
          node.path("most_at_a_time").asInt());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      questions.close(); // it ends with its stdin
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
