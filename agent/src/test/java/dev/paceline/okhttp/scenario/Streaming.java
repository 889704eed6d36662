package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import dev.paceline.okhttp.StubServer;
import dev.paceline.words.Limit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;

/** A served stream passes as without the agent, which sees it all the same. */
public final class Streaming extends Scenario {
  private static final String SSE = "text/event-stream; charset=utf-8";
  private static final String CHUNK =
      "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n";
  private static final String FAILED =
      "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":"
          + "\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Rate limit"
          + " reached for m on tokens per min (TPM): Limit 90, Used 80, Requested 20. Please try"
          + " again in 11.054s.\"}}}\n\n";

  /** Says a body in chunks of odd sizes; the server's own head would say that it is JSON. */
  private static StubServer.Script chunked(byte[] body, String headers) {
    return e -> {
      e.write(
          "HTTP/1.1 200 OK\r\nContent-Type: "
              + SSE
              + "\r\nTransfer-Encoding: chunked\r\n"
              + headers
              + "\r\n");
      int size = 1;
      for (int at = 0; at < body.length; at += size, size = size * 3 % 1009) {
        int n = Math.min(size, body.length - at);
        e.write(Integer.toHexString(n) + "\r\n");
        e.out().write(body, at, n);
        e.write("\r\n");
      }
      e.write("0\r\n\r\n");
    };
  }

  private static StubServer.Script chunked(String body) {
    return chunked(body.getBytes(StandardCharsets.UTF_8), "");
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private Call call() {
    return client.newCall(chat("{\"model\":\"m\",\"stream\":true}"));
  }

  private void awaitOpen(int streams) {
    Fixture.await(() -> agent.calls.openStreams() == streams, () -> streams + " open streams");
  }

  public void everyByteComesAndInEveryWayOfReading() throws Exception {
    byte[] body = new byte[300_000];
    new Random(7).nextBytes(body);
    server.script(chunked(body, ""));
    try (Response response = call().execute()) {
      assertThat(response.body().contentType().toString()).isEqualTo(SSE);
      assertThat(response.body().contentLength()).isEqualTo(-1);
      assertThat(response.body().source()).isSameAs(response.body().source());
      assertThat(agent.calls.openStreams()).isEqualTo(1);
      assertThat(response.body().bytes()).isEqualTo(body);
    }
    assertThat(agent.calls.openStreams()).isZero();
    try (Response response = call().execute()) {
      InputStream in = response.body().byteStream();
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      for (int b; (b = in.read()) >= 0; ) {
        read.write(b);
      }
      assertThat(read.toByteArray()).isEqualTo(body);
    }
    try (Response response = call().execute()) {
      assertThat(response.peekBody(1_000).bytes()).isEqualTo(Arrays.copyOf(body, 1_000));
      BufferedSource source = response.body().source();
      assertThat(source.peek().readByteArray(100_000)).isEqualTo(Arrays.copyOf(body, 100_000));
      source.skip(10);
      assertThat(source.exhausted()).isFalse();
      assertThat(source.request(Long.MAX_VALUE)).isFalse();
      assertThat(source.buffer().size()).isEqualTo(body.length - 10);
      assertThat(source.readByteArray()).isEqualTo(Arrays.copyOfRange(body, 10, body.length));
      assertThat(source.exhausted()).isTrue();
    }
    assertThat(agent.calls.openStreams()).isZero();
    assertThat(client.connectionPool().connectionCount()).as("each was used again").isEqualTo(1);
  }

  public void anErrorInTheStreamIsDeliveredCountedAndHoldsTheNextCall() throws Exception {
    server.script(chunked(CHUNK + FAILED));
    assertThat(text(call().execute())).isEqualTo("200 " + CHUNK + FAILED);
    assertThat(agent.limits).containsExactly(Limit.TPM);
    assertThat(server.count()).isEqualTo(1);
    Call next = call();
    var result = enqueue(next);
    agent.awaitWaiting(1);
    assertThat(server.count()).isEqualTo(1);
    next.cancel();
    failure(result);
  }

  public void whatOkHttpDecodesIsLookedAtAsDecoded() throws Exception {
    byte[] gzipped = gzip(CHUNK.repeat(100) + FAILED);
    server.script(
        e -> {
          assertThat(e.headers()).containsEntry("accept-encoding", "gzip");
          chunked(gzipped, "Content-Encoding: gzip\r\n").run(e);
        });
    try (Response response = call().execute()) {
      assertThat(response.header("Content-Encoding")).isNull();
      assertThat(response.body().string()).isEqualTo(CHUNK.repeat(100) + FAILED);
    }
    assertThat(agent.limits).containsExactly(Limit.TPM);
  }

  public void whatTheApplicationDecodesPassesAsItCameAndIsLookedInto() throws Exception {
    byte[] gzipped = gzip(CHUNK.repeat(100) + FAILED);
    server.script(chunked(gzipped, "Content-Encoding: gzip\r\n"));
    Request asked =
        chat("{\"model\":\"m\"}").newBuilder().header("Accept-Encoding", "gzip").build();
    try (Response response = client.newCall(asked).execute()) {
      assertThat(response.header("Content-Encoding")).isEqualTo("gzip");
      assertThat(response.body().bytes()).isEqualTo(gzipped);
    }
    assertThat(agent.limits).containsExactly(Limit.TPM);
  }

  public void aStreamThatIsClosedEarlyGivesItsPlaceBack() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        e -> {
          e.write(
              "HTTP/1.1 200 OK\r\nContent-Type: "
                  + SSE
                  + "\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
          never.await();
        });
    Response unread = call().execute();
    assertThat(agent.calls.openStreams()).isEqualTo(1);
    try (Response response = call().execute()) {
      assertThat(response.body().source().readUtf8Line()).isEqualTo("data: 1");
      assertThat(agent.calls.openStreams()).isEqualTo(2);
    }
    assertThat(agent.calls.openStreams()).isEqualTo(1);
    unread.close();
    assertThat(agent.calls.openStreams()).isZero();

    Call cancelled = call();
    var result = enqueue(cancelled);
    awaitOpen(1);
    cancelled.cancel();
    failure(result);
    awaitOpen(0);
    never.countDown();
  }

