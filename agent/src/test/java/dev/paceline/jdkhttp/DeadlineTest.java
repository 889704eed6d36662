package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code HttpRequest.timeout} bounds the call as the application wrote it. */
@Timeout(60)
class DeadlineTest {
  private static final RawServer.Reply SILENCE =
      (request, socket, out) -> socket.getInputStream().read();

  private final RawServer server = new RawServer();
  private final Rig rig = new Rig();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void nothingFailedInside() {
    server.close();
    rig.close();
    assertThat(rig.faults).isEmpty();
    Rig.until(() -> rig.adapter.waiting() == 0);
  }

  private HttpRequest request(Duration timeout) {
    return Rig.post(server, BodyPublishers.ofString("{\"model\":\"m\"}")).timeout(timeout).build();
  }

  private <T> HttpResponse<T> send(
      boolean async, HttpRequest request, HttpResponse.BodyHandler<T> handler) throws Throwable {
    if (!async) {
      return rig.send(client, request, handler);
    }
    try {
      return rig.sendAsync(client, request, handler).get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void silenceAfterAWaitEndsWhenTheTimeoutOfTheCallDoes(boolean async) throws Throwable {
    rig.firstWait = TimeUnit.MILLISECONDS.toNanos(1_500);
    server.answers(reply(429, "kept"), SILENCE);
    long began = System.nanoTime();

    HttpResponse<String> got = send(async, request(Duration.ofSeconds(3)), BodyHandlers.ofString());

    assertThat(got.statusCode()).isEqualTo(429);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(2_900), Duration.ofMillis(4_000));
    assertThat(server.seen).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void responseShowsTheApplicationsOwnRequest(boolean async) throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    HttpRequest request = request(Duration.ofSeconds(7));

    HttpResponse<String> got = send(async, request, BodyHandlers.ofString());

    assertThat(got.body()).isEqualTo("fine");
    assertThat(got.request()).isEqualTo(request);
    assertThat(got.request().timeout()).contains(Duration.ofSeconds(7));
    assertThat(got.request().bodyPublisher().orElseThrow())
        .isSameAs(request.bodyPublisher().orElseThrow());
    assertThat(got.previousResponse()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void exceptionOfACallThatWaitedUnsentIsTheClientsOwn(boolean async) {
    rig.firstWait = TimeUnit.MILLISECONDS.toNanos(500);
    server.answers(reply(429, "busy"), SILENCE);
    rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString());
    Rig.until(() -> rig.adapter.waiting() == 1);

    Throwable with =
        catchThrowable(() -> send(async, request(Duration.ofSeconds(2)), BodyHandlers.ofString()));
    Throwable without =
        catchThrowable(() -> client.send(request(Duration.ofMillis(100)), BodyHandlers.ofString()));

    assertThat(with).isExactlyInstanceOf(HttpTimeoutException.class);
    assertThat(with).hasMessage(without.getMessage());
  }

  @Test
  void callWithoutATimeoutWaitsAsLongAsItTakes() throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    HttpResponse<String> got = rig.send(client, Rig.post(server), BodyHandlers.ofString());
    assertThat(got.request().timeout()).isEmpty();
  }
}
