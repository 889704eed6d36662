package dev.paceline.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Request headers that speak to the agent never leave the process. */
@Timeout(60)
class OwnHeadersTest {
  private final RawServer server = new RawServer();
  private final Rig rig = new Rig();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void nothingFailedInside() {
    server.close();
    rig.close();
    assertThat(rig.faults).isEmpty();
  }

  private HttpRequest marked() {
    return Rig.post(server, HttpRequest.BodyPublishers.ofString("{\"model\":\"m\"}"))
        .header("X-Paceline-Tenant", "acme")
        .header("x-paceline-priority", "background")
        .header("X-Trace", "t")
        .build();
  }

  private void nothingOfOursWasSent() {
    assertThat(server.seen).isNotEmpty();
    assertThat(server.seen)
        .allSatisfy(
            seen -> {
              assertThat(seen.headers().keySet())
                  .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).contains("paceline"));
              assertThat(seen.headers()).containsEntry("X-Trace", "t");
            });
  }

  @Test
  void ofASynchronousCallAndItsRepeats() throws Throwable {
    server.answers(RawServer.reply(429, "busy"), RawServer.reply(200, "fine"));
    HttpRequest request = marked();
    HttpResponse<String> response = rig.send(client, request, BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.request()).isEqualTo(request);
    assertThat(server.seen).hasSize(2);
    nothingOfOursWasSent();
  }

  @Test
  void ofAnAsynchronousCall() throws Exception {
    server.answers(RawServer.reply(200, "fine"));
    HttpRequest request = marked();
    HttpResponse<String> response =
        rig.sendAsync(client, request, BodyHandlers.ofString()).get(20, TimeUnit.SECONDS);
    assertThat(response.body()).isEqualTo("fine");
    assertThat(response.request()).isEqualTo(request);
    nothingOfOursWasSent();
  }

  @Test
  void aRequestWithoutThemIsSentAsItIs() throws Throwable {
    server.answers(RawServer.reply(200, "fine"));
    HttpRequest request = Rig.post(server);
    assertThat(JdkOwnHeaders.in(request.headers())).isFalse();
    HttpResponse<String> response = rig.send(client, request, BodyHandlers.ofString());
    assertThat(response.request()).isEqualTo(request);
  }
}
