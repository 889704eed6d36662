package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** What is sent, how often, and what the application gets. */
public final class Sending extends Scenario {
  /** In a JVM that was slow to start the application's calls failed with the agent's exception. */
  public void withoutACallRoomCallsPass() throws Exception {
    agent.noRoom = true;
    assertThat(get(execute(client.newCall(chat("{}"))))).isEqualTo("200 ok");
    Fixture.await(() -> !agent.faults.isEmpty(), () -> "the reason to be told");
    assertThat(get(enqueue(client.newCall(chat("{}"))))).isEqualTo("200 ok");
    agent.noRoom = false;
    assertThat(get(execute(client.newCall(chat("{}"))))).isEqualTo("200 ok");
    assertThat(agent.events).contains("ended SUCCESS");
    assertThat(agent.faults).allMatch(fault -> "no room".equals(fault.getMessage()));
    agent.faults.clear();
  }

  public void aLimitIsWaitedOutAndTheApplicationSeesOneAnswer() throws Exception {
    agent.time.leaping();
    server.script(limitedFirst(1, "Retry-After: 2\r\n"));
    assertThat(text(client.newCall(chat("{\"model\":\"m\"}")).execute())).isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(2);
    assertThat(server.requests.get(1).body()).isEqualTo(server.requests.get(0).body());
    assertThat(agent.events).containsExactly("started m", "ended SUCCESS");
  }

  public void anEnqueuedCallIsRepeatedToo() throws Exception {
    agent.time.leaping();
    server.script(limitedFirst(2, "Retry-After: 2\r\n"));
    assertThat(get(enqueue(client.newCall(chat("{}"))))).isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(3);
  }

  public void requestsToOtherHostsPassUntouched() throws Exception {
    server.script(e -> e.respond(429, "Retry-After: 2\r\n", LIMIT));
    Request request = request("localhost", "/free", new Json("{}", false));
    assertThat(text(client.newCall(request).execute())).isEqualTo("429 " + LIMIT);
    assertThat(server.count()).isEqualTo(1);
    assertThat(agent.events).isEmpty();
  }

  public void aStreamOfEventsPassesUnbuffered() throws Exception {
    CountDownLatch firstSeen = new CountDownLatch(1);
    server.script(
        e -> {
          e.head(200, "Transfer-Encoding: chunked\r\n");
          e.write("9\r\ndata: 1\n\n\r\n");
          firstSeen.await();
          e.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
        });
    try (Response response = client.newCall(chat("{\"stream\":true}")).execute()) {
      assertThat(response.body().source().readUtf8Line()).isEqualTo("data: 1");
      firstSeen.countDown();
      assertThat(response.body().source().readUtf8()).isEqualTo("\ndata: 2\n\n");
    }
  }

  public void theAllowanceIsSixRequestsAndTheLastAnswerIsWhole() throws Exception {
    agent.time.leaping();
    server.script(e -> e.respond(429, "X-Number: " + e.number() + "\r\n", LIMIT));
    try (Response response = client.newCall(chat("{}")).execute()) {
      assertThat(response.code()).isEqualTo(429);
      assertThat(response.header("X-Number")).isEqualTo("6");
      assertThat(response.body().contentLength()).isEqualTo(LIMIT.length());
      assertThat(response.body().string()).isEqualTo(LIMIT);
      assertThat(response.header("x-should-retry")).isNull();
    }
    assertThat(server.count()).isEqualTo(6);
  }

  public void anSdkAboveIsToldNotToStartOver() throws Exception {
    agent.time.leaping();
    server.script(e -> e.respond(429, "", LIMIT));
    Request sdk = chat("{}").newBuilder().header("X-Stainless-Retry-Count", "0").build();
    try (Response response = client.newCall(sdk).execute()) {
      assertThat(response.header("x-should-retry")).isEqualTo("false");
      assertThat(response.body().string()).isEqualTo(LIMIT);
    }
  }

