package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.StreamsApp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams reach the application as without the agent, which sees what they say all the same. */
class StreamsIT {
  private static final List<String> WAYS =
      List.of(
          "jdk-bytes",
          "jdk-async",
          "jdk-stream",
          "jdk-lines",
          "jdk-flow",
          "okhttp-bytes",
          "okhttp-async",
          "okhttp-stream",
          "okhttp-events");
  private static final List<String> LEFT =
      List.of("jdk-closed", "jdk-unread", "okhttp-closed", "okhttp-unread");

  /** The ladder's first step, for errors that do not say how long to wait. */
  private static final long STEP_MILLIS = 700;

  /** An error in a stream, as one provider words it. */
  private record Broken(String provider, String path, String limit, String events) {}

  private static final List<Broken> BROKEN =
      List.of(
          new Broken(
              "openai",
              "/v1/responses",
              "tpm",
              "event: response.created\ndata: {\"type\":\"response.created\",\"response\":"
                  + "{\"id\":\"resp_1\",\"status\":\"in_progress\",\"error\":null}}\n\n"
                  + "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":"
                  + "{\"id\":\"resp_1\",\"status\":\"failed\",\"error\":{\"code\":"
                  + "\"rate_limit_exceeded\",\"message\":\"Rate limit reached for m in"
                  + " organization org-x on tokens per min (TPM): Limit 90, Used 80, Requested"
                  + " 20. Please try again in 0.7s.\"}}}\n\n"),
          new Broken(
              "anthropic",
              "/v1/messages",
              "capacity",
              "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":"
                  + "\"msg_1\",\"role\":\"assistant\",\"content\":[]}}\n\nevent: error\ndata:"
                  + " {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
                  + "\"Overloaded\"}}\n\n"),
          new Broken(
              "anthropic",
              "/v1/messages",
              "otpm",
              "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
                  + "\"message\":\"This request would exceed your organization's rate limit of"
                  + " 8,000 output tokens per minute.\"}}\n\n"),
          new Broken(
              "openrouter",
              "/api/v1/chat/completions",
              "rpm",
              ": OPENROUTER PROCESSING\n\ndata: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,"
                  + "\"delta\":{\"content\":\"so\"}}]}\n\ndata: {\"id\":\"gen-1\",\"error\":{"
                  + "\"code\":429,\"message\":\"Rate limit exceeded: limit_rpm/m\"},\"choices\":"
                  + "[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}"
                  + "\n\n"));

