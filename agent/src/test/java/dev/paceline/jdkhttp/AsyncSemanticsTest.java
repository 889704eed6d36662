package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.paceline.call.CallListener.Outcome;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AsyncSemanticsTest {
  private final RawServer server = new RawServer();
  private final Rig rig = new Rig();
  private HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void nothingFailedInside() {
    server.close();
    rig.close();
    assertThat(rig.faults).isEmpty();
    Rig.until(() -> rig.adapter.waiting() == 0);
    Rig.until(() -> rig.adapter.replayBytes() == 0);
  }

  private CompletableFuture<HttpResponse<String>> send() {
    return rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void limitAnswerIsWaitedOut() throws Exception {
    server.answers(reply(429, "busy"), reply(429, "busy"), reply(200, "fine"));
    assertThat(get(send()).body()).isEqualTo("fine");
    assertThat(server.seen).hasSize(3);
    assertThat(rig.outcomes).containsExactly(Outcome.SUCCESS);
  }

  @Test
  void futureIsNeverCompletedOnTheTimerThreadNorTheAttemptSentThere() throws Exception {
    server.answers(reply(429, "busy"), (request, socket, out) -> socket.close());
    AtomicReference<String> thread = new AtomicReference<>();
    List<String> sending = new CopyOnWriteArrayList<>();
    HttpRequest request =
        Rig.post(
                server,
                new HttpRequest.BodyPublisher() {
                  private final HttpRequest.BodyPublisher body = BodyPublishers.ofString("{}");

                  @Override
                  public long contentLength() {
                    sending.add(Thread.currentThread().getName());
                    return body.contentLength();
                  }

                  @Override
                  public void subscribe(
                      java.util.concurrent.Flow.Subscriber<? super java.nio.ByteBuffer> s) {
                    body.subscribe(s);
                  }
                })
            .build();

    CompletableFuture<Integer> status =
        rig.sendAsync(client, request, BodyHandlers.ofString())
            .thenApply(
                response -> {
                  thread.set(Thread.currentThread().getName());
                  return response.statusCode();
                });

    assertThat(get(status)).isEqualTo(429);
    assertThat(thread.get()).doesNotContain("timer");
    assertThat(sending).noneMatch(name -> name.contains("timer"));
  }

  @Test
  void deferredAttemptsRunOnTheClientsOwnExecutor() throws Exception {
    ExecutorService own = Executors.newCachedThreadPool(task -> new Thread(task, "own"));
    try {
      client = HttpClient.newBuilder().executor(own).build();
      server.answers(reply(429, "busy"), reply(200, "fine"));
      assertThat(get(send()).body()).isEqualTo("fine");
    } finally {
      own.shutdownNow();
    }
  }

  @Test
  void cancelTrueOfTheFutureEndsAWait() {
    rig.holding();
    server.answers(reply(429, "busy"));
    CompletableFuture<HttpResponse<String>> future = send();
    Rig.until(() -> rig.adapter.waiting() == 1);

    assertThat(future.cancel(true)).isTrue();

    assertThat(future.isCancelled()).isTrue();
    Rig.until(() -> rig.outcomes.contains(Outcome.CANCELLED));
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void cancelTrueOfADependentEndsAWaitAndTheFuture() {
    rig.holding();
    server.answers(reply(429, "busy"));
    CompletableFuture<HttpResponse<String>> future = send();
    CompletableFuture<String> dependent = future.thenApply(HttpResponse::body).thenApply(b -> b);
    Rig.until(() -> rig.adapter.waiting() == 1);

    assertThat(dependent.cancel(true)).isTrue();

    Rig.until(future::isDone);
    Throwable thrown = catchThrowable(future::get);
    assertThat(thrown).isInstanceOfAny(ExecutionException.class, CancellationException.class);
    assertThat(thrown).hasRootCauseInstanceOf(IOException.class);
    Rig.until(() -> !rig.outcomes.isEmpty()); // the future may be done a moment earlier
    assertThat(rig.outcomes).containsExactly(Outcome.CANCELLED);
  }

  @Test
  void cancelTrueInFlightEndsAsWithoutTheAgent() {
    server.answers((request, socket, out) -> socket.getInputStream().read());

    for (boolean dependent : new boolean[] {true, false}) {
      CompletableFuture<HttpResponse<String>> without =
          client.sendAsync(Rig.post(server), BodyHandlers.ofString());
      int before = server.seen.size();
      CompletableFuture<HttpResponse<String>> with = send();
      Rig.until(() -> server.seen.size() >= before + 1);
      (dependent ? without.thenApply(r -> r) : without).cancel(true);
      (dependent ? with.thenApply(r -> r) : with).cancel(true);
      Rig.until(without::isDone);
      Rig.until(with::isDone);

      // Which of the two the JDK's own future shows is a race inside it: the exchange that it
      // aborts may end the future before it is marked as cancelled.
      for (CompletableFuture<?> future : List.of(without, with)) {
        assertThat(catchThrowable(future::get))
            .isInstanceOfAny(CancellationException.class, ExecutionException.class);
        assertThat(catchThrowable(future::join))
            .isInstanceOfAny(CancellationException.class, CompletionException.class);
      }
      assertThat(with.isCancelled()).isEqualTo(!dependent);
    }
    Rig.until(() -> rig.outcomes.size() == 2);
    assertThat(rig.outcomes).containsOnly(Outcome.CANCELLED);
  }

  @Test
  void cancelFalseOfADependentLeavesTheCallAlone() throws Exception {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    CompletableFuture<HttpResponse<String>> future = send();
    CompletableFuture<String> dependent = future.thenApply(HttpResponse::body);
    assertThat(dependent.cancel(false)).isTrue();
    assertThat(get(future).body()).isEqualTo("fine");
  }

  @Test
  void cancelFalseOfTheFutureDuringAWaitSendsNoMore() {
    rig.holding();
    server.answers(reply(429, "busy"), reply(200, "fine"));
    CompletableFuture<HttpResponse<String>> future = send();
    Rig.until(() -> rig.adapter.waiting() == 1);

    future.cancel(false);

    Rig.until(() -> rig.outcomes.contains(Outcome.CANCELLED));
    assertThat(rig.adapter.waiting()).isZero();
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void futureThatTheApplicationCompletedIsNeverSent() throws Exception {
    rig.holding();
    server.answers(reply(429, "busy"), reply(200, "fine"));
    CompletableFuture<HttpResponse<String>> first = send();
    Rig.until(() -> rig.adapter.waiting() == 1);
    CompletableFuture<HttpResponse<String>> unsent = send(); // the gate is closed: never sent
    Rig.until(() -> rig.adapter.waiting() == 2);

    unsent.completeExceptionally(new IllegalStateException("mine"));
    first.orTimeout(1, TimeUnit.MILLISECONDS);

    Rig.until(() -> rig.outcomes.size() == 2);
    assertThat(rig.outcomes).containsOnly(Outcome.CANCELLED);
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void shutdownDeliversKeptAnswersAndSendsNothingMore() throws Exception {
    rig.holding();
    server.answers(reply(429, "busy"), reply(200, "fine"));
    CompletableFuture<HttpResponse<String>> first = send();
    Rig.until(() -> rig.adapter.waiting() == 1);
    CompletableFuture<HttpResponse<String>> unsent = send();
    CompletableFuture<HttpResponse<String>> done = send();
    Rig.until(() -> rig.adapter.waiting() == 3);
    done.complete(null);

    rig.calls.shutdown();

    assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(429);
    // The JVM would end before the answer comes: paid for nothing.
    assertThat(catchThrowable(() -> unsent.get(10, TimeUnit.SECONDS)))
        .hasCauseExactlyInstanceOf(IOException.class);
    assertThat(rig.adapter.waiting()).isZero();
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void droppedClientIsKeptAliveDuringAWaitAndLetGoAfterwards() throws Exception {
    rig.firstWait = TimeUnit.MILLISECONDS.toNanos(300);
    server.answers(reply(429, "busy"), reply(200, "fine"));
    WeakReference<HttpClient> dropped = new WeakReference<>(client);
    CompletableFuture<HttpResponse<String>> future = send();
    client = HttpClient.newHttpClient();
    Rig.until(() -> rig.adapter.waiting() == 1);
    System.gc();

    assertThat(get(future).body()).isEqualTo("fine");
    Rig.until(
        () -> {
          System.gc();
          return dropped.get() == null;
        });
    assertThat(future).isCompleted(); // held until here: it holds no client
  }

  @Test
  void pushHandlerForbidsRepeating() throws Exception {
    server.answers(reply(429, "busy"), reply(200, "fine"));
    PushPromiseHandler<String> push =
        PushPromiseHandler.of(r -> BodyHandlers.ofString(), new ConcurrentHashMap<>());
    Object[] outcome =
        rig.adapter.sendAsync(client, Rig.post(server), BodyHandlers.ofString(), push);
    @SuppressWarnings("unchecked")
    CompletableFuture<HttpResponse<String>> future =
        (CompletableFuture<HttpResponse<String>>) outcome[0];
    assertThat(get(future).statusCode()).isEqualTo(429);
    assertThat(server.seen).hasSize(1);
  }

  @Test
  void exceptionIsTheClientsOwn() {
    server.answers((request, socket, out) -> socket.close());
    CompletableFuture<HttpResponse<String>> without =
        client.sendAsync(Rig.post(server), BodyHandlers.ofString());
    CompletableFuture<HttpResponse<String>> with = send();
    Throwable expected = catchThrowable(() -> get(without));
    Throwable got = catchThrowable(() -> get(with));
    assertThat(got).hasSameClassAs(expected);
    assertThat(got.getCause())
        .hasSameClassAs(expected.getCause())
        .hasMessage(expected.getCause().getMessage());
    AtomicReference<Throwable> shown = new AtomicReference<>();
    with.whenComplete((value, thrown) -> shown.set(thrown));
    AtomicReference<Throwable> shownWithout = new AtomicReference<>();
    without.whenComplete((value, thrown) -> shownWithout.set(thrown));
    assertThat(shown.get()).hasSameClassAs(shownWithout.get());
  }

  @Test
  void brokenConnectionAfterALimitAnswerDeliversTheKeptOne() throws Exception {
    server.answers(reply(429, "kept"), (request, socket, out) -> socket.close());
    HttpResponse<String> response = get(send());
    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body()).isEqualTo("kept");
  }

  @Test
  void streamedAnswerIsThereBeforeItsEnd() throws Exception {
    CompletableFuture<Void> finish = new CompletableFuture<>();
    server.answers(
        reply(429, "busy"),
        (request, socket, out) -> {
          out.write(RawServer.head(200, "Content-Length: 6"));
          out.write("one".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          out.flush();
          finish.join();
          out.write("two".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          out.flush();
        });
    var response = get(rig.sendAsync(client, Rig.post(server), BodyHandlers.ofInputStream()));
    assertThat(response.body().readNBytes(3)).asString().isEqualTo("one");
    finish.complete(null);
    assertThat(response.body().readAllBytes()).asString().isEqualTo("two");
  }

  @Test
  void publisherOfTheBodyMayBeReadLater() throws Exception {
    server.answers(reply(429, "busy"), reply(200, "a\nb"));
    var response = get(rig.sendAsync(client, Rig.post(server), BodyHandlers.ofPublisher()));
    CompletableFuture<String> text = new CompletableFuture<>();
    var body = HttpResponse.BodySubscribers.ofString(java.nio.charset.StandardCharsets.UTF_8);
    response.body().subscribe(body);
    body.getBody().thenAccept(text::complete);
    assertThat(get(text)).isEqualTo("a\nb");
  }

  @Test
  void closingClientEndsWaitsPromptly() throws Exception {
    rig.holding();
    server.answers(reply(429, "kept"), reply(200, "sent"));
    CompletableFuture<HttpResponse<String>> first = send();
    Rig.until(() -> rig.adapter.waiting() == 1);
    CompletableFuture<HttpResponse<String>> second = send();
    Rig.until(() -> rig.adapter.waiting() == 2);

    rig.adapter.closing(client);

    assertThat(get(first).body()).isEqualTo("kept");
    assertThat(get(second).body()).isEqualTo("sent");
    CompletableFuture<HttpResponse<String>> late = send(); // no wait begins on a closing client
    assertThat(get(late).statusCode()).isEqualTo(200);
  }

  @Test
  void invalidRequestThrowsOnTheCallersThreadAsWithoutTheAgent() {
    HttpRequest connect = new Connect(server.uri());
    Throwable without = catchThrowable(() -> client.sendAsync(connect, BodyHandlers.ofString()));
    Throwable with = catchThrowable(() -> rig.sendAsync(client, connect, BodyHandlers.ofString()));
    assertThat(with).hasSameClassAs(without).hasMessage(without.getMessage());
  }

  /** A request that the client refuses on the caller's thread. */
  private static final class Connect extends HttpRequest {
    private final URI uri;

    Connect(URI uri) {
      this.uri = uri;
    }

    @Override
    public Optional<BodyPublisher> bodyPublisher() {
      return Optional.empty();
    }

    @Override
    public String method() {
      return "CONNECT";
    }

    @Override
    public Optional<Duration> timeout() {
      return Optional.empty();
    }

    @Override
    public boolean expectContinue() {
      return false;
    }

    @Override
    public URI uri() {
      return uri;
    }

    @Override
    public Optional<HttpClient.Version> version() {
      return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(Map.of(), (name, value) -> true);
    }
  }
}
