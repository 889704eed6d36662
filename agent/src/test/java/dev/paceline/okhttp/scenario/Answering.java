package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import dev.paceline.okhttp.Reach;
import dev.paceline.okhttp.StubServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.UnknownServiceException;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Cache;
import okhttp3.CacheControl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;

/** Whose answer or failure it is, and what follows from it. */
public final class Answering extends Comparing {
  private static final String MODELS = "/v1/models";
  private static final String NOTHING_LEFT =
      "x-ratelimit-limit-requests: 60\r\nx-ratelimit-remaining-requests: 0\r\n"
          + "x-ratelimit-reset-requests: 10s\r\n";

  private static <T extends Throwable> T because(T failure, Throwable cause) {
    failure.initCause(cause);
    return failure;
  }

  /** Sockets that do not connect. */
  private static final class Failing extends SocketFactory {
    final AtomicInteger tries = new AtomicInteger();
    private final IOException failure;

    Failing(IOException failure) {
      this.failure = failure;
    }

    @Override
    public Socket createSocket() {
      return new Socket() {
        @Override
        public void connect(SocketAddress address, int timeout) throws IOException {
          tries.incrementAndGet();
          throw failure;
        }
      };
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }
  }

  public void whatNoRepeatCanCureIsTriedOnce() throws Exception {
    agent.time.leaping();
    Map<IOException, Integer> tries = new LinkedHashMap<>();
    tries.put(new SocketTimeoutException("connect timed out"), 1);
    tries.put(new SocketTimeoutException("Connect timed out"), 1);
    tries.put(new SocketTimeoutException("failed to connect to host after 10ms"), 1);
    tries.put(new java.net.ConnectException("Connection timed out"), 1);
    tries.put(because(new SSLHandshakeException("x"), new CertificateException("untrusted")), 1);
    tries.put(new SSLHandshakeException("Received fatal alert: handshake_failure"), 1);
    tries.put(new SSLPeerUnverifiedException("Hostname not verified"), 1);
    tries.put(new SSLPeerUnverifiedException("Certificate pinning failure!"), 1);
    tries.put(new UnknownServiceException("CLEARTEXT communication not permitted"), 1);
    tries.put(because(new SSLHandshakeException("ended"), new EOFException("shut down")), 3);
    tries.put(new java.net.ConnectException("Connection refused"), 3);
    tries.put(new NoRouteToHostException("No route to host"), 3);
    for (Map.Entry<IOException, Integer> each : tries.entrySet()) {
      Failing failing = new Failing(each.getKey());
      OkHttpClient unlucky = client.newBuilder().socketFactory(failing).build();
      Throwable thrown = failure(execute(unlucky.newCall(chat("{}"))));
      assertThat(thrown).hasSameClassAs(each.getKey());
      assertThat(failing.tries).as(each.getKey().toString()).hasValue(each.getValue());
    }
  }

  public void anUnknownHostIsLookedUpOnce() throws Exception {
    agent.time.leaping();
    AtomicInteger lookups = new AtomicInteger();
    OkHttpClient lost =
        client
            .newBuilder()
            .dns(
                name -> {
                  lookups.incrementAndGet();
                  throw new UnknownHostException(name);
                })
            .build();
    Request request = request("llm.test", CHAT, new Json("{}", false));
    assertThat(failure(execute(lost.newCall(request)))).isInstanceOf(UnknownHostException.class);
    assertThat(lookups).hasValue(1);
  }

  public void aClientThatMayNotConnectAgainDoesNot() throws Exception {
    agent.time.leaping();
    Failing failing = new Failing(new java.net.ConnectException("Connection refused"));
    OkHttpClient once =
        client.newBuilder().socketFactory(failing).retryOnConnectionFailure(false).build();
    failure(execute(once.newCall(chat("{}"))));
    assertThat(failing.tries).hasValue(1);
  }