  static Stream<Arguments> cells() {
    return Stream.of(
        Arguments.of(17, "okhttp:4.12.0"),
        Arguments.of(25, "okhttp:5.5.1"),
        Arguments.of(17, "okhttp:3.14.9"));
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String gzip(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return latin(out.toByteArray());
  }

  private static String events() {
    StringBuilder events = new StringBuilder();
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      events
          .append("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"")
          .append(Long.toString(random.nextLong(), 36))
          .append("\"}}]}\n\n");
    }
    return events.append("data: [DONE]\n\n").toString();
  }

  private static void head(RawUpstream.Speech out, String... headers) throws IOException {
    out.say(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close\r\n"
            + String.join("", Stream.of(headers).map(h -> h + "\r\n").toList())
            + "\r\n");
  }

  private static void chunks(RawUpstream.Speech out, String body) throws IOException {
    int size = 1;
    for (int at = 0; at < body.length(); at += size, size = size * 3 % 4093) {
      String part = body.substring(at, Math.min(body.length(), at + size));
      out.say(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
    }
    out.say("0\r\n\r\n");
  }

  private static void talk(String model, int attempt, RawUpstream.Speech out)
      throws IOException, InterruptedException {
    String scenario = model.substring(0, model.indexOf('.'));
    switch (scenario) {
      case "gzip" -> {
        head(out, "Content-Encoding: gzip");
        chunks(out, gzip(events()));
      }
      case "cut" -> {
        head(out);
        out.say("40\r\ndata: {\"choices\":[]}\n\n");
      }
      case "left" -> {
        head(out);
        out.say("19\r\ndata: {\"choices\":[1,2]}\n\n\r\n").stall(20_000);
      }
      case "broken" -> {
        head(out);
        int which = Integer.parseInt(model.substring(model.lastIndexOf('.') + 1));
        chunks(out, attempt == 1 ? BROKEN.get(which).events() : events());
      }
      default -> {
        head(out);
        chunks(out, events());
      }
    }
  }

  private static String body(String model) {
    return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[]}";
  }

  @ParameterizedTest(name = "{1} on {0}")
  @MethodSource("cells")
  void everyByteOfAStreamIsTheSameWithAndWithoutTheAgent(
      int jdk, String okHttp, @TempDir Path folder) throws IOException {
    try (RawUpstream upstream = RawUpstream.start(StreamsIT::talk)) {
      String url = "http://127.0.0.1:" + upstream.port() + "/v1/chat/completions";
      List<String> runs = new ArrayList<>();
      StringBuilder lines = new StringBuilder();
      for (String scenario : List.of("plain", "gzip", "cut", "left", "after")) {
        for (String way : scenario.equals("left") ? LEFT : WAYS) {
          String run = scenario + "." + way;
          runs.add(run);
          lines.append(String.join("\t", run, way, url, body(run))).append('\n');
        }
      }
      Path file = Files.writeString(folder.resolve("runs"), lines);
      Ended alone =
          AgentJvm.run(StreamsApp.class)
              .withoutAgent()
              .withJdk(jdk)
              .with(okHttp)
              .withQuickStart()
              .withArguments(file.toString())
              .await()
              .exitedWith(0);
      Ended ended =
          AgentJvm.run(StreamsApp.class)
              .withJdk(jdk)
              .with(okHttp)
              .withQuickStart()
              .withProperty("paceline.hosts", "127.0.0.1:" + upstream.port() + "=openai")
              .withArguments(file.toString())
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      for (String run : runs) {
        checks.check(
            run,
            () -> {
              Ended.Outcome before = alone.outcome(run);
              Ended.Outcome after = ended.outcome(run);
              assertThat(before.ok()).isEqualTo(!run.startsWith("cut"));
              assertThat(after.ok()).isEqualTo(before.ok());
              assertThat(after.text()).isEqualTo(before.text());
              assertThat(after.error()).isEqualTo(before.error());
              assertThat(after.message()).isEqualTo(before.message());
              assertThat(upstream.attempts(run)).as("requests").isEqualTo(2);
            });
      }
      checks.allHold();
      assertThat(ended.everything()).doesNotContain("fault");
      // Cut and closed streams have given their permits back. The two that nobody reads, one a
      // client, are open as far as the wire tells, and hold theirs until the application closes
      // them: here, after this line; else until they were silent for ten minutes (TapTest).
      assertThat(ended.outcome("forgotten").text()).isEqualTo("waiting 0, in flight 2");
      assertThat(ended.outcome("closed").text()).isEqualTo("waiting 0, in flight 0");
    }
  }

  @ParameterizedTest(name = "{1} on {0}")
  @MethodSource("cells")
  void anErrorInAStreamIsCountedAndHoldsTheNextCallAndIsNotRepeated(
      int jdk, String okHttp, @TempDir Path folder) throws IOException {
    List<String> ways = List.of("jdk-bytes", "jdk-flow", "okhttp-stream", "okhttp-events");
    Map<String, RawUpstream> upstreams = new LinkedHashMap<>();
    try {
      StringBuilder lines = new StringBuilder();
      StringBuilder hosts = new StringBuilder();
      for (Broken broken : BROKEN) {
        if (!upstreams.containsKey(broken.provider())) {
          RawUpstream upstream = RawUpstream.start(StreamsIT::talk);
          upstreams.put(broken.provider(), upstream);
          hosts
              .append(hosts.length() == 0 ? "" : ",")
              .append("127.0.0.1:" + upstream.port() + "=" + broken.provider());
        }
      }
      for (int i = 0; i < BROKEN.size(); i++) {
        Broken broken = BROKEN.get(i);
        String url = "http://127.0.0.1:" + upstreams.get(broken.provider()).port() + broken.path();
        for (String way : ways) {
          String model = "broken." + way + "." + i;
          for (String call : List.of("first ", "next ")) {
            lines.append(String.join("\t", call + model, way, url, body(model))).append('\n');
          }
        }
      }
      Path file = Files.writeString(folder.resolve("runs"), lines);
      int console = Ports.free();
      Ended ended =
          AgentJvm.run(StreamsApp.class)
              .withJdk(jdk)
              .with(okHttp)
              .withQuickStart()
              .withProperty("paceline.hosts", hosts.toString())
              .withProperty("paceline.backoff.initial", STEP_MILLIS + "ms")
              .withProperty("paceline.console.port", String.valueOf(console))
              .withArguments(file.toString(), "http://127.0.0.1:" + console + "/metrics")
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      for (int i = 0; i < BROKEN.size(); i++) {
        Broken broken = BROKEN.get(i);
        for (String way : ways) {
          String model = "broken." + way + "." + i;
          checks.check(
              broken.provider() + " " + model,
              () -> {
                // The bytes of the error, and no second request for them.
                if (!way.endsWith("events")) {
                  assertThat(ended.outcome("first " + model).succeeded().text())
                      .startsWith("200 " + broken.events().length() + " ");
                }
                assertThat(ended.outcome("next " + model).succeeded().text()).startsWith("200 ");
                assertThat(upstreams.get(broken.provider()).attempts(model)).isEqualTo(2);
                assertThat(ended.outcome("next " + model).millis())
                    .as("the next call waits")
                    .isGreaterThan(STEP_MILLIS / 2);
                assertThat(counted(ended, broken.provider(), model))
                    .containsExactly("limit=\"" + broken.limit() + "\" 1.0");
              });
        }
      }
      checks.allHold();
    } finally {
      upstreams.values().forEach(RawUpstream::close);
    }
  }

  @Test
  void aStreamThatBeginsWithAnErrorIsRepeatedWhenThatIsAskedFor(@TempDir Path folder)
      throws IOException {
    try (RawUpstream upstream = RawUpstream.start(StreamsIT::talk)) {
      String url = "http://127.0.0.1:" + upstream.port() + "/v1/messages";
      StringBuilder lines = new StringBuilder();
      for (String way : WAYS) {
        for (String model : List.of("plain." + way, "broken." + way + ".2")) {
          lines.append(String.join("\t", model, way, url, body(model))).append('\n');
        }
      }
      Path file = Files.writeString(folder.resolve("runs"), lines);
      Ended ended =
          AgentJvm.run(StreamsApp.class)
              .with("okhttp:4.12.0")
              .withQuickStart()
              .withShortWaits()
              .withProperty("paceline.retry.first-event", "true")
              .withProperty("paceline.hosts", "127.0.0.1:" + upstream.port() + "=anthropic")
              .withArguments(file.toString())
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      for (String way : WAYS) {
        checks.check(
            way,
            () -> {
              String broken = "broken." + way + ".2";
              assertThat(ended.outcome(broken).succeeded().text())
                  .isEqualTo(ended.outcome("plain." + way).succeeded().text());
              assertThat(upstream.attempts(broken)).isEqualTo(2);
              assertThat(upstream.attempts("plain." + way)).isEqualTo(1);
            });
      }
      checks.allHold();
    }
  }

  /** Which limits were counted for a model, how often. */
  private static List<String> counted(Ended ended, String provider, String model) {
    return ended.out().stream()
        .filter(line -> line.startsWith("METRIC paceline_rate_limited_total{"))
        .filter(line -> line.contains("provider=\"" + provider + "\""))
        .filter(line -> line.contains("model=\"" + model + "\""))
        .filter(line -> line.contains("source=\"upstream\""))
        .filter(line -> !line.endsWith(" 0.0"))
        .map(line -> line.replaceAll(".*(limit=\"[a-z]+\").*} ", "$1 "))
        .toList();
  }
}
