package dev.paceline.sim.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.sim.ResponseStyle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SimServerTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static HttpRequest post(SimServer server, String path, String body) {
    return HttpRequest.newBuilder(URI.create(server.uri() + path))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .timeout(Duration.ofSeconds(30))
        .build();
  }

  private HttpResponse<String> send(SimServer server, String path, String body)
      throws IOException, InterruptedException {
    return client.send(post(server, path, body), HttpResponse.BodyHandlers.ofString());
  }

  private List<CompletableFuture<HttpResponse<String>>> sendAll(SimServer server, int count) {
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sent.add(
          client.sendAsync(
              post(server, "/v1/chat/completions", "{\"model\":\"m\"}"),
              HttpResponse.BodyHandlers.ofString()));
    }
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    return sent;
  }

  /** Fails unless the text is one whole JSON value. */
  private static void assertJson(String text) {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      parser.skipChildren();
      assertThat(parser.nextToken()).as("after the value in %s", text).isNull();
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  @Test
  void everyPathAnswersInItsOwnShapeWithUsage() throws Exception {
    try (SimServer server = SimServer.builder().start()) {
      String[][] cases = {
        {"/v1/chat/completions", "\"object\":\"chat.completion\"", "\"total_tokens\":", "m1"},
        {"/v1/responses", "\"object\":\"response\"", "\"output_tokens\":", "m1"},
        {"/v1/messages", "\"type\":\"message\"", "\"output_tokens\":", "m1"},
        {
          "/v1beta/models/gemini-2.5-flash:generateContent",
          "\"candidates\":",
          "\"usageMetadata\":",
          "gemini-2.5-flash"
        },
        {"/v1/embeddings", "\"embedding\":[0.5,", "\"prompt_tokens\":", "m1"},
        {
          "/openai/deployments/dep-1/chat/completions?api-version=2024-10-21",
          "\"object\":\"chat.completion\"",
          "\"total_tokens\":",
          "dep-1"
        },
        {
          "/openai/deployments/dep-1/embeddings?api-version=2024-10-21",
          "\"object\":\"list\"",
          "\"prompt_tokens\":",
          "dep-1"
        },
        {"/openai/v1/responses", "\"object\":\"response\"", "\"output_tokens\":", "m1"},
      };
      for (String[] each : cases) {
        HttpResponse<String> response =
            send(
                server,
                each[0],
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":\"m1\"}");
        assertThat(response.statusCode()).as(each[0]).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(response.body()).contains(each[1]).contains(each[2]);
        assertJson(response.body());
        assertThat(server.records().get(server.count() - 1).model()).isEqualTo(each[3]);
      }
      assertThat(server.count(200)).isEqualTo(cases.length);
    }
  }

  @Test
  void everyStreamIsWholeServerSentEvents() throws Exception {
    try (SimServer server = SimServer.builder().eventGap(Duration.ofMillis(2)).start()) {
      String[][] cases = {
        {"/v1/chat/completions", "data: [DONE]\n\n", "\"completion_tokens\":"},
        {"/v1/responses", "event: response.completed\n", "\"output_tokens\":"},
        {"/v1/messages", "event: message_stop\n", "\"output_tokens\":"},
        {
          "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
          "\"finishReason\":\"STOP\"",
          "\"candidatesTokenCount\":"
        },
      };
      for (String[] each : cases) {
        HttpResponse<String> response = send(server, each[0], "{\"model\":\"m\",\"stream\":true}");
        assertThat(response.statusCode()).as(each[0]).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
            .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(response.body()).contains(each[1]).contains(each[2]).endsWith("\n\n");
        for (String line : response.body().split("\n")) {
          if (line.startsWith("data: ") && !line.equals("data: [DONE]")) {
            assertJson(line.substring("data: ".length()));
          }
        }
      }
    }
  }

  @Test
  void embeddingsComeAsBase64WhenAskedFor() throws Exception {
    try (SimServer server = SimServer.builder().start()) {
      assertThat(
              send(server, "/v1/embeddings", "{\"model\":\"e\",\"encoding_format\":\"base64\"}")
                  .body())
          .contains("\"embedding\":\"AAAAPwAAgL4AAAA+\"");
    }
  }

  @Test
  void otherPathsAndMethodsAreNotFoundAndLogged() throws Exception {
    try (SimServer server = SimServer.builder().start()) {
      assertThat(send(server, "/v1/files", "{}").statusCode()).isEqualTo(404);
      HttpRequest get =
          HttpRequest.newBuilder(URI.create(server.uri() + "/v1/chat/completions")).build();
      assertThat(client.send(get, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(404);
      assertThat(server.records())
          .extracting(Arrival::path)
          .containsExactly("/v1/files", "/v1/chat/completions");
    }
  }

  @Test
  void theLimitIsEnforcedAndSpokenAndTheLogShowsIt() throws Exception {
    try (SimServer server = SimServer.builder().plan(Plan.requestsPerMinute(6, 2)).start()) {
      assertThat(
              send(server, "/v1/chat/completions", "{\"model\":\"m\"}")
                  .headers()
                  .firstValue("x-ratelimit-remaining-requests"))
          .hasValue("1");
      assertThat(send(server, "/v1/chat/completions", "{\"model\":\"m\"}").statusCode())
          .isEqualTo(200);
      HttpRequest third =
          HttpRequest.newBuilder(URI.create(server.uri() + "/v1/chat/completions"))
              .header("X-Stainless-Retry-Count", "2")
              .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\"}"))
              .build();
      HttpResponse<String> rejected = client.send(third, HttpResponse.BodyHandlers.ofString());
      assertThat(rejected.statusCode()).isEqualTo(429);
      assertThat(rejected.headers().firstValue("retry-after"))
          .hasValueSatisfying(value -> assertThat(Integer.parseInt(value)).isBetween(1, 10));
      assertJson(rejected.body());
      assertThat(send(server, "/v1/chat/completions", "{\"model\":\"other\"}").statusCode())
          .isEqualTo(200);
      assertThat(server.records()).extracting(Arrival::status).containsExactly(200, 200, 429, 200);
      assertThat(server.records())
          .extracting(Arrival::accepted)
          .containsExactly(true, true, false, true);
      assertThat(server.records())
          .extracting(Arrival::stainlessRetryCount)
          .containsExactly(-1, -1, 2, -1);
      assertThat(server.records())
          .allSatisfy(
              arrival ->
                  assertThat(arrival.answeredNanos()).isGreaterThanOrEqualTo(arrival.nanos()));
      assertThat(server.count(429)).isOne();
    }
  }

  @Test
  void aRequestIsChargedItsBodyAndTheTokensItAsksFor() throws Exception {
    Plan plan = Plan.of(LimitRule.fixed(dev.paceline.words.Limit.TPM, 1_000, Duration.ofDays(1)));
    try (SimServer server = SimServer.builder().plan(plan).start()) {
      String body = "{\"model\":\"m\",\"max_tokens\":500}";
      assertThat(
              send(server, "/v1/chat/completions", body)
                  .headers()
                  .firstValue("x-ratelimit-remaining-tokens"))
          .hasValue(Integer.toString(500 - body.length() / 4));
      assertThat(
              send(server, "/v1/chat/completions", "{\"model\":\"m\",\"max_tokens\":2000}").body())
          .contains("Request too large");
    }
  }

  @Test
  void hundredsOfRequestsAreServedAtTheSameTime() throws Exception {
    try (SimServer server = SimServer.builder().service(Duration.ofSeconds(1)).start()) {
      long began = System.nanoTime();
      assertThat(sendAll(server, 400))
          .allSatisfy(response -> assertThat(response.join().statusCode()).isEqualTo(200));
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
      List<Arrival> records = server.records();
      // All are in before the first is answered: none waited for another's service time.
      assertThat(records.get(399).nanos() - records.get(0).nanos())
          .isLessThan(Duration.ofSeconds(15).toNanos());
      assertThat(server.largestBurst(60_000)).isEqualTo(400);
    }
  }

  @Test
  void placesOfAConcurrencyLimitComeBackWhenAnswersEnd() throws Exception {
    try (SimServer server =
        SimServer.builder()
            .plan(Plan.of(LimitRule.concurrency(3)))
            .service(Duration.ofMillis(400))
            .start()) {
      sendAll(server, 10);
      assertThat(server.count(200)).isBetween(3, 9);
      int before = server.count(200);
      assertThat(send(server, "/v1/chat/completions", "{\"model\":\"m\"}").statusCode())
          .isEqualTo(200);
      assertThat(server.count(200)).isEqualTo(before + 1);
    }
  }

  @Test
  void mannersCanChangeWhileItRuns() throws Exception {
    try (SimServer server =
        SimServer.builder()
            .dialect("anthropic")
            .manners(ResponseStyle.DOCUMENTED.with(ResponseStyle.Mood.ALWAYS_503))
            .start()) {
      HttpResponse<String> overload = send(server, "/v1/messages", "{\"model\":\"m\"}");
      assertThat(overload.statusCode()).isEqualTo(503);
      assertThat(overload.body()).contains("overloaded_error");
      server.speak(ResponseStyle.DOCUMENTED);
      assertThat(send(server, "/v1/messages", "{\"model\":\"m\"}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void answersAreNotHeldBackByDelayedAcknowledgements() throws Exception {
    try (SimServer server = SimServer.builder().start()) {
      sendAll(server, 1);
      long began = System.nanoTime();
      for (int i = 0; i < 50; i++) {
        send(server, "/v1/chat/completions", "{\"model\":\"m\"}");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began).dividedBy(50))
          .isLessThan(Duration.ofMillis(30));
    }
  }

  @Test
  void largestBurstCountsHalfOpenSpans() {
    List<Arrival> arrivals = new ArrayList<>();
    for (long at : new long[] {0, 50, 99, 100, 300, 350}) {
      arrivals.add(
          new Arrival(at, "/", "m", 200, -1, true, Optional.empty(), 1, 1, Arrival.NOT_YET));
    }
    assertThat(RequestLog.largestBurst(arrivals, 100)).isEqualTo(3);
    assertThat(RequestLog.largestBurst(arrivals, 101)).isEqualTo(4);
    assertThat(RequestLog.largestBurst(List.of(), 100)).isZero();
  }
}
