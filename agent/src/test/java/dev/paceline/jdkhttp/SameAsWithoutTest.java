package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.head;
import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.app.OwnRequest;
import org.example.app.Publishers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the client's API documentation promises, once without the agent and once with it: the same
 * for the application, and the same on the wire.
 */
@Timeout(20)
class SameAsWithoutTest {
  private static final String BODY = "{\"model\":\"m\"}";
  private static final RawServer.Reply CUT =
      (request, socket, out) -> {
        out.write(head(400, "Content-Length: 100"));
        out.write("half".getBytes(StandardCharsets.UTF_8));
        out.flush();
        socket.close();
      };

  @TempDir static Path folder;

  private final Rig rig = new Rig();

  @AfterEach
  void nothingFailedInside() {
    rig.close();
    assertThat(rig.faults).isEmpty();
    assertThat(rig.adapter.waiting()).isZero();
    assertThat(rig.adapter.replayBytes()).isZero();
  }

  /** A call and how to describe what became of it. */
  record Case(
      String name,
      RawServer.Reply[] answers,
      Consumer<HttpClient.Builder> client,
      Consumer<HttpRequest.Builder> request,
      Supplier<BodyHandler<?>> handler) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(
      String name, Supplier<BodyHandler<?>> handler, RawServer.Reply... answers) {
    return new Case(name, answers, client -> {}, request -> {}, handler);
  }

  private static Case sending(
      String name, Consumer<HttpRequest.Builder> request, RawServer.Reply... answers) {
    return new Case(name, answers, client -> {}, request, BodyHandlers::ofString);
  }

