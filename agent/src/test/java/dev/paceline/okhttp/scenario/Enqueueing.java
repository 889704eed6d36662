package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/** Calls and their places in the dispatcher. */
public final class Enqueueing extends Scenario {
  /** Meets a limit of 30 s, so that the gate is closed; the caller's thread waits it out. */
  private CompletableFuture<String> closeTheGate() {
    server.script(
        e -> {
          if (e.path().equals(CHAT) && e.number() == 1) {
            e.respond(429, "Retry-After: 30\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    CompletableFuture<String> first = execute(client.newCall(chat("{\"n\":0}")));
    agent.awaitWaiting(1);
    return first;
  }

  private void openTheGate() {
    agent.time.leaping();
    agent.time.pass(40 * Fixture.SECOND);
  }

  public void aCallThatMustWaitIsParkedWithoutAThreadOrAPlace() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    List<CompletableFuture<String>> parked = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      Call call = client.newCall(chat("{\"n\":" + i + "}"));
      calls.add(call);
      parked.add(enqueue(call));
    }
    Dispatcher dispatcher = client.dispatcher();
    assertThat(agent.waiting()).isEqualTo(11);
    // As without the agent: the synchronous one, and five for the host.
    assertThat(dispatcher.runningCallsCount()).isEqualTo(6);
    assertThat(dispatcher.queuedCallsCount()).isEqualTo(5);
    List<Call> known = new ArrayList<>(dispatcher.queuedCalls());
    known.addAll(dispatcher.runningCalls());
    assertThat(known).containsAll(calls);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    for (CompletableFuture<String> result : parked) {
      assertThat(get(result)).isEqualTo("200 ok");
    }
    assertThat(dispatcher.queuedCallsCount()).isZero();
    Fixture.await(() -> dispatcher.runningCallsCount() == 0, () -> "nothing running");
    assertThat(server.count()).isEqualTo(12);
    assertThat(agent.events.stream().filter(e -> e.startsWith("started"))).hasSize(11);
    Fixture.await(
        () -> agent.events.stream().filter("ended SUCCESS"::equals).count() == 11,
        () -> "each call to end once, but " + agent.events);
  }

  public void cancellingAParkedCallReportsItAtOnce() throws Exception {
    closeTheGate();
    Call call = client.newCall(chat("{\"n\":1}"));
    CompletableFuture<String> result = enqueue(call);
    agent.awaitWaiting(2);
    call.cancel();
    assertThat(failure(result)).isExactlyInstanceOf(IOException.class).hasMessage("Canceled");
    assertThat(client.dispatcher().queuedCallsCount()).isZero();
    assertThat(agent.waiting()).isEqualTo(1);
    assertThat(server.count()).isEqualTo(1);
  }

