package dev.paceline.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.sun.net.httpserver.HttpServer;
import dev.paceline.export.Condition.Kind;
import dev.paceline.export.Webhook.Sender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebhookTest {
  private static final Sender SENDER = new Sender("checkout", "node-7", 4711);
  private static final Condition TPM = AlertsTest.condition(Kind.SATURATED, "gpt-4o");

  private final List<String> posted = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final Deque<Integer> answers = new ArrayDeque<>();
  private final Webhook webhook =
      new Webhook(this::post, SENDER, log::add, (component, fault) -> log.add("fault " + fault));

  @Test
  void theMessageIsWhatSlackTakesAndNamesServiceHostAndProcess() throws IOException {
    webhook.tell(0, List.of(new Notice(TPM, false)));

    assertThat(text(posted.get(0)))
        .isEqualTo(":warning: Paceline: TPM is used up [checkout on node-7, process 4711]");
  }

  @Test
  void atMostOneMessageInTenMinutesForAScopeAndKind() {
    webhook.tell(0, List.of(new Notice(TPM, false)));
    webhook.tell(120_000, List.of(new Notice(TPM, true)));
    webhook.tell(599_999, List.of());
    assertThat(posted).hasSize(1);
    webhook.tell(600_000, List.of());
    assertThat(posted).hasSize(2);
    assertThat(posted.get(1)).contains("over (saturated)");
  }

  @Test
  void otherKindsAndModelsDoNotWaitForIt() {
    webhook.tell(
        0,
        List.of(
            new Notice(TPM, false),
            new Notice(AlertsTest.condition(Kind.QUOTA, "gpt-4o"), false),
            new Notice(AlertsTest.condition(Kind.SATURATED, "o3"), false)));

    assertThat(posted).hasSize(3);
  }

  @Test
  void aMessageThatFailsIsTriedOnceMore() {
    answers.add(500);
    webhook.tell(0, List.of(new Notice(TPM, false)));
    webhook.tell(1_000, List.of());
    assertThat(posted).hasSize(1);
    webhook.tell(2_000, List.of());
    webhook.tell(60_000, List.of());

    assertThat(posted).hasSize(2);
    assertThat(log).isEmpty();
  }

  @Test
  void aMessageThatFailsTwiceIsDroppedAndSaidWithoutTheAddress() {
    answers.add(500);
    answers.add(-1);
    webhook.tell(0, List.of(new Notice(TPM, false)));
    webhook.tell(2_000, List.of());
    webhook.tell(60_000, List.of());

    assertThat(posted).hasSize(2);
    assertThat(log)
        .containsExactly(
            "an alert could not be posted to paceline.alert.webhook: java.io.IOException");
  }

  @Test
  void theNameOfAModelCannotForgeAMessage() throws IOException {
    Condition hostile =
        new Condition(Kind.SATURATED, "openai", "", "x", "tpm", "<!channel> \"}\n & <http://x>");
    webhook.tell(0, List.of(new Notice(hostile, false)));

    assertThat(text(posted.get(0)))
        .contains("&lt;!channel&gt; \"}\n &amp; &lt;http://x&gt;")
        .doesNotContain("<");
  }

  @Test
  void itIsPostedOverHttp() throws IOException {
    List<String> arrived = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          arrived.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Content-Type")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      new Webhook(
              URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/services/T0"),
              SENDER,
              log::add,
              (component, fault) -> log.add("fault " + fault))
          .tell(0, List.of(new Notice(TPM, false)));
    } finally {
      server.stop(0);
    }
    assertThat(log).isEmpty();
    assertThat(arrived).hasSize(1);
    assertThat(arrived.get(0)).startsWith("POST application/json {\"text\":\":warning:");
  }

  /** The application's cookies are for the application's servers, and its jar for their answers. */
  @Test
  void nothingThatTheApplicationHasSetForTheJvmIsUsed() throws IOException {
    List<String> seen = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          seen.add("cookie " + exchange.getRequestHeaders().getFirst("Cookie"));
          exchange.getResponseHeaders().set("Set-Cookie", "evil=1; Path=/");
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(seen.size() == 1 ? 200 : 302, -1);
          exchange.close();
        });
    server.start();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/services/T0");
    java.net.CookieManager jar = new java.net.CookieManager();
    java.net.HttpCookie cookie = new java.net.HttpCookie("session", "fake");
    cookie.setPath("/");
    jar.getCookieStore().add(address, cookie);
    java.net.CookieHandler before = java.net.CookieHandler.getDefault();
    java.net.CookieHandler.setDefault(jar);
    try {
      Webhook webhook =
          new Webhook(address, SENDER, log::add, (component, fault) -> log.add("fault " + fault));
      webhook.tell(0, List.of(new Notice(TPM, false)));
      assertThat(log).isEmpty();
      webhook.tell(Webhook.PAUSE_MILLIS, List.of(new Notice(TPM, true)));
      webhook.tell(Webhook.PAUSE_MILLIS + 5_000, List.of());
    } finally {
      java.net.CookieHandler.setDefault(before);
      server.stop(0);
    }
    assertThat(seen).containsExactly("cookie null", "cookie null", "cookie null");
    assertThat(jar.getCookieStore().getCookies()).containsExactly(cookie);
    assertThat(log).as("a redirect delivers nothing").hasSize(1);
    assertThat(log.get(0)).endsWith("it answered 302");
  }

  @Test
  @org.junit.jupiter.api.Timeout(60)
  void anAnswerThatDripsIsNotWaitedFor() throws Exception {
    try (java.net.ServerSocket server =
        new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread drips =
          new Thread(
              () -> {
                try (java.net.Socket socket = server.accept()) {
                  socket
                      .getOutputStream()
                      .write(
                          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"
                              .getBytes(StandardCharsets.US_ASCII));
                  socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (IOException e) {
                  // the other side has left
                }
              });
      drips.start();
      WebhookPost post =
          new WebhookPost(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"), 300);
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> post.send("{}".getBytes(StandardCharsets.US_ASCII))))
          .isInstanceOf(java.net.http.HttpTimeoutException.class);
      drips.join();
    }
  }

  private int post(byte[] json) throws IOException {
    posted.add(new String(json, StandardCharsets.UTF_8));
    Integer answer = answers.poll();
    if (answer != null && answer < 0) {
      throw new IOException("connection to https://hooks.example/secret refused");
    }
    return answer == null ? 200 : answer;
  }

  private static String text(String json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      assertThat(parser.nextFieldName()).isEqualTo("text");
      return parser.nextTextValue();
    }
  }
}