  private static Case by(
      String name, Consumer<HttpClient.Builder> client, RawServer.Reply... answers) {
    return new Case(name, answers, client, request -> {}, BodyHandlers::ofString);
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    Map<String, Supplier<BodyHandler<?>>> handlers = new TreeMap<>();
    handlers.put("ofString", BodyHandlers::ofString);
    handlers.put("ofByteArray", BodyHandlers::ofByteArray);
    handlers.put("ofInputStream", BodyHandlers::ofInputStream);
    handlers.put("ofLines", BodyHandlers::ofLines);
    handlers.put("ofPublisher", BodyHandlers::ofPublisher);
    handlers.put("discarding", BodyHandlers::discarding);
    handlers.put("replacing", () -> BodyHandlers.replacing("mine"));
    handlers.put("ofFile", () -> BodyHandlers.ofFile(folder.resolve("body")));
    handlers.put("buffering", () -> BodyHandlers.buffering(BodyHandlers.ofString(), 3));
    handlers.put(
        "fromLineSubscriber",
        () -> BodyHandlers.fromLineSubscriber(new Lines(), l -> l.lines, "\n"));
    handlers.put(
        "mappingStream",
        () ->
            info ->
                BodySubscribers.mapping(
                    BodySubscribers.ofInputStream(), SameAsWithoutTest::readAll));
    handlers.put("throws", () -> info -> fail("handler"));
    handlers.put("oneByOne", () -> info -> new OneByOne(false, false));
    handlers.put("cancels", () -> info -> new OneByOne(true, false));
    handlers.put("onNextThrows", () -> info -> new OneByOne(false, true));
    handlers.put(
        "mappingThrows",
        () ->
            info ->
                BodySubscribers.mapping(
                    BodySubscribers.ofString(StandardCharsets.UTF_8), text -> fail("mapping")));
    handlers.forEach(
        (name, handler) -> {
          cases.add(of(name + " 200", handler, reply(200, "one\ntwo\nthree", "A: b", "A: c")));
          cases.add(of(name + " 400", handler, reply(400, "one\ntwo\nthree", "A: b", "A: c")));
          cases.add(of(name + " 400 cut", handler, CUT));
          cases.add(
              of(
                  name + " 400 large cut",
                  handler,
                  (request, socket, out) -> {
                    out.write(head(400, "Content-Length: 200000"));
                    out.write("0123456789\n".repeat(9_000).getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    socket.close();
                  }));
          cases.add(of(name + " 404 empty", handler, reply(404, "")));
        });
    for (int status : new int[] {200, 400}) {
      cases.add(
          of(
              "chunked " + status,
              BodyHandlers::ofString,
              (request, socket, out) -> {
                out.write(head(status, "Transfer-Encoding: chunked"));
                out.write("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
              }));
      cases.add(
          of(
              "until closed " + status,
              BodyHandlers::ofString,
              (request, socket, out) -> {
                out.write(head(status, "Connection: close"));
                out.write("all".getBytes(StandardCharsets.UTF_8));
                out.flush();
                socket.close();
              }));
    }
    RawServer.Reply bare = (request, socket, out) -> out.write(head(204, "A: b"));
    cases.add(of("204", BodyHandlers::ofString, bare));
    cases.add(
        of(
            "304",
            BodyHandlers::ofString,
            (request, socket, out) -> out.write(head(304, "Content-Length: 7"))));
    cases.add(
        new Case(
            "HEAD",
            new RawServer.Reply[] {
              (request, socket, out) -> out.write(head(404, "Content-Length: 7"))
            },
            client -> {},
            request -> request.method("HEAD", BodyPublishers.noBody()),
            BodyHandlers::ofString));
    cases.add(of("nothing", BodyHandlers::ofString, (request, socket, out) -> socket.close()));
    cases.add(
        of(
            "garbage",
            BodyHandlers::ofString,
            (request, socket, out) -> {
              out.write("nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8));
              out.flush();
              socket.close();
            }));
    RawServer.Reply silence = (request, socket, out) -> socket.getInputStream().read();
    cases.add(sending("timeout", request -> request.timeout(Duration.ofMillis(300)), silence));
    cases.add(
        sending("timeout met", request -> request.timeout(Duration.ofSeconds(20)), reply(200, "")));
    cases.add(
        sending("refused", request -> request.uri(URI.create("http://127.0.0.1:1/x")), silence));
    cases.add(sending("GET", HttpRequest.Builder::GET, reply(404, "none")));
    cases.add(sending("DELETE", HttpRequest.Builder::DELETE, reply(404, "none")));
    cases.add(
        sending(
            "version", request -> request.version(HttpClient.Version.HTTP_1_1), reply(200, "")));
    cases.add(
        sending(
            "Expect: 100-continue",
            request -> request.expectContinue(true).version(HttpClient.Version.HTTP_1_1),
            reply(200, "fine")));
    for (long length : new long[] {-1, 13, 5, 20}) {
      cases.add(
          sending(
              "publisher says " + length,
              request -> request.POST(new Publishers.Counting(BODY, length, true)),
              (request, socket, out) -> {
                reply(200, new String(request.body(), StandardCharsets.UTF_8))
                    .write(request, socket, out);
                socket.close();
              }));
    }
    cases.add(sending("length throws", r -> r.POST(Publishers.lengthThrows()), reply(200, "fine")));
    cases.add(sending("subscribe throws", r -> r.POST(Publishers.subscribeThrows(false)), silence));
    cases.add(sending("late throw", r -> r.POST(Publishers.subscribeThrows(true)), silence));
    for (Redirect follow : Redirect.values()) {
      for (int status : new int[] {302, 303, 307}) {
        RawServer.Reply away = reply(status, "", "Location: /elsewhere");
        Consumer<HttpClient.Builder> following = client -> client.followRedirects(follow);
        cases.add(by(follow + " " + status, following, away, reply(200, "there")));
        cases.add(by(follow + " " + status + ", 400", following, away, reply(400, "there")));
        cases.add(
            by(
                follow + " " + status + " to nowhere",
                following,
                reply(status, "", "Location: http://127.0.0.1:1/elsewhere")));
        if (follow != Redirect.NEVER) {
          cases.add(by(follow + " " + status + ", 429", following, away, reply(429, "there")));
        }
      }
    }
    RawServer.Reply who = reply(401, "", "WWW-Authenticate: Basic realm=\"r\"");
    cases.add(of("401", BodyHandlers::ofString, who));
    cases.add(
        by(
            "authenticator",
            client -> client.authenticator(new Known(false)),
            who,
            reply(200, "you")));
    cases.add(by("authenticator refused", client -> client.authenticator(new Known(false)), who));
    cases.add(by("authenticator throws", client -> client.authenticator(new Known(true)), who));
    cases.add(
        by(
            "cookies",
            client -> client.cookieHandler(new CookieManager()),
            reply(400, "no", "Set-Cookie: a=b")));
    cases.add(
        by(
            "cookie handler throws",
            client -> client.cookieHandler(new Throwing()),
            reply(200, "")));
    cases.add(by("direct executor", client -> client.executor(Runnable::run), reply(400, "no")));
    cases.add(of("null", () -> info -> null, reply(200, "")));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersAndRequestsAreTheSame(Case c) {
    for (boolean async : new boolean[] {false, true}) {
      Set<String> without = new HashSet<>();
      String with = settled(run(c, async, true));
      for (int i = 0; i < tries(c) && !without.contains(with); i++) {
        without.add(settled(run(c, async, false)));
      }
      assertThat(without).contains(with);
    }
  }

  /**
   * Whether the connection's failure or the reader's own comes first is a race in the client, with
   * or without the agent: what the agent brings about must be among what so many tries of the bare
   * client do.
   */
  private static int tries(Case c) {
    return c.name.endsWith("cut") ? 40 : 1;
  }

  /** How much of a stream is read before its error comes is a race in the client. */
  private static String settled(String told) {
    return told.replaceAll("(?s)(stream|lines) .*?java", "$1 java");
  }

  static Stream<String> ownMethods() {
    return Stream.of(
        "none",
        "bodyPublisher",
        "method",
        "timeout",
        "expectContinue",
        "uri",
        "version",
        "headers");
  }

  /** A request of the application's own kind, whose faults are its own. */
  @ParameterizedTest
  @MethodSource("ownMethods")
  void requestsOfTheApplicationsOwnKind(String failing) {
    for (boolean async : new boolean[] {false, true}) {
      Case c = sending(failing, request -> {}, reply(400, "no"));
      assertThat(run(c, async, true, failing)).isEqualTo(run(c, async, false, failing));
    }
  }

  private String run(Case c, boolean async, boolean agent) {
    return run(c, async, agent, null);
  }

  private String run(Case c, boolean async, boolean agent, String failing) {
    try (RawServer server = new RawServer()) {
      server.answers(c.answers.clone());
      HttpClient.Builder builder = HttpClient.newBuilder();
      c.client.accept(builder);
      HttpClient client = builder.build();
      HttpRequest.Builder request = Rig.post(server, BodyPublishers.ofString(BODY));
      c.request.accept(request);
      HttpRequest built =
          failing == null ? request.build() : new OwnRequest(request.build(), failing);
      String told;
      try {
        told = told(send(client, built, c.handler.get(), async, agent), built);
      } catch (Throwable thrown) {
        told = told(thrown);
      }
      String wire =
          server.seen.stream()
              .map(s -> s.line() + s.headers() + new String(s.body(), StandardCharsets.ISO_8859_1))
              .collect(Collectors.joining("\n", "\n", ""));
      // Whether the head of a request whose body fails has left by then is a race in the client.
      return (told + (failsItself(c) ? "" : wire))
          .replace("127.0.0.1:" + server.port(), "server")
          .replaceAll("date=[^,}]*", "")
          .replaceAll("SocketTube[^ ]* \\[[^]]*]", "connection")
          .replaceAll("@[0-9a-f]{4,}", "@");
    }
  }

  /** Whether the application's body publisher ends the request. */
  private static boolean failsItself(Case c) {
    return Set.of(
            "length throws",
            "subscribe throws",
            "late throw",
            "publisher says 5",
            "publisher says 20")
        .contains(c.name);
  }

  private <T> HttpResponse<T> send(
      HttpClient client, HttpRequest request, BodyHandler<T> handler, boolean async, boolean agent)
      throws Throwable {
    if (!async) {
      return agent ? rig.send(client, request, handler) : client.send(request, handler);
    }
    CompletableFuture<HttpResponse<T>> future =
        agent ? rig.sendAsync(client, request, handler) : client.sendAsync(request, handler);
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause();
    }
  }

  private static String told(HttpResponse<?> response, HttpRequest own) {
    StringBuilder told = new StringBuilder();
    for (HttpResponse<?> r = response; r != null; r = r.previousResponse().orElse(null)) {
      told.append(r.statusCode()).append(' ').append(r.uri()).append(' ').append(r.version());
      told.append(' ').append(new TreeMap<>(r.headers().map())).append(r.sslSession());
      HttpRequest request = r.request();
      told.append(" of ").append(request.method()).append(request.uri()).append(request.timeout());
      told.append(request.headers().map()).append(request.version()).append(request);
      told.append(request.expectContinue());
      told.append(
          request
              .bodyPublisher()
              .map(p -> p == own.bodyPublisher().orElse(null) ? "own" : p.getClass().getName()));
      told.append('\n');
    }
    return told.append(body(response.body())).toString();
  }

  private static String body(Object body) {
    try {
      if (body instanceof byte[] bytes) {
        return "bytes " + new String(bytes, StandardCharsets.UTF_8);
      } else if (body instanceof InputStream in) {
        StringBuilder read = new StringBuilder("stream ");
        try (in) {
          for (int b = in.read(); b >= 0; b = in.read()) {
            read.append((char) b);
          }
        } catch (IOException broken) {
          read.append(told(broken));
        }
        return read.toString();
      } else if (body instanceof Stream<?> lines) {
        List<Object> all = new ArrayList<>();
        try {
          lines.forEach(all::add);
        } catch (RuntimeException broken) {
          all.add(told(broken));
        }
        return "lines " + all;
      } else if (body instanceof Flow.Publisher<?> publisher) {
        OneByOne reader = new OneByOne(false, false);
        @SuppressWarnings("unchecked") // of the client's
        Flow.Publisher<List<ByteBuffer>> buffers = (Flow.Publisher<List<ByteBuffer>>) publisher;
        buffers.subscribe(reader);
        return "published "
            + reader
                .text
                .orTimeout(10, TimeUnit.SECONDS)
                .handle((t, e) -> e == null ? t : told(e))
                .join();
      } else if (body instanceof Path path) {
        return "file " + Files.readString(path);
      }
      return String.valueOf(body);
    } catch (IOException e) {
      return "unreadable " + told(e);
    }
  }

  private static String told(Throwable thrown) {
    StringBuilder told = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      told.append(t.getClass().getName()).append(": ").append(t.getMessage()).append("; ");
      if (t instanceof HttpTimeoutException) {
        break; // what it was caused by is a race in the client
      }
    }
    return told.toString();
  }

  private static <T> T fail(String what) {
    throw new IllegalStateException(what);
  }

  private static String readAll(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static final class Lines implements Flow.Subscriber<String> {
    final List<String> lines = new ArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String item) {
      lines.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      lines.add(told(failure));
    }

    @Override
    public void onComplete() {
      lines.add("end");
    }
  }

  /** Asks for one item at a time. */
  private static final class OneByOne implements BodySubscriber<Object> {
    final CompletableFuture<Object> text = new CompletableFuture<>();
    private final boolean cancels;
    private final boolean throwing;
    private final StringBuilder got = new StringBuilder();
    private Flow.Subscription subscription;

    OneByOne(boolean cancels, boolean throwing) {
      this.cancels = cancels;
      this.throwing = throwing;
    }

    @Override
    public CompletionStage<Object> getBody() {
      return text;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
      s.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
      if (throwing) {
        fail("onNext");
      }
      item.forEach(b -> got.append(StandardCharsets.UTF_8.decode(b)));
      if (cancels) {
        subscription.cancel();
        text.complete("cancelled");
      } else {
        subscription.request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      text.complete(got.toString());
    }
  }

  private static final class Known extends Authenticator {
    private final boolean throwing;

    Known(boolean throwing) {
      this.throwing = throwing;
    }

    @Override
    protected PasswordAuthentication getPasswordAuthentication() {
      return throwing
          ? fail("authenticator")
          : new PasswordAuthentication("somebody", "not-a-password".toCharArray());
    }
  }

  private static final class Throwing extends java.net.CookieHandler {
    @Override
    public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) {
      return fail("cookies");
    }

    @Override
    public void put(URI uri, Map<String, List<String>> headers) {
      fail("cookies");
    }
  }
}