  public void interceptorsThatProceedAgainShareOneAllowance() throws Exception {
    agent.time.leaping();
    server.script(e -> e.respond(429, "", LIMIT));
    AtomicInteger passes = new AtomicInteger();
    Interceptor stubborn =
        chain -> {
          Response response = chain.proceed(chain.request());
          while (response.code() == 429 && passes.incrementAndGet() < 5) {
            response.close();
            response = chain.proceed(chain.request());
          }
          return response;
        };
    OkHttpClient retrying = client.newBuilder().addInterceptor(stubborn).build();
    assertThat(text(retrying.newCall(chat("{}")).execute())).isEqualTo("429 " + LIMIT);
    assertThat(passes).hasValue(5);
    assertThat(server.count()).isEqualTo(6);
  }

  public void okHttpsOwnFollowUpsAreCounted() throws Exception {
    agent.time.leaping();
    server.script(e -> e.respond(503, "Retry-After: 0\r\n", ""));
    assertThat(text(client.newCall(chat("{}")).execute())).startsWith("503");
    assertThat(server.count()).isLessThanOrEqualTo(6).isGreaterThan(2);
  }

  public void aBodyThatCanBeSentOnceIsSentOnce() throws Exception {
    agent.time.leaping();
    server.script(e -> e.respond(429, "Retry-After: 1\r\n", LIMIT));
    Request once = request("127.0.0.1", CHAT, new Json("{}", true));
    assertThat(text(client.newCall(once).execute())).isEqualTo("429 " + LIMIT);
    assertThat(server.count()).isEqualTo(1);
  }

  public void aCredentialThatExpiresDuringTheWaitDeliversTheKeptAnswer() throws Exception {
    agent.time.leaping();
    server.script(
        e -> {
          if (e.number() == 1) {
            e.respond(429, "Retry-After: 1\r\nX-Kept: yes\r\n", LIMIT);
          } else {
            e.respond(401, "", "{}");
          }
        });
    try (Response response = client.newCall(chat("{}")).execute()) {
      assertThat(response.code()).isEqualTo(429);
      assertThat(response.message()).isEqualTo("Stub");
      assertThat(response.header("X-Kept")).isEqualTo("yes");
      assertThat(response.body().contentType().subtype()).isEqualTo("json");
      assertThat(response.body().string()).isEqualTo(LIMIT);
    }
    assertThat(server.count()).isEqualTo(2);
  }

  public void aConnectionLostAfterALimitDeliversTheKeptAnswer() throws Exception {
    agent.time.leaping();
    server.script(
        e -> {
          if (e.number() > 1) {
            throw new java.io.IOException("cut");
          }
          e.respond(429, "Retry-After: 1\r\nConnection: close\r\n", LIMIT);
        });
    assertThat(text(client.newCall(chat("{}")).execute())).isEqualTo("429 " + LIMIT);
  }

  public void errorsOfTheApplicationsOwnPassWhole() throws Exception {
    server.script(e -> e.respond(400, "", "x".repeat(200_000)));
    assertThat(text(client.newCall(chat("{}")).execute())).isEqualTo("400 " + "x".repeat(200_000));
    assertThat(server.count()).isEqualTo(1);
  }

  public void aStalledErrorBodyIsNotWaitedForAndItsRestPassesThrough() throws Exception {
    CountDownLatch judged = new CountDownLatch(1);
    server.script(
        e -> {
          e.head(400, "Content-Length: 10\r\n");
          e.write("first");
          judged.await();
          e.write(" rest");
        });
    try (Response response = client.newCall(chat("{}")).execute()) {
      judged.countDown();
      assertThat(response.body().contentLength()).isEqualTo(10);
      assertThat(response.body().string()).isEqualTo("first rest");
    }
  }

