package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Mode;
import dev.paceline.okhttp.Fixture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import okio.Okio;
import okio.Source;

/** Bodies that are written once, or ought to be, and what becomes of them. */
public final class Bodies extends Comparing {
  private static final MediaType JSON = MediaType.parse("application/json");
  private static final String CONTENT = "{\"model\":\"m\",\"messages\":\"é, and some more\"}";

  /** Over a stream, without a word about it. */
  private static class Streamed extends RequestBody {
    final InputStream in;
    private final MediaType type;
    private final long length;
    final AtomicInteger writes = new AtomicInteger();

    /**
     * @param length what it says; −2 for what the stream has available
     */
    Streamed(MediaType type, String content, long length) {
      this.in = new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
      this.type = type;
      this.length = length;
    }

    @Override
    public MediaType contentType() {
      return type;
    }

    @Override
    public long contentLength() throws IOException {
      return length == -2 ? in.available() : length;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      writes.incrementAndGet();
      try (Source source = Okio.source(in)) {
        sink.writeAll(source);
      }
    }
  }

  private static long bytes(String content) {
    return content.getBytes(StandardCharsets.UTF_8).length;
  }

  private static List<Supplier<Streamed>> streams() {
    String longer = "{\"model\":\"m\",\"messages\":\"" + "x".repeat(1_500_000) + "\"}";
    return List.of(
        () -> new Streamed(JSON, CONTENT, -2),
        () -> new Streamed(JSON, CONTENT, bytes(CONTENT)),
        () -> new Streamed(JSON, CONTENT, -1),
        () -> new Streamed(null, CONTENT, bytes(CONTENT)),
        () -> new Streamed(MediaType.parse("audio/wav"), CONTENT, -2),
        () -> new Streamed(MediaType.parse("audio/wav"), CONTENT, -1),
        () -> new Streamed(JSON, longer, -2),
        () -> new Streamed(JSON, longer, -1),
        () -> new Streamed(JSON, "", 0));
  }

  public void aStreamArrivesAsWithoutTheAgentAndIsWrittenOnce() {
    for (Supplier<Streamed> each : streams()) {
      Streamed[] last = new Streamed[1];
      sameWith(() -> last[0] = each.get());
      assertThat(last[0].writes).hasValue(1);
    }
  }

  public void aStreamIsWrittenOnceAndSentTwice() throws Exception {
    agent.time.leaping();
    for (Supplier<Streamed> each : streams()) {
      Streamed body = each.get();
      int before = server.count();
      server.script(
          e -> {
            if (e.number() == before + 1) {
              e.respond(429, "Retry-After: 1\r\n", LIMIT);
            } else {
              e.respond(200, "", "ok");
            }
          });
      assertThat(text(client.newCall(request("127.0.0.1", CHAT, body)).execute()))
          .isEqualTo("200 ok");
      assertThat(body.writes).hasValue(1);
      assertThat(server.count()).isEqualTo(before + 2);
      assertThat(server.requests.get(before + 1).body())
          .isEqualTo(server.requests.get(before).body());
      assertThat(server.requests.get(before + 1).headers())
          .isEqualTo(server.requests.get(before).headers());
    }
  }

  public void aStreamInAPartIsSentTwice() throws Exception {
    agent.time.leaping();
    server.script(limitedFirst(1, "Retry-After: 1\r\n"));
    Streamed part = new Streamed(MediaType.parse("audio/wav"), CONTENT, bytes(CONTENT));
    RequestBody body =
        new MultipartBody.Builder("b")
            .setType(MultipartBody.FORM)
            .addFormDataPart("model", "m")
            .addFormDataPart("file", "f", part)
            .build();
    assertThat(text(client.newCall(request("127.0.0.1", CHAT, body)).execute()))
        .isEqualTo("200 ok");
    assertThat(server.requests.get(0).body()).contains(CONTENT);
    assertThat(server.requests.get(1).body()).isEqualTo(server.requests.get(0).body());
    assertThat(part.writes).hasValue(1);
  }

