package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.head;
import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.paceline.call.CallListener.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SyncSemanticsTest {
  private final RawServer server = new RawServer();
  private final Rig rig = new Rig();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void nothingFailedInside() {
    server.close();
    rig.close();
    assertThat(rig.faults).isEmpty();
    assertThat(rig.adapter.waiting()).isZero();
    assertThat(rig.adapter.replayBytes()).isZero();
  }

  @Test
  void limitAnswerIsWaitedOutAndTheApplicationSeesTheAnswerAfterIt() throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "fine", "X-A: b"));
    HttpRequest request = Rig.post(server);

    HttpResponse<String> response = rig.send(client, request, BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("fine");
    assertThat(response.headers().firstValue("x-a")).contains("b");
    assertThat(response.request()).isEqualTo(request);
    assertThat(server.seen).hasSize(2);
    assertThat(server.seen.get(1).body()).isEqualTo(server.seen.get(0).body());
    assertThat(server.seen.get(1).headers()).isEqualTo(server.seen.get(0).headers());
    assertThat(rig.outcomes).containsExactly(Outcome.SUCCESS);
  }

  @Test
  void otherPathsAreLeftAlone() {
    HttpRequest other = HttpRequest.newBuilder(server.uri().resolve("/index.html")).build();
    assertThat(rig.adapter.send(client, other, BodyHandlers.ofString())).isNull();
    assertThat(rig.adapter.sendAsync(client, other, BodyHandlers.ofString(), null)).isNull();
  }

  @Test
  void handlerSeesExactlyOneResponse() throws Throwable {
    server.answers(reply(429, "1"), reply(429, "2"), reply(200, "3"));
    List<Integer> shown = new CopyOnWriteArrayList<>();

    rig.send(
        client,
        Rig.post(server),
        info -> {
          shown.add(info.statusCode());
          return BodySubscribers.discarding();
        });

    assertThat(shown).containsExactly(200);
  }

  @Test
  void lastAnswerIsHandedOutWhenAttemptsAreSpent() throws Throwable {
    server.answers(reply(429, "busy", "X-N: 1"));
    AtomicInteger shown = new AtomicInteger();

    HttpResponse<String> response =
        rig.send(
            client,
            Rig.post(server),
            info -> {
              shown.incrementAndGet();
              return BodySubscribers.ofString(StandardCharsets.UTF_8);
            });

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body()).isEqualTo("busy");
    assertThat(shown).hasValue(1);
    assertThat(server.seen).hasSize(4);
    assertThat(response.headers().firstValue("x-should-retry")).isEmpty();
  }

  @Test
  void giveUpTellsAStainlessSdkToStop() throws Throwable {
    server.answers(reply(429, "busy", "X-Should-Retry: true"));
    AtomicReference<String> shown = new AtomicReference<>();
    HttpRequest request =
        Rig.post(server, BodyPublishers.ofString("{}"))
            .header("X-Stainless-Retry-Count", "0")
            .build();

    HttpResponse<String> response =
        rig.send(
            client,
            request,
            info -> {
              shown.set(info.headers().firstValue("x-should-retry").orElse(""));
              return BodySubscribers.ofString(StandardCharsets.UTF_8);
            });

    assertThat(shown).hasValue("false");
    assertThat(response.headers().allValues("x-should-retry")).containsExactly("false");
    assertThat(response.uri()).isEqualTo(server.uri());
    assertThat(response.body()).isEqualTo("busy");
  }

  @Test
  void forbiddenAfterALimitAnswerDeliversTheKeptOne() throws Throwable {
    server.answers(reply(429, "kept", "X-Kept: yes"), reply(401, "expired"));

    HttpResponse<String> response = rig.send(client, Rig.post(server), BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body()).isEqualTo("kept");
    assertThat(response.headers().firstValue("X-Kept")).contains("yes");
    assertThat(response.uri()).isEqualTo(server.uri());
    assertThat(response.request().method()).isEqualTo("POST");
    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
  }

  @Test
  void brokenConnectionAfterALimitAnswerDeliversTheKeptOne() throws Throwable {
    server.answers(reply(429, "kept"), (request, socket, out) -> socket.close());

    HttpResponse<Stream<String>> response =
        rig.send(client, Rig.post(server), BodyHandlers.ofLines());

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body()).containsExactly("kept");
    assertThat(server.seen).hasSize(2);
  }

  @Test
  void brokenConnectionOfTheFirstAttemptIsThrownAsTheClientThrowsIt() {
    server.answers((request, socket, out) -> socket.close());
    Throwable without =
        catchThrowable(() -> client.send(Rig.post(server), BodyHandlers.ofString()));
    Throwable with =
        catchThrowable(() -> rig.send(client, Rig.post(server), BodyHandlers.ofString()));

    assertThat(with).hasSameClassAs(without).hasMessage(without.getMessage());
    assertThat(server.seen).hasSize(2);
  }

  @Test
  void refusedConnectionIsTriedThreeTimesAndThrown() {
    // Port 1: nobody listens there, while a port that was just closed may be somebody else's by
    // now.
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:1/v1/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{}"))
            .build();
    assertThatThrownBy(() -> rig.send(client, request, BodyHandlers.ofString()))
        .isInstanceOf(ConnectException.class);
    assertThat(rig.sent).hasValue(3);
    assertThat(rig.outcomes).containsExactly(Outcome.IO_ERROR);
  }

  @Test
  void interruptEndsAWaitAtOnce() throws Throwable {
    rig.holding();
    server.answers(reply(429, "busy"));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () ->
                thrown.set(
                    catchThrowable(
                        () -> rig.send(client, Rig.post(server), BodyHandlers.ofString()))));
    caller.start();
    Rig.until(() -> rig.adapter.waiting() == 1);

    caller.interrupt();
    caller.join(5_000);

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(rig.outcomes).containsExactly(Outcome.CANCELLED);
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void interruptEndsAnAttemptAtOnce() throws Throwable {
    server.answers((request, socket, out) -> socket.getInputStream().read());
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () ->
                thrown.set(
                    catchThrowable(
                        () -> rig.send(client, Rig.post(server), BodyHandlers.ofString()))));
    caller.start();
    Rig.until(() -> server.seen.size() == 1);

    caller.interrupt();
    caller.join(5_000);

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(rig.outcomes).containsExactly(Outcome.CANCELLED);
  }

  @Test
  void stalledErrorBodyIsWaitedForOneSecondAndTheRestPassesThrough() throws Throwable {
    AtomicReference<java.io.OutputStream> stalled = new AtomicReference<>();
    server.answers(
        (request, socket, out) -> {
          out.write(head(400, "Content-Length: 10"));
          out.write("01234".getBytes(StandardCharsets.US_ASCII));
          out.flush();
          stalled.set(out);
        });

    long began = System.nanoTime();
    HttpResponse<InputStream> response =
        rig.send(client, Rig.post(server), BodyHandlers.ofInputStream());
    long took = System.nanoTime() - began;

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(took).isBetween(900_000_000L, 5_000_000_000L);
    stalled.get().write("56789".getBytes(StandardCharsets.US_ASCII));
    stalled.get().flush();
    assertThat(response.body().readAllBytes()).asString().isEqualTo("0123456789");
  }

  @Test
  void stalledLimitAnswerIsRetried() throws Throwable {
    server.answers(
        (request, socket, out) -> {
          out.write(head(429, "Content-Length: 10"));
          out.write("01234".getBytes(StandardCharsets.US_ASCII));
          out.flush();
        },
        reply(200, "fine"));

    HttpResponse<String> response = rig.send(client, Rig.post(server), BodyHandlers.ofString());

    assertThat(response.body()).isEqualTo("fine");
  }

  @Test
  void errorBodyBeyondTheBoundArrivesWhole() throws Throwable {
    String large = "0123456789abcdef".repeat(20_000);
    server.answers(reply(400, large));

    HttpResponse<String> response = rig.send(client, Rig.post(server), BodyHandlers.ofString());
    HttpResponse<InputStream> stream =
        rig.send(client, Rig.post(server), BodyHandlers.ofInputStream());
    HttpResponse<Integer> mapped =
        rig.send(
            client,
            Rig.post(server),
            info ->
                BodySubscribers.mapping(
                    BodySubscribers.ofInputStream(),
                    in -> {
                      try (in) {
                        return in.readAllBytes().length;
                      } catch (IOException e) {
                        return -1;
                      }
                    }));

    assertThat(response.body()).isEqualTo(large);
    assertThat(stream.body().readAllBytes()).asString().isEqualTo(large);
    assertThat(mapped.body()).isEqualTo(large.length());
  }

  @Test
  void largeLimitAnswersAreThrownAwayAndRetried() throws Throwable {
    server.answers(reply(429, "x".repeat(300_000)), reply(200, "fine"));
    assertThat(rig.send(client, Rig.post(server), BodyHandlers.ofString()).body())
        .isEqualTo("fine");
  }

  @Test
  void errorBodyThatBreaksOffThrowsAsTheClientThrowsIt() {
    server.answers(
        (request, socket, out) -> {
          out.write(head(400, "Content-Length: 10"));
          out.write("01234".getBytes(StandardCharsets.US_ASCII));
          out.flush();
          socket.close();
        });
    Throwable without =
        catchThrowable(() -> client.send(Rig.post(server), BodyHandlers.ofString()));
    Throwable with =
        catchThrowable(() -> rig.send(client, Rig.post(server), BodyHandlers.ofString()));

    assertThat(with).hasSameClassAs(without).hasMessage(without.getMessage());
  }

  @Test
  void subscriberWithSmallDemandGetsEverythingOnce() throws Throwable {
    String text = "line\n".repeat(40_000);
    server.answers(reply(400, text));
    StringBuilder got = new StringBuilder();
    List<String> ends = new CopyOnWriteArrayList<>();

    rig.send(
        client,
        Rig.post(server),
        BodyHandlers.fromSubscriber(
            new Flow.Subscriber<List<java.nio.ByteBuffer>>() {
              private Flow.Subscription subscription;

              @Override
              public void onSubscribe(Flow.Subscription s) {
                subscription = s;
                s.request(1);
              }

              @Override
              public void onNext(List<java.nio.ByteBuffer> items) {
                items.forEach(item -> got.append(StandardCharsets.UTF_8.decode(item)));
                subscription.request(1);
              }

              @Override
              public void onError(Throwable failure) {
                ends.add("error");
              }

              @Override
              public void onComplete() {
                ends.add("complete");
              }
            }));

    Rig.until(() -> !ends.isEmpty());
    assertThat(ends).containsExactly("complete");
    assertThat(got.toString()).isEqualTo(text);
  }

  @Test
  void lineSubscribersAndFilesNeverSeeALimitAnswer(@TempDir Path folder) throws Throwable {
    server.answers(reply(429, "busy"), reply(200, "a\nb"), reply(429, "busy"), reply(200, "c"));
    Path file = folder.resolve("answer");

    HttpResponse<Stream<String>> lines = rig.send(client, Rig.post(server), BodyHandlers.ofLines());
    rig.send(client, Rig.post(server), BodyHandlers.ofFile(file));

    assertThat(lines.body().collect(Collectors.toList())).containsExactly("a", "b");
    assertThat(Files.readString(file)).isEqualTo("c");
  }

  @Test
  void redirectedGetIsRetriedFromTheStart() throws Throwable {
    HttpClient following = HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build();
    server.answers(
        reply(307, "", "Location: /elsewhere"),
        reply(429, "busy"),
        reply(307, "", "Location: /elsewhere"),
        reply(200, "fine"));

    HttpResponse<String> response =
        rig.send(following, HttpRequest.newBuilder(server.uri()).build(), BodyHandlers.ofString());

    assertThat(response.body()).isEqualTo("fine");
    assertThat(response.uri().getPath()).isEqualTo("/elsewhere");
    assertThat(response.previousResponse()).isPresent();
    assertThat(server.seen.stream().map(s -> s.line().split(" ")[1]))
        .containsExactly(
            "/v1/chat/completions", "/elsewhere", "/v1/chat/completions", "/elsewhere");
    assertThat(server.seen.get(3).body()).isEqualTo(server.seen.get(0).body());
  }

  @Test
  void keptAnswerOfARedirectedAttemptTellsItsUriAndPreviousResponse() throws Throwable {
    HttpClient following = HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build();
    server.answers(
        reply(307, "", "Location: /elsewhere"),
        reply(429, "kept"),
        (request, socket, out) -> socket.close());

    HttpResponse<String> response = rig.send(following, Rig.post(server), BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.uri().getPath()).isEqualTo("/elsewhere");
    assertThat(response.previousResponse()).isPresent();
  }

  @Test
  void waitThatTheRequestTimeoutDoesNotAllowIsNotBegun() throws Throwable {
    rig.holding();
    server.answers(reply(429, "busy"));
    HttpRequest request =
        Rig.post(server, BodyPublishers.ofString("{}")).timeout(Duration.ofSeconds(2)).build();

    HttpResponse<String> response = rig.send(client, request, BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void faultOfTheApplicationsHandlerIsItsOwn() {
    server.answers(reply(200, "fine"));
    HttpResponse.BodyHandler<String> broken =
        info -> {
          throw new IllegalStateException("mine");
        };
    Throwable without = catchThrowable(() -> client.send(Rig.post(server), broken));
    Throwable with = catchThrowable(() -> rig.send(client, Rig.post(server), broken));
    assertThat(with).hasSameClassAs(without).hasMessage(without.getMessage());

    server.answers(reply(400, "bad"));
    Throwable withError = catchThrowable(() -> rig.send(client, Rig.post(server), broken));
    assertThat(withError).hasSameClassAs(without).hasMessage(without.getMessage());
  }

  @Test
  void releasedWaitDeliversTheKeptAnswer() throws Throwable {
    rig.holding();
    server.answers(reply(429, "kept"));
    AtomicReference<HttpResponse<String>> got = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                got.set(rig.send(client, Rig.post(server), BodyHandlers.ofString()));
              } catch (Throwable t) {
                rig.faults.add(t);
              }
            });
    caller.start();
    Rig.until(() -> rig.adapter.waiting() == 1);

    rig.calls.shutdown();
    caller.join(5_000);

    assertThat(got.get().body()).isEqualTo("kept");
  }

  @Test
  void closingClientDeliversTheKeptAnswerAndSendsWhatWasNotSent() throws Throwable {
    rig.holding();
    server.answers(reply(429, "kept"), reply(200, "sent"));
    List<String> got = new CopyOnWriteArrayList<>();
    Runnable call =
        () -> {
          try {
            got.add(rig.send(client, Rig.post(server), BodyHandlers.ofString()).body());
          } catch (Throwable t) {
            rig.faults.add(t);
          }
        };
    Thread first = new Thread(call);
    first.start();
    Rig.until(() -> rig.adapter.waiting() == 1);
    Thread second = new Thread(call); // waits before its first attempt: the gate is closed
    second.start();
    Rig.until(() -> rig.adapter.waiting() == 2);

    rig.adapter.closing(client);
    first.join(5_000);
    second.join(5_000);

    assertThat(got).containsExactlyInAnyOrder("kept", "sent");
  }
}
