package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.paceline.words.Limit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A served stream passes as without the agent, which sees it all the same. */
@Timeout(120)
class TappedBodyTest {
  private static final String SSE = "Content-Type: text/event-stream";
  private static final String CHUNK =
      "data: {\"choices\":[{\"delta\":{\"content\":\"hällo\"}}]}\n\n";
  private static final String OVERLOADED =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
          + "\"message\":\"Overloaded\"}}\n\n";

  private final RawServer server = new RawServer();
  private final Rig rig = new Rig().holding();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void nothingFailedInside() {
    server.close();
    rig.close();
    assertThat(rig.faults).isEmpty();
  }

  /** In chunks of odd sizes. */
  private static RawServer.Reply chunked(byte[] body, String... headers) {
    return (request, socket, out) -> {
      out.write(head(200, "Transfer-Encoding: chunked", headers));
      int size = 1;
      for (int at = 0; at < body.length; at += size, size = size * 3 % 1009) {
        int n = Math.min(size, body.length - at);
        out.write((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(body, at, n);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String collect(Flow.Publisher<List<ByteBuffer>> publisher) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    CompletableFuture<String> done = new CompletableFuture<>();
    publisher.subscribe(
        new Flow.Subscriber<>() {
          private Flow.Subscription from;

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            from = subscription;
            from.request(1);
          }

          @Override
          public void onNext(List<ByteBuffer> item) {
            for (ByteBuffer buffer : item) {
              byte[] part = new byte[buffer.remaining()];
              buffer.get(part);
              all.writeBytes(part);
            }
            from.request(1);
          }

          @Override
          public void onError(Throwable failure) {
            done.completeExceptionally(failure);
          }

          @Override
          public void onComplete() {
            done.complete(all.toString(StandardCharsets.UTF_8));
          }
        });
    return done.join();
  }

  private static String read(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static BodyHandler<String> consumer() {
    return info -> {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      return BodySubscribers.mapping(
          BodySubscribers.ofByteArrayConsumer(part -> part.ifPresent(all::writeBytes)),
          none -> all.toString(StandardCharsets.UTF_8));
    };
  }

  private static Map<String, BodyHandler<String>> handlers(Path file) {
    Map<String, BodyHandler<String>> all = new LinkedHashMap<>();
    all.put("ofString", BodyHandlers.ofString());
    all.put(
        "ofByteArray",
        i ->
            BodySubscribers.mapping(
                BodySubscribers.ofByteArray(), b -> new String(b, StandardCharsets.UTF_8)));
    all.put("consumer", consumer());
    all.put("buffering", BodyHandlers.buffering(BodyHandlers.ofString(), 100));
    all.put(
        "ofFile",
        i ->
            BodySubscribers.mapping(
                BodySubscribers.ofFile(file),
                path -> {
                  try {
                    return Files.readString(path);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                }));
    all.put("discarding", i -> BodySubscribers.mapping(BodySubscribers.discarding(), v -> "gone"));
    all.put("replacing", BodyHandlers.replacing("replaced"));
    return all;
  }

  @Test
  void everyBodyHandlerMakesTheSameOfIt(@TempDir Path folder) throws Throwable {
    byte[] body = utf8(CHUNK.repeat(300));
    server.answers(chunked(body, SSE));
    for (Map.Entry<String, BodyHandler<String>> each :
        handlers(folder.resolve("body")).entrySet()) {
      String alone = client.send(Rig.post(server), each.getValue()).body();
      assertThat(rig.send(client, Rig.post(server), each.getValue()).body())
          .as(each.getKey())
          .isEqualTo(alone);
      assertThat(rig.sendAsync(client, Rig.post(server), each.getValue()).get().body())
          .as(each.getKey())
          .isEqualTo(alone);
      Rig.until(() -> rig.calls.openStreams() == 0);
    }
    String text = new String(body, StandardCharsets.UTF_8);
    HttpResponse<Stream<String>> lines = rig.send(client, Rig.post(server), BodyHandlers.ofLines());
    assertThat(lines.body().collect(Collectors.joining("\n", "", "\n"))).isEqualTo(text);
    assertThat(read(rig.send(client, Rig.post(server), BodyHandlers.ofInputStream()).body()))
        .isEqualTo(text);
    assertThat(collect(rig.send(client, Rig.post(server), BodyHandlers.ofPublisher()).body()))
        .isEqualTo(text);
    List<String> subscribed = new ArrayList<>();
    rig.send(
        client,
        Rig.post(server),
        BodyHandlers.fromLineSubscriber(
            new Flow.Subscriber<String>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(String line) {
                subscribed.add(line);
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onComplete() {}
            },
            s -> "",
            "\n"));
    assertThat(String.join("\n", subscribed) + "\n").isEqualTo(text);
    Rig.until(() -> rig.calls.openStreams() == 0);
    assertThat(rig.limits).isEmpty();
  }

  @Test
  void theResponseIsThereBeforeItsBodyAndIsReadAsItComes() throws Throwable {
    CountDownLatch goOn = new CountDownLatch(1);
    server.answers(
        (request, socket, out) -> {
          out.write(head(200, "Transfer-Encoding: chunked", SSE));
          out.write(utf8("9\r\ndata: 1\n\n\r\n"));
          out.flush();
          await(goOn);
          out.write(utf8("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
          out.flush();
        });
    InputStream body = rig.send(client, Rig.post(server), BodyHandlers.ofInputStream()).body();
    assertThat(body.readNBytes(9)).isEqualTo(utf8("data: 1\n\n"));
    assertThat(rig.calls.openStreams()).isOne();
    goOn.countDown();
    assertThat(read(body)).isEqualTo("data: 2\n\n");
    Rig.until(() -> rig.calls.openStreams() == 0);
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void anErrorInTheStreamIsDeliveredCountedAndHoldsTheNextCall() throws Throwable {
    String body = CHUNK + OVERLOADED;
    server.answers(chunked(utf8(body), SSE));
    HttpResponse<String> response = rig.send(client, Rig.post(server), BodyHandlers.ofString());
    assertThat(response.body()).isEqualTo(body);
    assertThat(server.arrived).hasValue(1);
    assertThat(rig.limits).containsExactly(Limit.CAPACITY);
    assertThat(rig.calls.holding()).isTrue();
    CompletableFuture<HttpResponse<String>> next =
        rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString());
    Rig.until(() -> rig.adapter.waiting() == 1);
    assertThat(server.arrived).hasValue(1);
    next.cancel(true);
  }

  @Test
  void aGzippedStreamPassesAsItCameAndIsLookedInto() throws Throwable {
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped, 100, true)) {
      gzip.write(utf8(CHUNK));
      gzip.flush();
      gzip.write(utf8(OVERLOADED));
    }
    server.answers(chunked(gzipped.toByteArray(), SSE, "Content-Encoding: gzip"));
    assertThat(rig.send(client, Rig.post(server), BodyHandlers.ofByteArray()).body())
        .isEqualTo(gzipped.toByteArray());
    assertThat(rig.limits).containsExactly(Limit.CAPACITY);
  }

  @Test
  void aStreamThatIsClosedEarlyGivesItsPlaceBack() throws Throwable {
    CountDownLatch never = new CountDownLatch(1);
    server.answers(
        (request, socket, out) -> {
          out.write(head(200, "Transfer-Encoding: chunked", SSE));
          out.write(utf8("9\r\ndata: 1\n\n\r\n"));
          out.flush();
          await(never);
        });
    InputStream body = rig.send(client, Rig.post(server), BodyHandlers.ofInputStream()).body();
    assertThat(body.read()).isEqualTo('d');
    assertThat(rig.calls.openStreams()).isOne();
    body.close();
    assertThat(rig.calls.openStreams()).isZero();

    CompletableFuture<HttpResponse<String>> cancelled =
        rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString());
    Rig.until(() -> rig.calls.openStreams() == 1);
    cancelled.cancel(true);
    Rig.until(() -> rig.calls.openStreams() == 0);

    Thread me = Thread.currentThread();
    CompletableFuture.runAsync(
        () -> {
          Rig.until(() -> rig.calls.openStreams() == 1);
          me.interrupt();
        });
    assertThat(catchThrowable(() -> rig.send(client, Rig.post(server), BodyHandlers.ofString())))
        .isInstanceOf(InterruptedException.class);
    Rig.until(() -> rig.calls.openStreams() == 0);
    never.countDown();
  }

  @Test
  void aStreamThatBreaksOffFailsAsItDoesAlone() throws Throwable {
    server.answers(
        (request, socket, out) -> {
          out.write(head(200, "Transfer-Encoding: chunked", SSE));
          out.write(utf8("9\r\ndata: 1\n\n\r\n"));
          out.flush();
          throw new IOException("cut");
        });
    Throwable alone = catchThrowable(() -> client.send(Rig.post(server), BodyHandlers.ofString()));
    Throwable tapped =
        catchThrowable(() -> rig.send(client, Rig.post(server), BodyHandlers.ofString()));
    assertThat(alone).isInstanceOf(IOException.class);
    assertThat(tapped).hasSameClassAs(alone);
    assertThat(tapped.getMessage()).isEqualTo(alone.getMessage());
    Rig.until(() -> rig.calls.openStreams() == 0);
    assertThat(server.arrived).hasValue(2);
  }

  @Test
  void theApplicationsSubscriberGetsTheVeryBuffersOnTheVeryDemand() throws Throwable {
    server.answers(chunked(utf8(CHUNK.repeat(20)), SSE));
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    CompletableFuture<String> promised = new CompletableFuture<>();
    BodyHandler<String> slow =
        info ->
            new HttpResponse.BodySubscriber<>() {
              private Flow.Subscription from;
              private int items;
              private int asked;

              @Override
              public CompletableFuture<String> getBody() {
                return promised;
              }

              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                from = subscription;
                asked++;
                from.request(1);
              }

              @Override
              public void onNext(List<ByteBuffer> item) {
                items++;
                if (items > asked || item.stream().anyMatch(b -> b.position() != 0)) {
                  wrong.set(new AssertionError(items + " of " + asked));
                }
                asked++;
                from.request(1);
              }

              @Override
              public void onError(Throwable failure) {
                promised.completeExceptionally(failure);
              }

              @Override
              public void onComplete() {
                promised.complete("made by ours");
              }
            };
    assertThat(rig.send(client, Rig.post(server), slow).body()).isSameAs(promised.get());
    assertThat(wrong.get()).isNull();
  }

  private Rig retrying() {
    rig.firstWait = Rig.STEP;
    rig.firstEvent = true;
    return rig;
  }

  @Test
  void aStreamThatBeginsWithAnErrorIsSentAgainWhenThatIsAskedFor() throws Throwable {
    byte[] fine = utf8(CHUNK.repeat(3));
    for (String first : List.of(OVERLOADED, ": soon\n\n" + OVERLOADED, OVERLOADED.strip())) {
      server.answers(chunked(utf8(first), SSE), chunked(fine, SSE));
      int before = server.arrived.get();
      rig.limits.clear();
      assertThat(retrying().send(client, Rig.post(server), BodyHandlers.ofByteArray()).body())
          .isEqualTo(fine);
      assertThat(server.arrived.get() - before).isEqualTo(2);
      assertThat(rig.limits).containsExactly(Limit.CAPACITY);
    }
    server.answers(chunked(utf8(OVERLOADED), SSE), chunked(fine, SSE));
    assertThat(
            rig.sendAsync(client, Rig.post(server), BodyHandlers.ofInputStream())
                .get(20, TimeUnit.SECONDS)
                .body()
                .readAllBytes())
        .isEqualTo(fine);
    Rig.until(() -> rig.calls.openStreams() == 0);
  }

  @Test
  void aStreamThatAlwaysBeginsWithAnErrorIsDeliveredWhole() throws Throwable {
    server.answers(chunked(utf8(OVERLOADED), SSE));
    HttpResponse<String> response =
        retrying().send(client, Rig.post(server), BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(OVERLOADED);
    assertThat(server.arrived).hasValue(4);
    assertThat(rig.limits).hasSize(4);
  }

  @Test
  void anErrorBehindTheFirstEventIsDeliveredAndNotRepeated() throws Throwable {
    String body = CHUNK + OVERLOADED;
    server.answers(chunked(utf8(body), SSE));
    assertThat(retrying().send(client, Rig.post(server), BodyHandlers.ofString()).body())
        .isEqualTo(body);
    assertThat(server.arrived).hasValue(1);
    assertThat(rig.limits).containsExactly(Limit.CAPACITY);
  }

  @Test
  void aStreamIsHeldBackForASecondAtMostAndLosesNothing() throws Throwable {
    CountDownLatch goOn = new CountDownLatch(1);
    server.answers(
        (request, socket, out) -> {
          out.write(head(200, "Transfer-Encoding: chunked", SSE));
          out.write(utf8("6\r\n: one\n\r\n"));
          out.flush();
          await(goOn);
          out.write(utf8("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
          out.flush();
        });
    long begin = System.nanoTime();
    InputStream body =
        retrying().send(client, Rig.post(server), BodyHandlers.ofInputStream()).body();
    assertThat(System.nanoTime() - begin).isBetween(900_000_000L, 10_000_000_000L);
    goOn.countDown();
    assertThat(read(body)).isEqualTo(": one\ndata: 2\n\n");
    Rig.until(() -> rig.calls.openStreams() == 0);
  }

  @Test
  void aStreamThatWasHeldBackIsHandedOnWithItsFirstEvent() throws Throwable {
    CountDownLatch goOn = new CountDownLatch(1);
    server.answers(
        (request, socket, out) -> {
          out.write(head(200, "Transfer-Encoding: chunked", SSE));
          out.write(utf8("9\r\ndata: 1\n\n\r\n"));
          out.flush();
          await(goOn);
          out.write(utf8("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
          out.flush();
        });
    InputStream body =
        retrying().send(client, Rig.post(server), BodyHandlers.ofInputStream()).body();
    assertThat(body.readNBytes(9)).isEqualTo(utf8("data: 1\n\n"));
    assertThat(rig.calls.openStreams()).isOne();
    goOn.countDown();
    assertThat(read(body)).isEqualTo("data: 2\n\n");
    Rig.until(() -> rig.calls.openStreams() == 0);
  }

  @Test
  void aHandlerThatThrowsIsHeardAndHoldsNoPlace() throws Throwable {
    server.answers(chunked(utf8(CHUNK), SSE));
    IllegalStateException theirs = new IllegalStateException("theirs");
    BodyHandler<String> failing =
        info -> {
          throw theirs;
        };
    Throwable alone = catchThrowable(() -> client.send(Rig.post(server), failing));
    Throwable tapped = catchThrowable(() -> rig.send(client, Rig.post(server), failing));
    assertThat(tapped).hasSameClassAs(alone);
    assertThat(rig.calls.openStreams()).isZero();
  }

  @Test
  void aStreamThatNobodySubscribesToHoldsItsPlaceForAWhile() throws Throwable {
    server.answers(chunked(utf8(CHUNK), SSE));
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        rig.send(client, Rig.post(server), BodyHandlers.ofPublisher());
    assertThat(rig.calls.openStreams()).isOne();
    assertThat(collect(response.body())).isEqualTo(CHUNK);
    Rig.until(() -> rig.calls.openStreams() == 0);
    assertThat(
            rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString())
                .get(20, TimeUnit.SECONDS)
                .body())
        .isEqualTo(CHUNK);
  }
}
