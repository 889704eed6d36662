package dev.paceline.jdkhttp;

import static dev.paceline.jdkhttp.RawServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.QueueView;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.example.app.Publishers;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random calls that are cancelled, interrupted, whose handlers and publishers throw, whose clients
 * are stopped (Java 21 and newer) and under which the kill switch is used: at rest no permit is
 * lost, no copy of a body is kept and no call was answered twice, and no connection is open but
 * those that the client itself loses without the agent, too: one for each handler that throws.
 *
 * <p>A short version is run by default. The whole one, 100,000 calls for each of three seeds:
 * {@code -Dpaceline.stress.calls=100000 -Djdk.httpclient.keepalive.timeout=1}; the latter closes
 * what is idle, which a client that is never collected keeps.
 */
@Timeout(3_600)
class StressTest {
  private static final int CALLS = Integer.getInteger("paceline.stress.calls", 200);
  private static final int CALLS_WITHOUT = 20_000;

  /** Few, so that other connections that are lost would show. */
  private static final int CALLS_THAT_THROW = 2_000;

  private static final int CALLERS = 12;
  private static final int CALLS_OF_A_CLIENT = 200;
  private static final int DRAWS = 100;

  /** Sends nothing. */
  private static final HttpClient NONE = HttpClient.newHttpClient();

  private final RawServer server = new RawServer();
  private final Rig rig = new Rig();
  private final AtomicInteger twice = new AtomicInteger();
  private final AtomicInteger thrown = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final Queue<Long> cancelNanos = new ConcurrentLinkedQueue<>();
  private volatile boolean hooked;
  private volatile HttpClient client = NONE;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingIsLostAndNothingAnsweredTwice(long seed) throws Exception {
    RawServer.Reply[] answers = {
      reply(429, "busy"), reply(400, "no"), reply(503, "later"), reply(200, "fine")
    };
    server.answers(
        (request, socket, out) -> {
          int draw = ThreadLocalRandom.current().nextInt(DRAWS);
          if (draw == 4) {
            socket.close();
          } else {
            answers[Math.min(draw, 3)].write(request, socket, out);
          }
        });
    server.remembers = false;
    rig.firstWait = TimeUnit.MILLISECONDS.toNanos(2);
    int without = run(Math.min(CALLS, CALLS_WITHOUT), seed);
    int threw = thrown.getAndSet(0);
    hooked = true;
    cancelNanos.clear();
    int with = run(CALLS, seed) - without;
    int threwWith = thrown.get();

    Rig.until(() -> rig.adapter.waiting() == 0);
    Rig.until(() -> rig.adapter.replayBytes() == 0);
    Rig.until(() -> inFlight() == 0);
    assertThat(rig.faults).isEmpty();
    assertThat(twice).hasValue(0);
    assertThat(without).as("connections that stay open without").isLessThanOrEqualTo(most(threw));
    assertThat(with).as("connections that stay open").isLessThanOrEqualTo(most(threwWith));
    Object[] cancels = cancelNanos.stream().sorted().toArray();
    System.out.printf(
        "%d calls, seed %d: 0 permits lost, 0 answered twice, %d connections left (%d without);"
            + " %d cancels, to end p50 %d, p99 %d, slowest %d us%n",
        CALLS,
        seed,
        with,
        without,
        cancels.length,
        micros(cancels, .5),
        micros(cancels, .99),
        micros(cancels, 1));
    server.close();
    rig.close();
  }

  /** The client itself loses a connection for each handler that throws. */
  private static int most(int threw) {
    boolean idleAreClosed = System.getProperty("jdk.httpclient.keepalive.timeout") != null;
    return threw + (idleAreClosed ? 0 : 2 * CALLERS);
  }

  private static long micros(Object[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : (Long) sorted[(int) Math.min(sorted.length - 1.0, share * sorted.length)] / 1_000;
  }

  /** Returns how many connections stay open once the last client is gone. */
  private int run(int calls, long seed) throws Exception {
    begun.set(0);
    client = HttpClient.newHttpClient();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      Random random = new Random(seed * CALLERS + i);
      running.add(
          callers.submit(
              () -> {
                for (int n = begun.getAndIncrement(); n < calls; n = begun.getAndIncrement()) {
                  disturb(n, random);
                  call(n, random);
                  Thread.interrupted();
                }
              }));
    }
    for (Future<?> caller : running) {
      caller.get();
    }
    callers.shutdownNow();
    rig.enabled = true;
    client = NONE;
    // A client that nobody holds closes what it has pooled; what was leaked stays.
    int open = server.connections();
    for (int same = 0; open > 0 && same < 50; ) {
      System.gc();
      LockSupport.parkNanos(50_000_000);
      int now = server.connections();
      same = now == open ? same + 1 : 0;
      open = now;
    }
    return open;
  }