  public void anEnqueuedStreamIsWrittenOnceByItsOwnThread() throws Exception {
    Thread caller = Thread.currentThread();
    List<Thread> writers = new CopyOnWriteArrayList<>();
    Streamed body =
        new Streamed(JSON, CONTENT, bytes(CONTENT)) {
          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            writers.add(Thread.currentThread());
            super.writeTo(sink);
          }
        };
    closeTheScope();
    CompletableFuture<String> parked = enqueue(client.newCall(request("127.0.0.1", CHAT, body)));
    agent.awaitWaiting(1);
    agent.time.pass(20 * Fixture.SECOND);
    assertThat(get(parked)).isEqualTo("200 ok");
    assertThat(writers).hasSize(1).doesNotContain(caller);
    assertThat(server.requests.get(server.count() - 1).body()).isEqualTo(CONTENT);
  }

  public void aParkedBodyThatSaysItCanBeRepeatedIsWrittenOnce() throws Exception {
    Streamed body =
        new Streamed(JSON, CONTENT, bytes(CONTENT)) {
          @Override
          public boolean isOneShot() {
            return false; // a wrapper that asks the body it wraps, which does not know
          }
        };
    closeTheScope();
    CompletableFuture<String> parked = enqueue(client.newCall(request("127.0.0.1", CHAT, body)));
    agent.awaitWaiting(1);
    agent.time.pass(20 * Fixture.SECOND);
    assertThat(get(parked)).isEqualTo("200 ok");
    assertThat(body.writes).hasValue(1);
    assertThat(server.requests.get(server.count() - 1).body()).isEqualTo(CONTENT);
  }

  /** After it calls wait for ten seconds. */
  private void closeTheScope() throws Exception {
    server.script(
        e ->
            e.respond(
                200,
                "x-ratelimit-limit-requests: 60\r\nx-ratelimit-remaining-requests: 0\r\n"
                    + "x-ratelimit-reset-requests: 10s\r\n",
                "ok"));
    assertThat(text(client.newCall(chat("{\"model\":\"m\"}")).execute())).isEqualTo("200 ok");
    server.script(e -> e.respond(200, "", "ok"));
  }

  public void aCopyThatDoesNotFitIsNotRepeated() throws Exception {
    agent.time.leaping();
    agent.replayBytes = 1_000;
    server.script(e -> e.respond(429, "Retry-After: 1\r\n", LIMIT));
    for (int length : new int[] {-1, 2_000}) {
      String content = "x".repeat(2_000);
      int before = server.count();
      Streamed body = new Streamed(MediaType.parse("audio/wav"), content, length);
      assertThat(text(client.newCall(request("127.0.0.1", CHAT, body)).execute()))
          .isEqualTo("429 " + LIMIT);
      assertThat(server.count()).isEqualTo(before + 1);
      assertThat(server.requests.get(before).body()).isEqualTo(content);
      assertThat(body.writes).hasValue(1);
    }
  }

  public void theMemoryOfCopiesIsGivenBack() throws Exception {
    agent.replayBytes = 3_000;
    agent.time.leaping();
    for (int i = 0; i < 5; i++) {
      int before = server.count();
      server.script(
          e -> {
            if (e.number() == before + 1) {
              e.respond(429, "Retry-After: 1\r\n", LIMIT);
            } else {
              e.respond(200, "", "ok");
            }
          });
      Streamed body = new Streamed(MediaType.parse("audio/wav"), "x".repeat(2_000), -1);
      assertThat(text(client.newCall(request("127.0.0.1", CHAT, body)).execute()))
          .isEqualTo("200 ok");
    }
  }

  public void observingReadsNothingThatCouldNotBeReadAgain() {
    agent.mode.set(Mode.OBSERVE);
    for (Supplier<Streamed> each : streams()) {
      Streamed[] last = new Streamed[1];
      List<String> stacks = new CopyOnWriteArrayList<>();
      sameWith(
          () ->
              last[0] =
                  new Streamed(each.get().type, CONTENT, -1) {
                    @Override
                    public void writeTo(BufferedSink sink) throws IOException {
                      stacks.add(String.valueOf(onTheWay()));
                      super.writeTo(sink);
                    }
                  });
      assertThat(last[0].writes).hasValue(1);
      assertThat(stacks).containsOnly("true");
    }
  }

  /** Whether OkHttp writes the body to the server right now. */
  private static boolean onTheWay() {
    for (StackTraceElement frame : new Throwable().getStackTrace()) {
      if (frame.getClassName().endsWith("CallServerInterceptor")) {
        return true;
      }
    }
    return false;
  }

  public void aBodyThatSaysItCanBeRepeatedIsKnownWhenObserving() throws Exception {
    agent.mode.set(Mode.OBSERVE);
    assertThat(text(client.newCall(chat("{\"model\":\"m\"}")).execute())).isEqualTo("200 ok");
    assertThat(agent.events).contains("started m");
  }

  public void wrongLengthsFailAsWithoutTheAgent() {
    for (long length : new long[] {3, bytes(CONTENT) - 1, bytes(CONTENT) + 5}) {
      sameWith(() -> new Streamed(JSON, CONTENT, length));
    }
  }

  public void whatABodyThrowsTheApplicationGets() {
    for (boolean early : new boolean[] {true, false}) {
      for (Throwable thrown :
          List.of(
              new IOException("theirs"),
              new java.net.ConnectException("theirs"),
              new IllegalStateException("theirs"),
              new AssertionError("theirs"),
              new Exception("Kotlin declares none"))) {
        sameWith(
            () ->
                new Streamed(JSON, CONTENT, bytes(CONTENT)) {
                  @Override
                  public void writeTo(BufferedSink sink) throws IOException {
                    if (!early) {
                      sink.writeUtf8(CONTENT.substring(0, 5));
                      sink.flush();
                    }
                    throw Bodies.<RuntimeException>sneaky(thrown);
                  }
                });
      }
    }
    assertThat(agent.faults).isEmpty();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T sneaky(Throwable t) throws T {
    throw (T) t;
  }

  public void whatABodysOtherMethodsThrowIsNoFaultOfOurs() {
    for (int which = 0; which < 3; which++) {
      int failing = which;
      sameWith(
          () ->
              new Streamed(JSON, CONTENT, bytes(CONTENT)) {
                @Override
                public MediaType contentType() {
                  if (failing == 0) {
                    throw new IllegalStateException("type");
                  }
                  return super.contentType();
                }

                @Override
                public long contentLength() throws IOException {
                  if (failing == 1) {
                    throw new IllegalStateException("length");
                  }
                  return super.contentLength();
                }

                @Override
                public boolean isOneShot() {
                  if (failing == 2) {
                    throw new IllegalStateException("one-shot");
                  }
                  return super.isOneShot();
                }
              });
    }
    assertThat(agent.faults).isEmpty();
  }

  public void aBodyThatClosesItsSinkArrives() throws Exception {
    agent.time.leaping();
    for (long length : new long[] {bytes(CONTENT), -1}) {
      int before = server.count();
      server.script(
          e -> {
            if (e.number() == before + 1) {
              e.respond(429, "Retry-After: 1\r\n", LIMIT);
            } else {
              e.respond(200, "", "ok");
            }
          });
      RequestBody body =
          new Streamed(JSON, CONTENT, length) {
            @Override
            public void writeTo(BufferedSink sink) throws IOException {
              try (sink) {
                super.writeTo(sink);
              }
            }
          };
      assertThat(text(client.newCall(request("127.0.0.1", CHAT, body)).execute()))
          .isEqualTo("200 ok");
      assertThat(server.requests.get(before + 1).body()).isEqualTo(CONTENT);
    }
  }

  public void progressIsToldOfTheWire() throws Exception {
    AtomicInteger told = new AtomicInteger();
    RequestBody body =
        new Streamed(JSON, CONTENT, bytes(CONTENT)) {
          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            super.writeTo(sink);
            if (!(sink instanceof Buffer)) { // a Buffer is somebody's log
              told.incrementAndGet();
            }
          }
        };
    assertThat(text(client.newCall(request("127.0.0.1", CHAT, body)).execute()))
        .isEqualTo("200 ok");
    assertThat(told).hasValue(1);
  }

  public void theApplicationSeesItsOwnRequest() throws Exception {
    Request request = request("127.0.0.1", CHAT, new Streamed(JSON, CONTENT, -1));
    try (Response response = client.newCall(request).execute()) {
      assertThat(response.request()).isSameAs(request);
    }
    server.script(
        e -> {
          if (e.path().equals(CHAT)) {
            e.respond(308, "Location: /v1/moved\r\n", "");
          } else {
            e.respond(200, "", "ok");
          }
        });
    RequestBody body = new Json(CONTENT, false);
    OkHttpClient following = clientHere().build();
    try (Response response = following.newCall(request("127.0.0.1", CHAT, body)).execute()) {
      // Before 4.6 OkHttp does not follow it.
      assertThat(response.code()).isIn(200, 308);
      assertThat(response.request().body()).isSameAs(body);
    }
  }

  public void oneShotBodiesAreLeftAlone() {
    for (int length : new int[] {-1, -2}) {
      sameWith(
          () ->
              new Streamed(JSON, CONTENT, length) {
                @Override
                public boolean isOneShot() {
                  return true;
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                  assertThat(onTheWay()).isTrue();
                  super.writeTo(sink);
                }
              });
    }
  }
}
