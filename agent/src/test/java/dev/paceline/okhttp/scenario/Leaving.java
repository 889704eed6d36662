package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/**
 * What becomes of parked calls that do not come back as they went. Each scenario ends at rest:
 * {@link #close}.
 */
public final class Leaving extends Scenario {
  private final AtomicBoolean limited = new AtomicBoolean(true);

  /** Nothing of the calls is left in the agent: no attempt, no credential, no thread. */
  @Override
  public void close() throws Exception {
    agent.calls.shutdown();
    client.dispatcher().cancelAll();
    try {
      agent.awaitRest();
      int[] remembered = new int[1];
      Fixture.await(
          () -> {
            try {
              remembered[0] = remembered();
            } catch (ReflectiveOperationException e) {
              throw new AssertionError(e);
            }
            return remembered[0] == 0;
          },
          () -> "no state, but " + remembered[0]);
      Fixture.await(
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(t -> t.getName().equals("paceline-waiting")),
          () -> "no thread that keeps the JVM");
    } finally {
      super.close();
    }
  }

  /** A limit of 30 s; the call that met it waits on its own thread. */
  private CompletableFuture<String> closeTheGate() {
    server.script(
        e -> {
          if (e.path().equals(CHAT) && limited.getAndSet(false)) {
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

  private OkHttpClient with(Interceptor interceptor) {
    return client.newBuilder().addInterceptor(interceptor).build();
  }

  /** Parks a call of the client, lets it go, and waits until nothing is open any more. */
  private void parkedAndGone(OkHttpClient other) throws Exception {
    CompletableFuture<String> first = closeTheGate();
    enqueue(other.newCall(chat("{\"n\":1}"))); // that it ends OkHttp does not always say
    agent.awaitWaiting(2);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    agent.awaitRest();
  }

  public void aParkedCallWhoseInterceptorThrowsLeavesNothingOpen() throws Exception {
    parkedAndGone(
        with(
            chain -> {
              throw new IOException("no token");
            }));
  }

  public void aParkedCallWhoseInterceptorFailsLeavesNothingOpen() throws Exception {
    parkedAndGone(
        with(
            chain -> {
              throw new IllegalStateException("no token");
            }));
  }

  public void aParkedCallThatAnInterceptorAnswersLeavesNothingOpen() throws Exception {
    Response.Builder answer =
        client
            .newCall(request("localhost", "/free", new Json("{}", false)))
            .execute()
            .newBuilder()
            .protocol(Protocol.HTTP_1_1);
    parkedAndGone(with(chain -> answer.request(chain.request()).build()));
  }

  public void aParkedCallThatIsSentElsewhereLeavesNothingOpen() throws Exception {
    parkedAndGone(
        with(
            chain ->
                chain.proceed(
                    chain
                        .request()
                        .newBuilder()
                        .url(chain.request().url().newBuilder().encodedPath("/other").build())
                        .build())));
  }

  public void aParkedCallThatBecomesAnothersLeavesNothingOpen() throws Exception {
    parkedAndGone(
        with(
            chain ->
                chain.proceed(
                    chain.request().newBuilder().header("Authorization", "Bearer k-1").build())));
  }

  public void switchingTheAgentOffLeavesNothingOpen() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    List<CompletableFuture<String>> parked = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      parked.add(enqueue(client.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(11);
    agent.enabled = false;
    agent.calls.releaseWaits();
    assertThat(get(first)).startsWith("429");
    for (CompletableFuture<String> result : parked) {
      assertThat(get(result)).isEqualTo("200 ok");
    }
    agent.awaitRest();
  }

  public void aClientThatWasBuiltBeforeTheAgentWasAttachedIsHeldToo() throws Exception {
    OkHttpClient old = agent.unhooked(() -> new OkHttpClient.Builder().build());
    CompletableFuture<String> first = closeTheGate();
    CompletableFuture<String> parked = enqueue(old.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(2);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(get(parked)).isEqualTo("200 ok");
    agent.awaitRest();
    old.dispatcher().executorService().shutdown();
  }

  private static ThreadPoolExecutor pool() {
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
  }

  public void anExecutorThatIsShutDownTerminatesWhenTheParkedCallsAreOver() throws Exception {
    ThreadPoolExecutor pool = pool();
    OkHttpClient other = client.newBuilder().dispatcher(new Dispatcher(pool)).build();
    CompletableFuture<String> first = closeTheGate();
    List<CompletableFuture<String>> parked = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      parked.add(enqueue(other.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(9);
    assertThat(pool.getPoolSize()).as("one stands in for all").isEqualTo(1);
    pool.shutdown();
    assertThat(pool.isTerminated()).isFalse();
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    for (CompletableFuture<String> result : parked) {
      assertThat(result).isDone();
      assertThat(get(result)).isEqualTo("200 ok");
    }
    agent.awaitRest();
  }

  public void stoppingTheExecutorEndsParkedCallsUnsent() throws Exception {
    ThreadPoolExecutor pool = pool();
    OkHttpClient other = client.newBuilder().dispatcher(new Dispatcher(pool)).build();
    CompletableFuture<String> first = closeTheGate();
    List<CompletableFuture<String>> parked = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      parked.add(enqueue(other.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(9);
    pool.shutdownNow();
    for (CompletableFuture<String> result : parked) {
      assertThat(failure(result)).hasMessage("executor rejected"); // OkHttp's own word
    }
    assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(other.dispatcher().runningCallsCount()).isZero();
    assertThat(failure(enqueue(other.newCall(chat("{\"n\":9}"))))).hasMessage("executor rejected");
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    agent.awaitRest();
    assertThat(server.count()).as("the first, twice").isEqualTo(2);
  }

  public void theDispatcherIsNotIdleWhileCallsAreParked() throws Exception {
    AtomicInteger idle = new AtomicInteger();
    OkHttpClient other = client.newBuilder().dispatcher(new Dispatcher()).build();
    CompletableFuture<String> first = closeTheGate();
    List<CompletableFuture<String>> parked = new ArrayList<>();
    List<Integer> doneWhenIdle = new CopyOnWriteArrayList<>();
    other
        .dispatcher()
        .setIdleCallback(
            () -> {
              doneWhenIdle.add((int) parked.stream().filter(CompletableFuture::isDone).count());
              idle.incrementAndGet();
            });
    for (int i = 1; i <= 12; i++) {
      parked.add(enqueue(other.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(13);
    assertThat(other.dispatcher().runningCallsCount()).isEqualTo(5);
    assertThat(other.dispatcher().queuedCallsCount()).isEqualTo(7);
    assertThat(get(enqueue(other.newCall(request("localhost", "/free", new Json("{}", false))))))
        .isEqualTo("200 ok");
    Fixture.await(
        () -> other.dispatcher().runningCallsCount() == 5, () -> "the free call to be over");
    assertThat(idle.get()).isZero();
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    for (CompletableFuture<String> result : parked) {
      assertThat(get(result)).isEqualTo("200 ok");
    }
    Fixture.await(() -> idle.get() > 0, () -> "the idle callback");
    assertThat(doneWhenIdle).containsOnly(12);
    assertThat(other.dispatcher().runningCallsCount()).isZero();
    agent.awaitRest();
    other.dispatcher().executorService().shutdown();
  }

  public void aParkedCallThatTheExecutorRefusesIsServed() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(0, 100, 1, TimeUnit.SECONDS, new SynchronousQueue<>()) {
          @Override
          public void execute(Runnable task) {
            if (refuses.get()) {
              throw new RejectedExecutionException("full");
            }
            super.execute(task);
          }
        };
    OkHttpClient other = client.newBuilder().dispatcher(new Dispatcher(pool)).build();
    CompletableFuture<String> first = closeTheGate();
    CompletableFuture<String> parked = enqueue(other.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(2);
    refuses.set(true);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(get(parked)).isEqualTo("200 ok");
    agent.awaitRest();
    pool.shutdown();
  }

  /** Its timeout of 10 s begins when it runs, after 12 s: there is time for a retry after 5. */
  public void aCallThatStandsInOkHttpsQueueHasItsWholeTimeout() throws Exception {
    CompletableFuture<String> first = closeTheGate();
    OkHttpClient hurried =
        client.newBuilder().callTimeout(10, TimeUnit.SECONDS).dispatcher(new Dispatcher()).build();
    hurried.dispatcher().setMaxRequestsPerHost(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger seconds = new AtomicInteger();
    server.script(
        e -> {
          if (e.path().equals("/other")) {
            go.await();
          }
          if (e.body().contains("\"n\":2") && seconds.incrementAndGet() == 1) {
            e.respond(429, "Retry-After: 5\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    CompletableFuture<String> a =
        enqueue(hurried.newCall(request("127.0.0.1", "/other", new Json("{}", false))));
    CompletableFuture<String> b = enqueue(hurried.newCall(keyed("{\"n\":2}")));
    agent.time.pass(12 * Fixture.SECOND);
    go.countDown();
    assertThat(get(a)).isEqualTo("200 ok");
    agent.awaitWaiting(2);
    openTheGate();
    assertThat(get(b)).isEqualTo("200 ok");
    assertThat(get(first)).isEqualTo("200 ok");
    agent.awaitRest();
    hurried.dispatcher().executorService().shutdown();
  }

  /** Of another scope than the one whose gate is closed. */
  private Request keyed(String content) {
    return chat(content).newBuilder().header("Authorization", "Bearer other-0123456789").build();
  }

  public void aWaitThatDoesNotFitTheDeadlineIsNotBegun() throws Exception {
    closeTheGate();
    Call enqueued = client.newCall(chat("{\"n\":1}"));
    enqueued.timeout().deadline(10, TimeUnit.SECONDS);
    assertThat(get(enqueue(enqueued))).isEqualTo("200 ok");
    Call executed = client.newCall(chat("{\"n\":2}"));
    executed.timeout().deadline(10, TimeUnit.SECONDS);
    assertThat(get(execute(executed))).isEqualTo("200 ok");
  }

  /** The first ones wait on threads; from them it is known that the others would, too. */
  public void callsWhoseCredentialAnInterceptorAddsAreParked() throws Exception {
    OkHttpClient authorised =
        client
            .newBuilder()
            .dispatcher(new Dispatcher())
            .addInterceptor(
                chain ->
                    chain.proceed(
                        chain.request().newBuilder().header("Authorization", "Bearer k-2").build()))
            .build();
    authorised.dispatcher().setMaxRequestsPerHost(2);
    AtomicBoolean opened = new AtomicBoolean();
    server.script(
        e -> {
          if (e.path().equals(CHAT) && !opened.get()) {
            agent.time.pass(1_000_000);
            e.respond(429, "Retry-After: 30\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      calls.add(enqueue(authorised.newCall(chat("{\"n\":" + i + "}"))));
    }
    agent.awaitWaiting(60);
    calls.add(enqueue(authorised.newCall(chat("{\"n\":60}"))));
    agent.awaitWaiting(61);
    assertThat(((ThreadPoolExecutor) authorised.dispatcher().executorService()).getPoolSize())
        .as("threads that wait")
        .isLessThan(10);
    opened.set(true);
    openTheGate();
    for (CompletableFuture<String> call : calls) {
      assertThat(get(call)).isEqualTo("200 ok");
    }
    agent.awaitRest();
    authorised.dispatcher().executorService().shutdown();
  }

  public void theOnlyThreadOfAPoolDoesNotWait() throws Exception {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    OkHttpClient small = client.newBuilder().dispatcher(new Dispatcher(pool)).build();
    server.script(limitedFirst(1, "Retry-After: 30\r\n"));
    assertThat(get(enqueue(small.newCall(chat("{\"n\":1}"))))).isEqualTo("429 " + LIMIT);
    assertThat(get(enqueue(small.newCall(request("localhost", "/free", new Json("{}", false))))))
        .isEqualTo("200 ok");
    agent.awaitRest();
    pool.shutdown();
  }

  public void aCallThatWaitsForItsRetryHoldsNoConnection() throws Exception {
    List<String> connections = new CopyOnWriteArrayList<>();
    OkHttpClient heard =
        client
            .newBuilder()
            .eventListener(
                new EventListener() {
                  @Override
                  public void connectionAcquired(Call call, okhttp3.Connection connection) {
                    connections.add("acquired");
                  }

                  @Override
                  public void connectionReleased(Call call, okhttp3.Connection connection) {
                    connections.add("released");
                  }
                })
            .build();
    server.script(limitedFirst(1, "Retry-After: 30\r\n"));
    CompletableFuture<String> first = execute(heard.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(1);
    Fixture.await(
        () -> client.connectionPool().idleConnectionCount() == 1, () -> "an idle connection");
    assertThat(get(enqueue(client.newCall(request("127.0.0.1", "/other", new Json("{}", false))))))
        .isEqualTo("200 ok");
    assertThat(client.connectionPool().connectionCount()).as("it was used again").isEqualTo(1);
    openTheGate();
    assertThat(get(first)).isEqualTo("200 ok");
    Fixture.await(() -> connections.size() == 4, () -> "the connection twice, but " + connections);
    assertThat(connections).containsExactly("acquired", "released", "acquired", "released");
    agent.awaitRest();
  }

  public void aListenerThatThrowsDoesNotKeepACancelledCallWaiting() throws Exception {
    OkHttpClient rude =
        client
            .newBuilder()
            .eventListener(
                new EventListener() {
                  public void canceled(Call call) {
                    throw new IllegalStateException("listener");
                  }
                })
            .build();
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    Call call = rude.newCall(chat("{}"));
    CompletableFuture<String> waits = execute(call);
    agent.awaitWaiting(1);
    Call other = rude.newCall(chat("{\"n\":2}"));
    CompletableFuture<String> parked = enqueue(other);
    agent.awaitWaiting(2);
    cancel(call);
    cancel(other);
    assertThat(failure(waits)).hasMessage("Canceled");
    assertThat(failure(parked)).hasMessage("Canceled");
    agent.awaitRest();
  }

  /** Older versions do not tell the listener. */
  private static void cancel(Call call) {
    try {
      call.cancel();
    } catch (IllegalStateException listener) {
      assertThat(listener).hasMessage("listener");
    }
  }

  /** OkHttp 5.2 and newer tells when a call begins to stand in the dispatcher's queue, and ends. */
  public static final class Queue extends EventListener {
    final List<String> seen = new CopyOnWriteArrayList<>();

    public void dispatcherQueueStart(Call call, Dispatcher dispatcher) {
      seen.add("start " + call.request().header("X-Number"));
    }

    public void dispatcherQueueEnd(Call call, Dispatcher dispatcher) {
      seen.add("end " + call.request().header("X-Number"));
    }
  }

  public void theEventsOfTheDispatchersQueueComeInPairs() throws Exception {
    Queue queue = new Queue();
    OkHttpClient heard =
        client.newBuilder().eventListener(queue).dispatcher(new Dispatcher()).build();
    heard.dispatcher().setMaxRequestsPerHost(2);
    AtomicBoolean opened = new AtomicBoolean();
    server.script(
        e -> {
          if (e.path().equals(CHAT) && !opened.get()) {
            agent.time.pass(1_000_000);
            e.respond(429, "Retry-After: 30\r\n", LIMIT);
          } else {
            e.respond(200, "", "ok");
          }
        });
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(
          enqueue(
              heard.newCall(
                  chat("{\"n\":" + i + "}").newBuilder().header("X-Number", "" + i).build())));
    }
    agent.awaitWaiting(12);
    opened.set(true);
    openTheGate();
    for (CompletableFuture<String> call : calls) {
      assertThat(get(call)).isEqualTo("200 ok");
    }
    for (int i = 0; i < 12; i++) {
      String n = String.valueOf(i);
      assertThat(queue.seen.stream().filter(s -> s.endsWith(" " + n)).toList())
          .as("call " + n)
          .isIn(List.of(), List.of("start " + n, "end " + n));
    }
    agent.awaitRest();
    heard.dispatcher().executorService().shutdown();
  }
}