  public void aSlowFailureIsNotTriedAgain() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    OkHttpClient slow =
        client
            .newBuilder()
            .dns(
                name -> {
                  tries.incrementAndGet();
                  agent.time.pass(2 * Fixture.SECOND);
                  return Collections.singletonList(InetAddress.getByName("127.0.0.1"));
                })
            .build();
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    Request request =
        new Request.Builder()
            .url("http://llm.test:" + closed + CHAT)
            .post(new Json("{}", false))
            .build();
    failure(execute(slow.newCall(request)));
    assertThat(tries).hasValue(1);
  }

  /** Whatever the redirect, the first server has seen the request. */
  public void aRedirectToAHostThatIsDownIsFollowedOnce() throws Exception {
    agent.time.leaping();
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    for (String host : new String[] {"127.0.0.1", "llm.test"}) {
      for (int status : new int[] {301, 302, 303, 307, 308}) {
        int before = server.count();
        server.script(
            e -> e.respond(status, "Location: http://" + host + ":" + closed + "/x\r\n", ""));
        CompletableFuture<String> result =
            execute(clientHere().build().newCall(request(host, CHAT, new Json("{}", false))));
        result.handle((text, failure) -> null).get(20, TimeUnit.SECONDS);
        assertThat(server.count()).as(host + " " + status).isEqualTo(before + 1);
      }
    }
  }

  public void aPostIsNotRepeatedForWhatItsRedirectsTargetAnswers() throws Exception {
    agent.time.leaping();
    for (int answer : new int[] {429, 503, 500}) {
      int before = server.count();
      server.script(
          e -> {
            if (e.path().equals(CHAT)) {
              e.respond(303, "Location: /v1/result\r\n", "");
            } else {
              e.respond(answer, "Retry-After: 1\r\n", LIMIT);
            }
          });
      assertThat(text(client.newCall(chat("{}")).execute())).isEqualTo(answer + " " + LIMIT);
      assertThat(server.requests.subList(before, server.count()))
          .filteredOn(e -> e.path().equals(CHAT))
          .hasSize(1);
    }
    assertThat(agent.events).contains("ended CLIENT_ERROR", "ended SERVER_ERROR");
  }

  public void aReadThatIsRedirectedIsRepeated() throws Exception {
    agent.time.leaping();
    server.script(
        e -> {
          if (e.path().equals(MODELS)) {
            e.respond(302, "Location: /v1/others\r\n", "");
          } else if (e.number() < 3) {
            e.respond(429, "Retry-After: 1\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    assertThat(text(client.newCall(models()).execute())).isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(4);
  }

  private Request models() {
    return new Request.Builder().url(server.url("127.0.0.1", MODELS)).build();
  }

  private OkHttpClient caching() throws IOException {
    return client
        .newBuilder()
        .cache(new Cache(Files.createTempDirectory("cache").toFile(), 1 << 20))
        .build();
  }

  public void whatTheCacheAnswersIsNeitherHeldNorLearned() throws Exception {
    server.script(e -> e.respond(200, "Cache-Control: max-age=60\r\n" + NOTHING_LEFT, "ok"));
    OkHttpClient caching = caching();
    assertThat(text(caching.newCall(models()).execute())).isEqualTo("200 ok");
    assertThat(get(execute(caching.newCall(models())))).isEqualTo("200 ok");
    assertThat(get(enqueue(caching.newCall(models())))).isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(1);
    assertThat(agent.waiting()).isZero();
    // What the first answer said is over; the cache has said it again since, and nobody listened.
    agent.time.pass(30 * Fixture.SECOND);
    assertThat(get(execute(caching.newCall(models())))).isEqualTo("200 ok");
    server.script(e -> e.respond(200, "", "ok"));
    assertThat(get(execute(client.newCall(models())))).isEqualTo("200 ok");
  }

  public void ofAnAnswerThatWasNotModifiedOnlyTheProvidersPartIsLearned() throws Exception {
    server.script(
        e -> {
          if (e.headers().containsKey("if-none-match")) {
            e.head(304, "");
          } else {
            e.respond(200, "ETag: \"1\"\r\nCache-Control: no-cache\r\n" + NOTHING_LEFT, "ok");
          }
        });
    OkHttpClient caching = caching();
    assertThat(text(caching.newCall(models()).execute())).isEqualTo("200 ok");
    agent.time.pass(30 * Fixture.SECOND);
    assertThat(get(execute(caching.newCall(models())))).isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(2);
    assertThat(get(execute(client.newCall(models())))).isEqualTo("200 ok");
  }

  public void aRequestForTheCacheAloneIsAskedOnce() throws Exception {
    same(
        url ->
            new Request.Builder()
                .url(url)
                .cacheControl(CacheControl.FORCE_CACHE)
                .post(new Json("{}", false))
                .build(),
        clientHere().build());
    same(
        url -> new Request.Builder().url(url).cacheControl(CacheControl.FORCE_CACHE).build(),
        clientHere().cache(caching().cache()).build());
    assertThat(agent.events).isEmpty();
  }

  /** A body that a network interceptor of the application has put in place. */
  private static Interceptor wrapping(int failing) {
    return chain -> {
      Response response = chain.proceed(chain.request());
      ResponseBody body = response.body();
      BufferedSource source = body.source();
      return response
          .newBuilder()
          .body(
              new ResponseBody() {
                @Override
                public MediaType contentType() {
                  if (failing == 0) {
                    throw new IllegalStateException("type");
                  }
                  return body.contentType();
                }

                @Override
                public long contentLength() {
                  if (failing == 1) {
                    throw new IllegalStateException("length");
                  }
                  return body.contentLength();
                }

                @Override
                public BufferedSource source() {
                  if (failing == 2) {
                    throw new IllegalStateException("source");
                  }
                  return source;
                }

                @Override
                public void close() {
                  body.close();
                  if (failing == 3) {
                    throw new IllegalStateException("close");
                  }
                }
              })
          .build();
    };
  }

  public void whatAResponseBodyThrowsIsNoFaultOfOurs() {
    for (int status : new int[] {200, 400}) {
      for (int failing = 0; failing < 4; failing++) {
        server.script(e -> e.respond(status, "", "{}"));
        Interceptor theirs = wrapping(failing);
        same(
            url -> new Request.Builder().url(url).post(new Json("{}", false)).build(),
            clientHere().addNetworkInterceptor(theirs).build());
      }
    }
    assertThat(agent.faults).isEmpty();
  }

  public void anAnswerWhoseReaderIsStuckIsDeliveredAndCanBeRead() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    Interceptor holding =
        chain -> {
          Response response = chain.proceed(chain.request());
          Source here = new Buffer().writeUtf8(LIMIT);
          Source waiting =
              new ForwardingSource(here) {
                @Override
                public long read(Buffer sink, long count) throws IOException {
                  try {
                    StubServer.hold(stuck);
                  } catch (InterruptedException e) {
                    throw new IOException(e);
                  }
                  return super.read(sink, count);
                }
              };
          ResponseBody body = response.body();
          return response
              .newBuilder()
              .body(
                  new ResponseBody() {
                    final BufferedSource source = Okio.buffer(waiting);

                    @Override
                    public MediaType contentType() {
                      return body.contentType();
                    }

                    @Override
                    public long contentLength() {
                      return body.contentLength();
                    }

                    @Override
                    public BufferedSource source() {
                      return source;
                    }
                  })
              .build();
        };
    agent.time.leaping();
    server.script(e -> e.respond(429, "Retry-After: 1\r\n", LIMIT));
    OkHttpClient odd = client.newBuilder().addNetworkInterceptor(holding).build();
    try (Response response = odd.newCall(chat("{}")).execute()) {
      assertThat(response.code()).isEqualTo(429);
      stuck.countDown();
      assertThat(response.body().string()).isEqualTo(LIMIT);
    }
    assertThat(server.count()).isEqualTo(1);
  }

  public void nothingThatIsKeptIsOfTheApplicationsLoader() throws Exception {
    server.script(
        e ->
            e.respond(
                429,
                "X-Own: 1\r\n",
                "{\"error\":{\"message\":\"You exceeded your current quota\","
                    + "\"code\":\"insufficient_quota\"}}"));
    for (int i = 0; i < 3; i++) {
      assertThat(text(client.newCall(chat("{\"model\":\"m" + i + "\"}")).execute()))
          .startsWith("429");
    }
    agent.time.leaping();
    server.script(e -> e.respond(429, "Retry-After: 1\r\n", LIMIT));
    assertThat(text(client.newCall(chat("{\"model\":\"m\"}")).execute())).startsWith("429");
    assertThat(Reach.from(agent.calls, Answering::isTheirs)).isEmpty();
  }

  private static boolean isTheirs(Class<?> type) {
    return type.getClassLoader() == Answering.class.getClassLoader()
        || type.getName().startsWith("dev.paceline.okhttp.beside.");
  }

  public void oursAmongTheNetworkInterceptorsLetsPass() throws Exception {
    agent.time.leaping();
    OkHttpClient.Builder moved = client.newBuilder();
    moved.networkInterceptors().addAll(client.interceptors());
    server.script(limitedFirst(1, "Retry-After: 1\r\n"));
    assertThat(text(moved.build().newCall(chat("{\"model\":\"m\"}")).execute()))
        .isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(2);
    assertThat(agent.events).containsExactly("started m", "ended SUCCESS");
  }
}