  /** At the JVM's end: the answer could not be read any more. What was answered is delivered. */
  public void shutdownSendsNothingThatWasNotSent() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    Call call = client.newCall(chat("{\"n\":1}"));
    CompletableFuture<String> cancelled = enqueue(call);
    CompletableFuture<String> parked = enqueue(client.newCall(chat("{\"n\":2}")));
    CompletableFuture<String> synchronous = execute(client.newCall(chat("{\"n\":3}")));
    agent.awaitWaiting(4);
    call.cancel();
    agent.calls.shutdown();
    assertThat(failure(cancelled)).hasMessage("Canceled");
    assertThat(failure(parked)).isExactlyInstanceOf(IOException.class).hasMessage("Canceled");
    assertThat(failure(synchronous)).isExactlyInstanceOf(IOException.class).hasMessage("Canceled");
    assertThat(get(first)).startsWith("429");
    assertThat(server.count()).isEqualTo(1);
  }

  public void cancellingASynchronousCallThatWaitsForItsFirstAttemptSendsNothing() throws Exception {
    closeTheGate();
    Call call = client.newCall(chat("{\"n\":1}"));
    CompletableFuture<String> result = execute(call);
    agent.awaitWaiting(2);
    call.cancel();
    assertThat(failure(result)).isExactlyInstanceOf(IOException.class).hasMessage("Canceled");
    assertThat(server.count()).isEqualTo(1);
  }

  public void cancelAllReachesParkedCalls() throws Exception {
    closeTheGate();
    CompletableFuture<String> a = enqueue(client.newCall(chat("{\"n\":1}")));
    CompletableFuture<String> b = enqueue(client.newCall(chat("{\"n\":2}")));
    agent.awaitWaiting(3);
    client.dispatcher().cancelAll();
    assertThat(failure(a)).hasMessage("Canceled");
    assertThat(failure(b)).hasMessage("Canceled");
    Fixture.await(() -> client.dispatcher().runningCallsCount() == 0, () -> "nothing running");
  }

  /**
   * OkHttp's own recipe for a process that is to end: without the agent the call has its thread.
   */
  public void aParkedCallIsServedWhenTheExecutorWasShutDown() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    CompletableFuture<String> parked = enqueue(client.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(2);
    client.dispatcher().executorService().shutdown();
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(get(parked)).isEqualTo("200 ok");
    Fixture.await(() -> client.dispatcher().runningCallsCount() == 0, () -> "nothing running");
  }

  /** The gate opens after 33.75 s: 30 and the jitter. Less than half a second is left then. */
  public void theWaitOfAParkedCallCountsAgainstItsTimeout() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    OkHttpClient hurried =
        client
            .newBuilder()
            .readTimeout(0, TimeUnit.SECONDS)
            .callTimeout(34_200, TimeUnit.MILLISECONDS)
            .build();
    Call call = hurried.newCall(chat("{\"n\":1}"));
    CountDownLatch never = new CountDownLatch(1);
    CompletableFuture<String> parked = enqueue(call);
    agent.awaitWaiting(2);
    server.script(
        e -> {
          if (e.body().contains("\"n\":1")) {
            never.await();
          }
          e.respond(200, "", "ok");
        });
    agent.time.pass(33_800_000_000L);
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(failure(parked)).isInstanceOf(InterruptedIOException.class).hasMessage("timeout");
    assertThat(call.timeout().timeoutNanos()).isEqualTo(34_200_000_000L);
  }

  public void aWaitThatDoesNotFitTheTimeoutIsNotBegunAtEnqueueEither() throws Exception {
    closeTheGate();
    OkHttpClient hurried = client.newBuilder().callTimeout(10, TimeUnit.SECONDS).build();
    assertThat(get(enqueue(hurried.newCall(chat("{\"n\":1}"))))).isEqualTo("200 ok");
  }

  public void retriesThatWaitLeaveTheirPlacesToOthers() throws Exception {
    AtomicBoolean opened = new AtomicBoolean();
    server.script(
        e -> {
          if (e.path().equals(CHAT) && !opened.get()) {
            agent.time.pass(1_000_000); // later than any of them was sent
            e.respond(429, "Retry-After: 30\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    List<CompletableFuture<String>> throttled = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      throttled.add(enqueue(client.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(65);
    assertThat(server.count()).as("at most as many as had a place").isBetween(1, 5);
    CompletableFuture<String> free =
        enqueue(client.newCall(request("localhost", "/free", new Json("{}", false))));
    assertThat(get(free)).isEqualTo("200 ok");
    CompletableFuture<String> sameHost =
        enqueue(client.newCall(request("127.0.0.1", "/other", new Json("{}", false))));
    assertThat(get(sameHost)).as("not even the host's other requests wait").isEqualTo("200 ok");
    Dispatcher dispatcher = client.dispatcher();
    Fixture.await(
        () -> dispatcher.queuedCallsCount() + dispatcher.runningCallsCount() == 65,
        () -> "the dispatcher to know all that wait");
    opened.set(true);
    openTheGate();
    for (CompletableFuture<String> result : throttled) {
      assertThat(get(result)).isEqualTo("200 ok");
    }
    Fixture.await(() -> client.dispatcher().runningCallsCount() == 0, () -> "nothing running");
    assertThat(client.dispatcher().queuedCallsCount()).isZero();
  }

  /** With every place of the dispatcher taken by the throttled host. */
  public void aThrottledHostThatMayHoldAllPlacesHoldsNone() throws Exception {
    AtomicBoolean opened = new AtomicBoolean();
    client.dispatcher().setMaxRequests(8);
    client.dispatcher().setMaxRequestsPerHost(8);
    server.script(
        e -> {
          if (e.path().equals(CHAT) && !opened.get()) {
            agent.time.pass(1_000_000);
            e.respond(429, "Retry-After: 30\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    List<CompletableFuture<String>> throttled = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      throttled.add(enqueue(client.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(9);
    Request free = request("localhost", "/free", new Json("{}", false));
    assertThat(get(enqueue(client.newCall(free)))).isEqualTo("200 ok");
    // Not "the first eight": the gate may close before all of them have left.
    opened.set(true);
    openTheGate();
    for (CompletableFuture<String> result : throttled) {
      assertThat(get(result)).isEqualTo("200 ok");
    }
  }

  public void theLimitsHoldAgainAfterwards() throws Exception {
    retriesThatWaitLeaveTheirPlacesToOthers();
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger together = new AtomicInteger();
    server.script(
        e -> {
          together.incrementAndGet();
          go.await();
          e.respond(200, "", "ok");
        });
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(enqueue(client.newCall(request("127.0.0.1", "/other" + i, new Json("{}", false)))));
    }
    assertThat(client.dispatcher().runningCallsCount()).isEqualTo(5);
    assertThat(client.dispatcher().queuedCallsCount()).isEqualTo(3);
    Fixture.await(() -> together.get() == 5, () -> "five at the server, not " + together);
    go.countDown();
    for (CompletableFuture<String> call : calls) {
      assertThat(get(call)).isEqualTo("200 ok");
    }
  }

  public void aSmallPoolIsNotFilledWithWaits() throws Exception {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(2, 2, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    OkHttpClient small = new OkHttpClient.Builder().dispatcher(new Dispatcher(pool)).build();
    CountDownLatch both = new CountDownLatch(2);
    server.script(
        e -> {
          if (e.path().equals(CHAT)) {
            both.countDown();
            both.await();
            e.respond(429, "Retry-After: 30\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    CompletableFuture<String> a = enqueue(small.newCall(chat("{\"n\":1}")));
    CompletableFuture<String> b = enqueue(small.newCall(chat("{\"n\":2}")));
    assertThat(get(CompletableFuture.anyOf(a, b).thenApply(String::valueOf)))
        .as("one of them is not held")
        .isEqualTo("429 " + LIMIT);
    agent.awaitWaiting(1);
    Request free = request("localhost", "/free", new Json("{}", false));
    assertThat(get(enqueue(small.newCall(free)))).isEqualTo("200 ok");
    small.dispatcher().cancelAll();
    pool.shutdown();
  }

  public void anExecutorThatRunsInlineDoesNotStopTheTimer() throws Exception {
    Dispatcher inline = new Dispatcher(new InlineExecutor());
    OkHttpClient direct = client.newBuilder().dispatcher(inline).build();
    CompletableFuture<String> first = closeTheGate();
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<String> parked = enqueue(direct.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(2);
    server.script(
        e -> {
          if (e.body().contains("\"n\":1")) {
            go.await();
          }
          e.respond(200, "", "ok");
        });
    openTheGate();
    assertThat(get(first)).as("though the other holds its thread").isEqualTo("200 ok");
    go.countDown();
    assertThat(get(parked)).isEqualTo("200 ok");
  }

  /** The credential that an interceptor adds makes it another scope; that one's gate is open. */
  public void theTicketFollowsWhenInterceptorsChangeTheScope() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    OkHttpClient authorised =
        client
            .newBuilder()
            .addInterceptor(
                chain ->
                    chain.proceed(
                        chain
                            .request()
                            .newBuilder()
                            .header("Authorization", "Bearer sk-test-0123456789")
                            .build()))
            .build();
    CompletableFuture<String> parked = enqueue(authorised.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(2);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(get(parked)).isEqualTo("200 ok");
    Fixture.await(
        () -> agent.events.stream().filter(e -> e.startsWith("ended")).count() == 2,
        () -> "each call announced and ended once: " + agent.events);
    assertThat(agent.events.stream().filter(e -> e.startsWith("started"))).hasSize(2);
  }

  /** Its call was not known as running any more, and its end threw an AssertionError. */
  public void anExecutorThatThrowsWhenOthersArePromotedCostsNoPlace() throws Exception {
    AtomicBoolean throwing = new AtomicBoolean();
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(4, 4, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
          @Override
          public void execute(Runnable task) {
            if (throwing.getAndSet(false)) {
              throw new IllegalStateException("theirs");
            }
            super.execute(task);
          }
        };
    Dispatcher dispatcher = new Dispatcher(executor);
    dispatcher.setMaxRequests(1);
    OkHttpClient own = client.newBuilder().dispatcher(dispatcher).build();
    CountDownLatch queued = new CountDownLatch(1);
    server.script(
        e -> {
          queued.await();
          e.respond(429, "Retry-After: 30\r\n", LIMIT);
        });
    try {
      CompletableFuture<String> first = enqueue(own.newCall(chat("{}")));
      enqueue(own.newCall(request("localhost", "/other", new Json("{}", false))));
      throwing.set(true);
      queued.countDown();
      assertThat(get(first)).startsWith("429");
      Fixture.await(() -> dispatcher.runningCallsCount() == 0, () -> "nothing running");
      agent.awaitRest();
    } finally {
      executor.shutdownNow();
      agent.faults.clear(); // it is counted as one
    }
  }

  public void theCallbacksThreadHasTheContextLoaderOfTheCaller() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    CompletableFuture<ClassLoader> seen = new CompletableFuture<>();
    client
        .newCall(chat("{\"n\":1}"))
        .enqueue(
            new okhttp3.Callback() {
              @Override
              public void onFailure(Call call, IOException e) {
                seen.completeExceptionally(e);
              }

              @Override
              public void onResponse(Call call, okhttp3.Response response) {
                response.close();
                seen.complete(Thread.currentThread().getContextClassLoader());
              }
            });
    agent.awaitWaiting(2);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(seen.get(20, TimeUnit.SECONDS))
        .isSameAs(Thread.currentThread().getContextClassLoader());
  }
}