  public void aReadThatTimesOutFailsAsItDoesAlone() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        e -> {
          e.write(
              "HTTP/1.1 200 OK\r\nContent-Type: "
                  + SSE
                  + "\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
          never.await();
        });
    OkHttpClient impatient = client.newBuilder().readTimeout(50, TimeUnit.MILLISECONDS).build();
    Throwable alone =
        failure(execute(impatient.newCall(request("localhost", CHAT, new Json("{}", false)))));
    Throwable tapped = failure(execute(impatient.newCall(chat("{}"))));
    assertThat(tapped).hasSameClassAs(alone);
    // OkHttp's own timer and the socket's run at the same time: either may be first.
    assertThat(tapped.getMessage()).isIn("timeout", "Read timed out");
    awaitOpen(0);
    never.countDown();
  }

  public void aReaderThatCountsNeedNotAskForTheEnd() throws Exception {
    server.script(
        e ->
            e.write(
                "HTTP/1.1 200 OK\r\nContent-Type: "
                    + SSE
                    + "\r\nContent-Length: 9\r\n\r\ndata: 1\n\n"));
    Response response = call().execute();
    assertThat(response.body().contentLength()).isEqualTo(9);
    assertThat(response.body().source().readByteArray(9)).hasSize(9);
    assertThat(agent.calls.openStreams()).isZero();
    response.close();
  }

  public void aStreamThatBeginsWithAnErrorIsSentAgainWhenThatIsAskedFor() throws Exception {
    agent.time.leaping();
    agent.firstEvent = true;
    byte[] gzipped = gzip(FAILED);
    server.script(
        e -> {
          if (e.number() == 1) {
            chunked(FAILED).run(e);
          } else if (e.number() == 2) {
            chunked(gzipped, "Content-Encoding: gzip\r\n").run(e);
          } else {
            chunked(CHUNK.repeat(3)).run(e);
          }
        });
    assertThat(text(call().execute())).isEqualTo("200 " + CHUNK.repeat(3));
    assertThat(server.count()).isEqualTo(3);
    assertThat(agent.limits).containsExactly(Limit.TPM, Limit.TPM);
    assertThat(agent.calls.openStreams()).isZero();
  }

  public void aStreamThatAlwaysBeginsWithAnErrorIsDeliveredWhole() throws Exception {
    agent.time.leaping();
    agent.firstEvent = true;
    server.script(chunked(FAILED));
    assertThat(get(enqueue(call()))).isEqualTo("200 " + FAILED);
    assertThat(server.count()).isEqualTo(6);
    assertThat(agent.limits).hasSize(6);
    assertThat(agent.calls.openStreams()).isZero();
  }

  public void anErrorBehindTheFirstEventIsDeliveredAndNotRepeated() throws Exception {
    agent.firstEvent = true;
    server.script(chunked(CHUNK + FAILED));
    assertThat(text(call().execute())).isEqualTo("200 " + CHUNK + FAILED);
    assertThat(server.count()).isEqualTo(1);
    assertThat(agent.limits).containsExactly(Limit.TPM);
  }

  public void aStreamIsHeldBackForItsFirstEventAndASecondAtMost() throws Exception {
    agent.firstEvent = true;
    for (String begin : new String[] {": one\n", "data: 1\n\n"}) {
      CountDownLatch goOn = new CountDownLatch(1);
      server.script(
          e -> {
            e.write(
                "HTTP/1.1 200 OK\r\nContent-Type: "
                    + SSE
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + begin.length()
                    + "\r\n"
                    + begin
                    + "\r\n");
            goOn.await();
            e.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
          });
      try (Response response = call().execute()) {
        BufferedSource source = response.body().source();
        assertThat(source.readUtf8(begin.length())).isEqualTo(begin);
        assertThat(agent.calls.openStreams()).isEqualTo(1);
        goOn.countDown();
        assertThat(source.readUtf8()).isEqualTo("data: 2\n\n");
      }
      assertThat(agent.calls.openStreams()).isZero();
    }
  }

  public void anAnswerThatCannotTellAnythingIsNotWrapped() throws Exception {
    server.script(
        e -> e.write("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 2\r\n\r\nab"));
    Class<?> alone;
    try (Response response =
        client.newCall(request("localhost", CHAT, new Json("{}", false))).execute()) {
      alone = response.body().getClass();
    }
    try (Response response = call().execute()) {
      assertThat(response.body().getClass()).isEqualTo(alone);
    }
  }
}