  public void aStalledLimitIsStillWaitedOut() throws Exception {
    agent.time.leaping();
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        e -> {
          if (e.number() > 1) {
            e.respond(200, "", "ok");
            return;
          }
          e.head(429, "Retry-After: 1\r\nContent-Length: 10\r\n");
          e.write("first");
          never.await();
        });
    OkHttpClient patient =
        client.newBuilder().readTimeout(0, java.util.concurrent.TimeUnit.MILLISECONDS).build();
    assertThat(get(execute(patient.newCall(chat("{}"))))).isEqualTo("200 ok");
  }

  public void aResponseWithAStalledBodyCanBeClosed() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        e -> {
          e.head(400, "Content-Length: 10\r\n");
          e.write("first");
          never.await();
        });
    OkHttpClient patient =
        client.newBuilder().readTimeout(0, java.util.concurrent.TimeUnit.MILLISECONDS).build();
    CompletableFuture<String> closed = new CompletableFuture<>();
    Call call = patient.newCall(chat("{}"));
    Thread thread =
        new Thread(
            () -> {
              try (Response response = call.execute()) {
                closed.complete(String.valueOf(response.code()));
              } catch (Throwable t) {
                closed.completeExceptionally(t);
              }
            });
    thread.start();
    assertThat(get(closed)).isEqualTo("400");
    thread.join(20_000);
    assertThat(thread.isAlive()).isFalse();
  }

  public void aWebSocketHandshakeIsLeftAlone() throws Exception {
    server.script(e -> e.respond(429, "Retry-After: 1\r\n", LIMIT));
    Request upgrade =
        new Request.Builder()
            .url(server.url("127.0.0.1", CHAT))
            .header("Upgrade", "websocket")
            .header("Connection", "Upgrade")
            .build();
    assertThat(text(client.newCall(upgrade).execute())).isEqualTo("429 " + LIMIT);
    assertThat(server.count()).isEqualTo(1);
  }

  public void aWebSocketOpensAndSpeaks() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    server.script(
        e -> {
          byte[] key =
              MessageDigest.getInstance("SHA-1")
                  .digest(
                      (e.headers().get("sec-websocket-key")
                              + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11") // RFC 6455, 1.3
                          .getBytes(StandardCharsets.US_ASCII));
          e.head(
              101,
              "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                  + Base64.getEncoder().encodeToString(key)
                  + "\r\n");
          e.out().write(new byte[] {(byte) 0x81, 5, 'h', 'e', 'l', 'l', 'o'});
          e.out().flush();
          over.await();
        });
    CompletableFuture<String> said = new CompletableFuture<>();
    WebSocket socket =
        client.newWebSocket(
            new Request.Builder().url(server.url("127.0.0.1", CHAT)).build(),
            new WebSocketListener() {
              @Override
              public void onMessage(WebSocket webSocket, String text) {
                said.complete(text);
              }

              @Override
              public void onFailure(WebSocket webSocket, Throwable t, Response response) {
                said.completeExceptionally(t);
              }
            });
    assertThat(get(said)).isEqualTo("hello");
    socket.cancel();
    over.countDown();
    assertThat(server.count()).isEqualTo(1);
  }

  public void aRefusedConnectionIsTriedAgainAndThenThrownAsItWas() throws Exception {
    agent.time.leaping();
    int port;
    try (ServerSocket closed = new ServerSocket(0)) {
      port = closed.getLocalPort();
    }
    AtomicInteger networkTries = new AtomicInteger();
    OkHttpClient counting =
        client
            .newBuilder()
            .eventListener(
                new okhttp3.EventListener() {
                  @Override
                  public void connectStart(
                      Call call, java.net.InetSocketAddress address, java.net.Proxy proxy) {
                    networkTries.incrementAndGet();
                  }
                })
            .build();
    Request request =
        new Request.Builder()
            .url("http://127.0.0.1:" + port + CHAT)
            .post(new Json("{}", false))
            .build();
    Throwable failure = failure(execute(counting.newCall(request)));
    assertThat(failure).isInstanceOf(ConnectException.class);
    assertThat(networkTries).hasValue(3);
  }

  public void observingTouchesNothing() throws Exception {
    agent.mode.set(dev.paceline.config.Mode.OBSERVE);
    server.script(e -> e.respond(429, "Retry-After: 1\r\n", LIMIT));
    assertThat(text(client.newCall(chat("{}")).execute())).isEqualTo("429 " + LIMIT);
    assertThat(server.count()).isEqualTo(1);
  }

  public void anExceptionOfAnotherInterceptorIsThatException() throws Exception {
    IllegalStateException theirs = new IllegalStateException("theirs");
    OkHttpClient failing =
        client
            .newBuilder()
            .addNetworkInterceptor(
                chain -> {
                  throw theirs;
                })
            .build();
    assertThat(failure(execute(failing.newCall(chat("{}"))))).isSameAs(theirs);
    Fixture.await(() -> agent.events.contains("ended IO_ERROR"), () -> "the call to have ended");
  }
}
