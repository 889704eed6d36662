package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BodySemanticsTest {
  private final RawServer server = new RawServer();
  private final Rig rig = new Rig();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void nothingFailedInside() {
    server.close();
    rig.close();
    assertThat(rig.faults).isEmpty();
    Rig.until(() -> rig.adapter.replayBytes() == 0);
  }

  @Test
  void anErrorsStreamThatBrokeOffIsReadAsFarAsItCame() throws Throwable {
    server.answers(
        (request, socket, out) -> {
          out.write(RawServer.head(400, "Content-Length: 100"));
          out.write("half".getBytes(StandardCharsets.UTF_8));
          out.flush();
          socket.close();
        });
    HttpRequest request = Rig.post(server, BodyPublishers.ofString("{}")).build();
    HttpResponse<InputStream> response = rig.send(client, request, BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      assertThat(in.readNBytes(4)).asString(StandardCharsets.UTF_8).isEqualTo("half");
      assertThat(catchThrowable(in::read)).isInstanceOf(IOException.class);
    }
  }

  /** A publisher of no known class, which counts who subscribes. */
  private static BodyPublisher opaque(byte[] body, AtomicInteger subscriptions) {
    return BodyPublishers.fromPublisher(
        (Flow.Subscriber<? super ByteBuffer> s) -> {
          subscriptions.incrementAndGet();
          BodyPublishers.ofByteArray(body).subscribe(s);
        });
  }

  /** The message without the names of the connection and thread that some begin with. */
  private static String plain(Throwable t) {
    return t.getMessage().replaceFirst("^SocketTube\\(\\d+\\) \\[[^]]*] ", "");
  }

  private static byte[] noise(int size) {
    byte[] bytes = new byte[size];
    new java.util.Random(1).nextBytes(bytes);
    return bytes;
  }

  private HttpResponse<String> send(BodyPublisher body) throws Throwable {
    return rig.send(client, Rig.post(server, body).build(), BodyHandlers.ofString());
  }

  @Test
  void opaqueBodyIsReadOnceAndSentTwiceAlike() throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    AtomicInteger subscriptions = new AtomicInteger();
    byte[] body = "{\"model\":\"m\"}".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    BodyPublisher publisher = opaque(body, subscriptions);

    HttpResponse<String> response = send(publisher);

    assertThat(response.body()).isEqualTo("fine");
    assertThat(subscriptions).hasValue(1);
    assertThat(server.seen).hasSize(2).allSatisfy(s -> assertThat(s.body()).isEqualTo(body));
    assertThat(server.seen.get(0).headers()).containsKey("Transfer-Encoding");
    assertThat(server.seen.get(1).headers()).isEqualTo(server.seen.get(0).headers());
    assertThat(response.request().bodyPublisher()).contains(publisher);
  }

  @Test
  void declaredLengthIsSentAsDeclared() throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    AtomicInteger subscriptions = new AtomicInteger();
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);

    send(BodyPublishers.fromPublisher(opaque(body, subscriptions), body.length));

    assertThat(server.seen)
        .hasSize(2)
        .allSatisfy(s -> assertThat(s.headers()).containsEntry("Content-Length", "2"));
    assertThat(subscriptions).hasValue(1);
  }

  @Test
  void streamsIterablesConcatenationsAndFilesAreRepeated(@TempDir Path folder) throws Throwable {
    byte[] json = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("body"), json);
    List<BodyPublisher> publishers =
        List.of(
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(json)),
            BodyPublishers.ofByteArrays(
                List.of(Arrays.copyOf(json, 3), Arrays.copyOfRange(json, 3, 7))),
            BodyPublishers.ofFile(file),
            BodyPublishers.ofByteArray(json),
            BodyPublishers.ofByteArray(
                ("xx" + new String(json, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8),
                2,
                7));
    for (BodyPublisher publisher : publishers) {
      server.seen.clear();
      server.answers(reply(429, "busy"), reply(200, "fine"));
      assertThat(send(publisher).body()).isEqualTo("fine");
      assertThat(server.seen).hasSize(2).allSatisfy(s -> assertThat(s.body()).isEqualTo(json));
    }
  }

  @Test
  void bodyBeyondTheCapIsSentWholeAndOnce() throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    byte[] body = noise(BodySource.MOST + 100_000);
    AtomicInteger subscriptions = new AtomicInteger();

    HttpResponse<String> response = send(opaque(body, subscriptions));

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(subscriptions).hasValue(1);
    assertThat(server.seen).hasSize(1);
    assertThat(server.seen.get(0).body()).isEqualTo(body);
  }

  @Test
  void bodyWithoutRoomInThePoolIsSentWholeAndOnce() throws Throwable {
    rig.replayBytes = 1_000;
    server.answers(reply(429, "busy"));
    byte[] body = noise(200_000);

    assertThat(send(opaque(body, new AtomicInteger())).statusCode()).isEqualTo(429);

    assertThat(server.seen).hasSize(1);
    assertThat(server.seen.get(0).body()).isEqualTo(body);
  }

  @Test
  void nonJsonAndCompressedBodiesAreNotReadAhead() throws Throwable {
    server.answers(reply(429, "busy"));
    AtomicInteger subscriptions = new AtomicInteger();
    BodyPublisher body = opaque("x".getBytes(StandardCharsets.UTF_8), subscriptions);
    List<HttpRequest> requests =
        List.of(
            HttpRequest.newBuilder(server.uri())
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(body)
                .build(),
            Rig.post(server, body).header("Content-Encoding", "gzip").build());
    for (HttpRequest request : requests) {
      server.seen.clear();
      subscriptions.set(0);
      assertThat(rig.send(client, request, BodyHandlers.ofString()).statusCode()).isEqualTo(429);
      assertThat(server.seen).hasSize(1);
      assertThat(subscriptions).hasValue(1);
    }
  }

  @Test
  void failingPublisherIsSeenAsWithoutTheAgent() {
    BodyPublisher failing =
        BodyPublishers.fromPublisher(
            s ->
                s.onSubscribe(
                    new Flow.Subscription() {
                      @Override
                      public void request(long n) {
                        s.onError(new IllegalStateException("mine"));
                      }

                      @Override
                      public void cancel() {}
                    }));
    BodyPublisher throwing =
        BodyPublishers.fromPublisher(
            s -> {
              throw new IllegalStateException("mine");
            });
    BodyPublisher tooShort =
        BodyPublishers.fromPublisher(opaque(new byte[3], new AtomicInteger()), 5);
    for (BodyPublisher publisher : List.of(failing, throwing, tooShort)) {
      HttpRequest request = Rig.post(server, publisher).build();
      Throwable without = catchThrowable(() -> client.send(request, BodyHandlers.ofString()));
      Throwable with = catchThrowable(() -> rig.send(client, request, BodyHandlers.ofString()));
      assertThat(with).as("%s", without).hasSameClassAs(without);
      assertThat(plain(with)).isEqualTo(plain(without));
      assertThat(with.getCause()).hasSameClassAs(without.getCause());
    }
  }

  @Test
  void slowPublisherIsNotWaitedForLongAndBlocksNoCaller() throws Exception {
    server.answers(reply(200, "fine"));
    try (SubmissionPublisher<ByteBuffer> slow = new SubmissionPublisher<>()) {
      HttpRequest request = Rig.post(server, BodyPublishers.fromPublisher(slow)).build();
      CompletableFuture<HttpResponse<String>> future =
          rig.sendAsync(client, request, BodyHandlers.ofString());
      Rig.until(slow::hasSubscribers);
      slow.submit(ByteBuffer.wrap("{\"a\":".getBytes(StandardCharsets.UTF_8)));
      // The request is on the wire before its body has ended: nobody waits for a slow source.
      Rig.until(() -> server.arrived.get() == 1);
      assertThat(future).isNotDone();
      slow.submit(ByteBuffer.wrap("1}".getBytes(StandardCharsets.UTF_8)));
      slow.close();
      assertThat(future.get(20, TimeUnit.SECONDS).body()).isEqualTo("fine");
      assertThat(server.seen.get(0).body()).asString().isEqualTo("{\"a\":1}");
    }
  }

  @Test
  void sourceThatBlocksItsReaderIsNotWaitedForEither() throws Throwable {
    server.answers(reply(200, "fine"));
    CompletableFuture<Void> more = new CompletableFuture<>();
    BodyPublisher blocking =
        BodyPublishers.ofInputStream(
            () ->
                new java.io.InputStream() {
                  private int read;

                  @Override
                  public int read() {
                    if (read == 1) {
                      more.join();
                    }
                    return read++ < 2 ? '7' : -1;
                  }

                  @Override
                  public int read(byte[] bytes, int from, int length) {
                    int b = read();
                    if (b < 0) {
                      return -1;
                    }
                    bytes[from] = (byte) b;
                    return 1;
                  }
                });
    CompletableFuture<HttpResponse<String>> future =
        rig.sendAsync(client, Rig.post(server, blocking).build(), BodyHandlers.ofString());
    Rig.until(() -> rig.sent.get() == 1);
    more.complete(null);
    assertThat(future.get(20, TimeUnit.SECONDS).body()).isEqualTo("fine");
    assertThat(server.seen.get(0).body()).asString().isEqualTo("77");
  }

  @Test
  void cancelWhileTheBodyIsReadAheadSendsNothing() {
    SubmissionPublisher<ByteBuffer> slow = new SubmissionPublisher<>();
    HttpRequest request = Rig.post(server, BodyPublishers.fromPublisher(slow)).build();
    CompletableFuture<HttpResponse<String>> future =
        rig.sendAsync(client, request, BodyHandlers.ofString());
    Rig.until(slow::hasSubscribers);
    future.cancel(true);
    Rig.until(() -> !slow.hasSubscribers());
    assertThat(server.arrived).hasValue(0);
  }

  @Test
  void manyLargeOpaqueBodiesStayWithinThePool() throws Exception {
    rig.replayBytes = 20 << 20;
    AtomicInteger most = new AtomicInteger();
    server.answers(
        (request, socket, out) -> {
          // A copy is held until its call has ended.
          most.accumulateAndGet((int) rig.adapter.replayBytes(), Math::max);
          reply(200, "fine").write(request, socket, out);
        });
    byte[] body = new byte[8 << 20];
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      calls.add(
          rig.sendAsync(
              client,
              Rig.post(server, opaque(body, new AtomicInteger())).build(),
              BodyHandlers.ofString()));
      if (i % 10 == 9) { // what the server keeps of them is not what is tested
        for (CompletableFuture<HttpResponse<String>> call : calls) {
          assertThat(call.get(60, TimeUnit.SECONDS).body()).isEqualTo("fine");
        }
        assertThat(server.seen).allSatisfy(s -> assertThat(s.body()).hasSize(body.length));
        server.seen.clear();
        calls.clear();
      }
    }
    assertThat(most.get()).isBetween(1, 20 << 20);
  }

  @Test
  void requestWithoutABodyIsRepeated() throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    HttpRequest get = HttpRequest.newBuilder(server.uri()).build();
    assertThat(rig.send(client, get, BodyHandlers.ofString()).body()).isEqualTo("fine");
  }

  @Test
  void expectContinueIsNotReadAhead() throws Throwable {
    server.continues = false;
    server.answers(
        (request, socket, out) -> {
          throw new IOException("not reached: the body is awaited");
        });
    AtomicInteger subscriptions = new AtomicInteger();
    HttpRequest request =
        Rig.post(server, opaque(new byte[2], subscriptions)).expectContinue(true).build();
    CompletableFuture<HttpResponse<String>> future =
        rig.sendAsync(client, request, BodyHandlers.ofString());
    Rig.until(() -> server.arrived.get() == 1);
    assertThat(subscriptions).hasValue(0);
    future.cancel(true);
  }
}