  private int inFlight() {
    return rig.calls.view().stream().map(QueueView::budget).mapToInt(b -> b.inFlight()).sum();
  }

  private void disturb(int n, Random random) {
    if (n % CALLS_OF_A_CLIENT == CALLS_OF_A_CLIENT - 1) {
      HttpClient old = client;
      client = HttpClient.newHttpClient();
      if (random.nextBoolean()) {
        stop(old);
      }
    }
    if (n % (3 * CALLS_OF_A_CLIENT) == 50) {
      rig.enabled = false;
      rig.calls.releaseWaits();
    } else if (n % (3 * CALLS_OF_A_CLIENT) == 60) {
      rig.enabled = true;
    }
  }

  private void stop(HttpClient old) {
    try {
      Method now = HttpClient.class.getMethod("shutdownNow");
      if (hooked) {
        rig.adapter.stopping(old);
      }
      now.invoke(old);
    } catch (ReflectiveOperationException before21) {
      // collected, as any other
    }
  }

  private void call(int n, Random random) {
    AtomicInteger shown = new AtomicInteger();
    int end = random.nextInt(10);
    // The client loses the connection of a stream that nobody was given before the cancel.
    BodyHandler<?> handler = handler(random, shown, end > 1, n < CALLS_THAT_THROW);
    HttpRequest request = Rig.post(server, publisher(random)).build();
    long after = random.nextInt(3_000_000);
    try {
      if (random.nextBoolean()) {
        sync(request, handler, end, after);
      } else {
        async(request, handler, end, after);
      }
    } catch (Throwable thrown) {
      // what the application makes of it is not looked at here
    }
    if (shown.get() > 1) {
      twice.incrementAndGet();
    }
  }

  private void sync(HttpRequest request, BodyHandler<?> handler, int end, long after)
      throws Throwable {
    Thread me = Thread.currentThread();
    AtomicInteger done = new AtomicInteger();
    Thread disturber = null;
    if (end == 0) {
      disturber =
          new Thread(
              () -> {
                LockSupport.parkNanos(after);
                if (done.get() == 0) {
                  me.interrupt();
                }
              });
      disturber.start();
    }
    try {
      read(hooked ? rig.send(client, request, handler) : client.send(request, handler));
    } finally {
      done.set(1);
      if (disturber != null) {
        Thread.interrupted();
        disturber.join();
        Thread.interrupted();
      }
    }
  }

  private void async(HttpRequest request, BodyHandler<?> handler, int end, long after)
      throws Exception {
    CompletableFuture<? extends HttpResponse<?>> call =
        hooked ? rig.sendAsync(client, request, handler) : client.sendAsync(request, handler);
    AtomicInteger answered = new AtomicInteger();
    CompletableFuture<?> told =
        call.whenComplete(
            (response, thrown) -> {
              if (answered.incrementAndGet() > 1) {
                twice.incrementAndGet();
              }
            });
    if (end < 2) {
      LockSupport.parkNanos(after);
      long began = System.nanoTime();
      boolean was = call.isDone();
      (end == 0 ? call : told).cancel(true);
      if (!was) {
        try {
          call.get(10, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException
            | java.util.concurrent.CancellationException ended) {
          // as it should
        }
        cancelNanos.add(System.nanoTime() - began);
      }
      if (call.isCompletedExceptionally()) {
        return;
      }
    }
    read(call.get(30, TimeUnit.SECONDS));
  }

  private static void read(HttpResponse<?> response) throws Exception {
    if (response.body() instanceof InputStream in) {
      try (in) {
        if (response.statusCode() != 200) {
          in.readAllBytes();
        }
      }
    }
  }

  private BodyHandler<?> handler(
      Random random, AtomicInteger shown, boolean streams, boolean mayThrow) {
    int draw = random.nextInt(20);
    BodyHandler<?> to =
        streams && draw < 5 ? BodyHandlers.ofInputStream() : BodyHandlers.ofString();
    return info -> {
      shown.incrementAndGet();
      if (draw == 19 && mayThrow) {
        thrown.incrementAndGet();
        throw new IllegalStateException("mine");
      }
      return (HttpResponse.BodySubscriber<Object>) to.apply(info);
    };
  }

  private static BodyPublisher publisher(Random random) {
    // Many scopes: one alone would be paced, and hundred thousand calls take as long as that says.
    String text = "{\"model\":\"m" + random.nextInt(512) + "\",\"n\":" + random.nextInt() + "}";
    return switch (random.nextInt(20)) {
      case 0 -> Publishers.subscribeThrows(random.nextBoolean());
      case 1 -> Publishers.lengthThrows();
      case 2, 3 ->
          BodyPublishers.ofInputStream(
              () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
      case 4 -> new Publishers.Counting(text, -1, true);
      default -> BodyPublishers.ofString(text);
    };
  }
}
