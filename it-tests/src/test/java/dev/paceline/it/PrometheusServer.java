package dev.paceline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** A real Prometheus that scrapes one address each second, and the tool that comes with it. */
final class PrometheusServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Pattern LISTENING =
      Pattern.compile("msg=\"?Listening on\"? address=([0-9.]+:[0-9]+)");

  private final Forked process;
  private final String address;

  private PrometheusServer(Forked process) {
    this.process = process;
    Matcher listening =
        LISTENING.matcher(process.awaitError(line -> LISTENING.matcher(line).find()));
    if (!listening.find()) {
      throw new AssertionError();
    }
    this.address = "http://" + listening.group(1);
  }

  /**
   * Starts one; skips the test, visibly, when there is none.
   *
   * @param folder where it keeps what it reads
   * @param target host and port of {@code /metrics}
   * @param rules a file of rules, evaluated each second
   */
  static PrometheusServer start(Path folder, String target, Path rules) {
    String prometheus = tool("prometheus");
    Path config = folder.resolve("prometheus.yml");
    try {
      Files.writeString(
          config,
          """
          global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
          rule_files: ["%s"]
          scrape_configs:
            - job_name: shop
              static_configs: [ { targets: ["%s"] } ]
          """
              .formatted(rules.toRealPath(), target));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new PrometheusServer(
        Forked.start(
            List.of(
                prometheus,
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:0"),
            Map.of(),
            folder,
            Duration.ofMinutes(2)));
  }

  /** A tool's path; skips the test, visibly, where it is not installed. */
  static String tool(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElseThrow(
            () -> {
              String line = "SKIPPED: no " + name + " here; apt-get install prometheus";
              System.out.println(line);
              return new TestAbortedException(line);
            });
  }

  /** Whether {@code promtool} found nothing wrong, and what it said. */
  record Verdict(boolean fine, String said) {}

  /** Runs {@code promtool} in a folder. */
  static Verdict promtool(Path folder, String input, String... arguments) {
    List<String> command = new ArrayList<>(List.of(tool("promtool")));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean ended = process.waitFor(10, TimeUnit.SECONDS);
      return new Verdict(ended && process.exitValue() == 0, said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /**
   * The series of an expression now.
   *
   * @throws AssertionError when Prometheus cannot parse or evaluate it
   */
  JsonNode query(String expression) {
    return get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
        .path("result");
  }

  /** The groups of rules and how they fare. */
  JsonNode rules() {
    return get("/api/v1/rules").path("groups");
  }

  /** Asks until the series are as wanted, or it is too late; what was seen last. */
  JsonNode await(String expression, long deadlineNanos, Predicate<JsonNode> wanted) {
    while (true) {
      boolean late = System.nanoTime() - deadlineNanos > 0;
      try {
        JsonNode seen = query(expression);
        if (wanted.test(seen) || late) {
          return seen;
        }
      } catch (UncheckedIOException busy) { // on a loaded machine it is not ready when it says so
        if (late) {
          throw busy;
        }
      }
      java.util.concurrent.locks.LockSupport.parkNanos(200_000_000); // Prometheus tells nobody
    }
  }

  private JsonNode get(String path) {
    try {
      HttpResponse<String> answer =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(address + path))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      JsonNode json = JSON.readTree(answer.body());
      if (!json.path("status").asText().equals("success")) {
        throw new AssertionError(path + "\n" + answer.body());
      }
      return json.path("data");
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
