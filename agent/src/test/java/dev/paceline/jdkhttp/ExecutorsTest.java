package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On whose threads the application's code runs, and whom a wait of one call can stop. */
@Timeout(60)
class ExecutorsTest {
  private final RawServer server = new RawServer();
  private final RawServer other = new RawServer();
  private final Rig rig = new Rig();
  private final List<ExecutorService> pools = new ArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void nothingFailedInside() {
    release.countDown();
    try {
      // Before the pools are stopped: what is in their queues then is lost, with or without us.
      Rig.until(() -> rig.adapter.waiting() == 0);
      assertThat(rig.faults).isEmpty();
    } finally {
      server.close();
      other.close();
      rig.close();
      pools.forEach(ExecutorService::shutdownNow);
    }
  }

  private Executor executor(String kind) {
    return executor(kind, 1);
  }

  private Executor executor(String kind, int places) {
    if (kind.equals("direct")) {
      return Runnable::run;
    }
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            2,
            2,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(places),
            task -> {
              Thread thread = new Thread(task, "small-pool");
              thread.setDaemon(true);
              return thread;
            },
            kind.equals("callerRuns")
                ? new ThreadPoolExecutor.CallerRunsPolicy()
                : (task, full) -> {
                  try {
                    full.getQueue().put(task); // blocks whoever hands over
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    pools.add(pool);
    return pool;
  }

  private void hold() {
    try {
      release.await();
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  /** Executors that run in the caller, or let it wait until there is room. */
  @ParameterizedTest
  @ValueSource(strings = {"direct", "callerRuns", "blocks"})
  void workOfOneClientDelaysNoWaitOfAnother(String kind) throws Throwable {
    server.answers(reply(429, "busy"));
    Executor executor = executor(kind);
    AtomicInteger attempts = new AtomicInteger();
    HttpClient client =
        HttpClient.newBuilder()
            .executor(executor)
            .proxy(
                new ProxySelector() {
                  @Override
                  public List<Proxy> select(URI uri) {
                    if (attempts.incrementAndGet() > 1) {
                      hold(); // on whichever thread sends
                    }
                    return List.of(Proxy.NO_PROXY);
                  }

                  @Override
                  public void connectFailed(URI uri, SocketAddress address, IOException e) {}
                })
            .build();
    rig.firstWait = TimeUnit.SECONDS.toNanos(1);
    rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString());
    Rig.until(() -> rig.adapter.waiting() == 1);
    rig.firstWait = Rig.STEP;
    if (executor instanceof ThreadPoolExecutor pool) {
      for (int i = 0; i < 3; i++) { // two threads and one place in its queue
        Thread filling = new Thread(() -> pool.execute(this::hold));
        filling.setDaemon(true);
        filling.start();
      }
      Rig.until(() -> pool.getQueue().remainingCapacity() == 0);
    }
    Rig.until(() -> rig.timer.getQueue().isEmpty()); // the wait has ended

    other.answers(reply(429, "busy"), reply(200, "fine"));
    CompletableFuture<String> sync =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return rig.send(
                        HttpClient.newHttpClient(),
                        Rig.post(other, BodyPublishers.ofString("{\"model\":\"b\"}")).build(),
                        BodyHandlers.ofString())
                    .body();
              } catch (Throwable t) {
                return t.toString();
              }
            },
            task -> new Thread(task).start());
    assertThat(sync.get(10, TimeUnit.SECONDS)).isEqualTo("fine");
  }

  /** The continuation falls back to another model, and that call has to wait, too. */
  @ParameterizedTest
  @ValueSource(strings = {"direct", "callerRuns", "blocks"})
  void continuationThatWaitsItselfComesToItsEnd(String kind) throws Exception {
    server.answers(reply(429, "busy"));
    other.answers(reply(429, "busy"), reply(200, "fine"));
    // Nothing is woven here, so the client hands the reading of each body over, from the threads of
    // its executor; as it is in a JVM with the agent: JdkThreads of the integration tests.
    HttpClient client = HttpClient.newBuilder().executor(executor(kind, 12)).build();
    HttpClient fallback = HttpClient.newHttpClient();
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      calls.add(
          rig.sendAsync(
                  client,
                  Rig.post(server, BodyPublishers.ofString("{\"model\":\"a\",\"n\":" + i + "}"))
                      .build(),
                  BodyHandlers.ofString())
              .thenApply(
                  response -> {
                    try {
                      return rig.send(
                              fallback,
                              Rig.post(other, BodyPublishers.ofString("{\"model\":\"b\"}")).build(),
                              BodyHandlers.ofString())
                          .body();
                    } catch (Throwable t) {
                      return t.toString();
                    }
                  }));
    }
    // Thirty attempts, one after another: five seconds on an idle machine.
    for (CompletableFuture<String> call : calls) {
      assertThat(call.get(45, TimeUnit.SECONDS)).isEqualTo("fine");
    }
  }

  /** Kept answers, too: the client's one thread is free for the call that the dependent makes. */
  @Test
  void dependentsNeverRunOnTheClientsOneThread() throws Exception {
    ExecutorService one =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "the-one");
              thread.setDaemon(true);
              return thread;
            });
    pools.add(one);
    HttpClient client = HttpClient.newBuilder().executor(one).build();
    server.answers(reply(429, "busy"), (request, socket, out) -> socket.close());
    other.answers(reply(200, "fallback"));
    AtomicReference<String> thread = new AtomicReference<>();

    CompletableFuture<String> got =
        rig.sendAsync(client, Rig.post(server), BodyHandlers.ofString())
            .thenApply(
                response -> {
                  thread.set(Thread.currentThread().getName());
                  try {
                    return response.statusCode()
                        + client.send(Rig.post(other), BodyHandlers.ofString()).body();
                  } catch (Exception e) {
                    return e.toString();
                  }
                });

    assertThat(got.get(10, TimeUnit.SECONDS)).isEqualTo("429fallback");
    assertThat(thread.get()).isNotEqualTo("the-one").doesNotContain("paceline");
  }

  /** The source waits for work in the common pool: it must not be read on all of its threads. */
  @Test
  void uploadsAreNotReadOnTheCommonPool() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    ForkJoinPool common = ForkJoinPool.commonPool();
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism() + 2; i++) {
      calls.add(
          rig.sendAsync(
              client,
              Rig.post(server, BodyPublishers.ofInputStream(() -> filledBy(common))).build(),
              BodyHandlers.ofString()));
    }
    for (CompletableFuture<?> call : calls) {
      call.get(20, TimeUnit.SECONDS);
    }
    assertThat(server.seen)
        .allSatisfy(
            seen ->
                assertThat(new String(seen.body(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"model\":\"m\"}"));
  }

  private static InputStream filledBy(Executor executor) {
    try {
      PipedOutputStream out = new PipedOutputStream();
      InputStream in = new PipedInputStream(out);
      executor.execute(
          () -> {
            try (out) {
              out.write("{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      return in;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As in a parallel stream: a thread that waits is replaced while it does. */
  @Test
  void waitsInAPoolOfTheJdkDoNotStopThePool() throws Exception {
    rig.holding();
    server.answers(reply(429, "busy"));
    ForkJoinPool pool = new ForkJoinPool(1);
    pools.add(pool);
    HttpClient client = HttpClient.newHttpClient();
    pool.execute(
        () -> {
          try {
            rig.send(client, Rig.post(server), BodyHandlers.ofString());
          } catch (Throwable end) {
            // interrupted by the pool's end
          }
        });
    Rig.until(() -> rig.adapter.waiting() == 1);

    assertThat(pool.submit(() -> "ran").get(10, TimeUnit.SECONDS)).isEqualTo("ran");
    rig.calls.releaseWaits();
  }

  /** What makes bodies of errors and kept answers finds the application's classes. */
  @Test
  void mappingFunctionsSeeTheCallersContextClassLoader() throws Throwable {
    HttpClient client = HttpClient.newHttpClient();
    ClassLoader mine = new ClassLoader(getClass().getClassLoader()) {};
    List<ClassLoader> seen = new ArrayList<>();
    HttpResponse.BodyHandler<String> mapping =
        info -> {
          seen.add(Thread.currentThread().getContextClassLoader());
          return BodySubscribers.mapping(
              BodySubscribers.ofString(StandardCharsets.UTF_8),
              text -> {
                seen.add(Thread.currentThread().getContextClassLoader());
                return text;
              });
        };
    server.answers(reply(429, "kept"), (request, socket, out) -> socket.close());
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(mine);
    try {
      assertThat(rig.send(client, Rig.post(server), mapping).body()).isEqualTo("kept");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    // From 21 on the client's own threads have the system's loader; ours are no better or worse.
    assertThat(seen).hasSize(2).doesNotContainNull();
    assertThat(seen.get(0)).isSameAs(mine);
  }
}
