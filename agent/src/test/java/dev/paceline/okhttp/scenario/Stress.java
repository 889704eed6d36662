package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import dev.paceline.okhttp.StressFigures;
import dev.paceline.okhttp.StubServer;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** Random calls with everything that can end one early; then nothing may be left of them. */
public final class Stress extends Scenario {
  private static final int MOST_OPEN = 96;
  private static final int STUCK_SECONDS = 10;
  private static final int MOST_STUCK = 30;

  private final ExecutorService threads = Executors.newCachedThreadPool(Stress::daemon);
  private final ScheduledExecutorService later =
      Executors.newScheduledThreadPool(2, Stress::daemon);
  private final Semaphore open = new Semaphore(MOST_OPEN);
  private final Map<Call, Long> running = new ConcurrentHashMap<>();
  private final AtomicInteger twice = new AtomicInteger();
  private final AtomicInteger stuck = new AtomicInteger();
  private final AtomicInteger leaked = new AtomicInteger();
  private final AtomicInteger served = new AtomicInteger();
  private final Queue<Long> cancels = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<OkHttpClient> closing = new AtomicReference<>();

  private final Logger leaks = Logger.getLogger(OkHttpClient.class.getName());
  private final Handler leakCounter =
      new Handler() {
        @Override
        public void publish(LogRecord message) {
          if (message.getMessage().contains("leaked")) {
            leaked.incrementAndGet();
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "stress");
    thread.setDaemon(true);
    return thread;
  }

  /** Runs so many calls; without the agent when the classes of OkHttp are not woven. */
  public StressFigures run(int calls, long seed) throws Exception {
    Random random = new Random(seed);
    server.script(provider(new Random(seed + 1)));
    server.remembers = false;
    agent.remembers = false;
    leaks.addHandler(leakCounter);
    threads.execute(this::passTime);
    OkHttpClient[] clients =
        Stream.of(
                plain(),
                throwing(random.nextLong()),
                answering(random.nextLong()),
                elsewhere(),
                authorising())
            .map(interceptor -> client.newBuilder().addInterceptor(interceptor).build())
            .toArray(OkHttpClient[]::new);
    closing.set(ownDispatcher());
    for (int i = 0; i < calls; i++) {
      while (!open.tryAcquire(STUCK_SECONDS, TimeUnit.SECONDS)) {
        endStuck();
      }
      if (random.nextInt(2_000) == 0) {
        agent.enabled = false;
        agent.calls.releaseWaits();
        later.schedule(() -> agent.enabled = true, 20, TimeUnit.MILLISECONDS);
      }
      if (random.nextInt(500) == 0) {
        OkHttpClient old = closing.getAndSet(ownDispatcher());
        old.dispatcher().executorService().shutdown();
      }
      int which = random.nextInt(clients.length + 1);
      OkHttpClient through = which == clients.length ? closing.get() : clients[which];
      begin(through.newCall(chat("{\"n\":" + i + "}")), which < clients.length, random);
    }
    while (!open.tryAcquire(MOST_OPEN, STUCK_SECONDS, TimeUnit.SECONDS)) {
      endStuck();
    }
    over.set(true);
    agent.awaitRest();
    Fixture.await(() -> client.dispatcher().runningCallsCount() == 0, () -> "nothing running");
    Fixture.await(() -> allocated() == 0, () -> "only idle connections, but " + allocated());
    assertThat(client.dispatcher().queuedCallsCount()).isZero();
    assertThat(remembered()).as("states").isZero();
    return figures();
  }

  /**
   * Cancels what has not ended for long. Without the agent, too, a call of 3.14.9 can try for ever:
   * a connection that was closed under it before its first exchange is not looked at again.
   */
  private void endStuck() {
    long now = System.nanoTime();
    running.forEach(
        (call, since) -> {
          if (now - since > TimeUnit.SECONDS.toNanos(STUCK_SECONDS)) {
            call.cancel();
            if (stuck.incrementAndGet() > MOST_STUCK) {
              throw new AssertionError("calls do not end, not even cancelled ones");
            }
          }
        });
  }

  /** Connections that a call still holds. */
  private int allocated() {
    return client.connectionPool().connectionCount()
        - client.connectionPool().idleConnectionCount();
  }

  private StressFigures figures() {
    System.gc(); // OkHttp tells of a leak when the call that held the connection is collected
    client.connectionPool().evictAll();
    // Without the agent, too, the server notices a moment later.
    Fixture.await(
        () -> server.connections() == 0, () -> "no connection, but " + server.connections());
    long[] sorted = cancels.stream().mapToLong(Long::longValue).sorted().toArray();
    return new StressFigures(
        served.get(),
        server.came(),
        twice.get(),
        stuck.get(),
        leaked.get(),
        server.connections(),
        sorted.length,
        sorted[sorted.length / 2],
        sorted[sorted.length * 99 / 100],
        sorted[sorted.length - 1]);
  }

  private void begin(Call call, boolean queues, Random random) {
    boolean sync = random.nextInt(3) == 0;
    running.put(call, System.nanoTime());
    AtomicBoolean once = new AtomicBoolean();
    AtomicLong cancelled = new AtomicLong();
    Runnable end =
        () -> {
          if (once.getAndSet(true)) {
            twice.incrementAndGet();
            return;
          }
          long at = cancelled.get();
          if (at != 0 && (sync || !queues)) {
            cancels.add((System.nanoTime() - at) / 1_000);
          }
          running.remove(call);
          open.release();
        };
    CompletableFuture<Thread> runner = new CompletableFuture<>();
    if (sync) {
      threads.execute(() -> execute(call, runner, end));
    } else {
      enqueue(call, end);
    }
    if (random.nextInt(3) == 0) {
      boolean interrupts = sync && random.nextBoolean();
      Runnable cancel =
          () -> {
            cancelled.set(System.nanoTime());
            if (interrupts) {
              runner.thenAccept(Thread::interrupt);
            } else {
              call.cancel();
            }
          };
      later.schedule(cancel, random.nextInt(4_000), TimeUnit.MICROSECONDS);
    }
  }

  private void execute(Call call, CompletableFuture<Thread> runner, Runnable end) {
    runner.complete(Thread.currentThread());
    try (Response response = call.execute()) {
      response.body().string();
      served.incrementAndGet();
    } catch (Exception expected) {
      // Cancelled, interrupted, broken off, no token; 5.x throws a bare InterruptedException, too.
    } finally {
      end.run();
    }
  }

  private void enqueue(Call call, Runnable end) {
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            end.run();
          }

          @Override
          public void onResponse(Call answered, Response response) {
            try (response) {
              response.body().string();
              served.incrementAndGet();
            } catch (IOException expected) {
              // cancelled while it was read
            } finally {
              end.run();
            }
          }
        });
  }

  private void passTime() {
    while (!over.get()) {
      agent.time.pass(20_000_000);
      LockSupport.parkNanos(200_000);
    }
  }

  /** A dispatcher in whose queue no call waits: OkHttp ends a cancelled call when it leaves it. */
  private OkHttpClient ownDispatcher() {
    Dispatcher wide = new Dispatcher();
    wide.setMaxRequests(MOST_OPEN);
    wide.setMaxRequestsPerHost(MOST_OPEN);
    return client.newBuilder().dispatcher(wide).build();
  }

  private static Interceptor plain() {
    return chain -> chain.proceed(chain.request());
  }

  private static Interceptor throwing(long seed) {
    Random random = new Random(seed);
    return chain -> {
      if (random.nextInt(4) == 0) {
        throw new IOException("no token");
      }
      return chain.proceed(chain.request());
    };
  }

  private static Interceptor answering(long seed) {
    Random random = new Random(seed);
    return chain ->
        random.nextInt(4) == 0
            ? new Response.Builder()
                .request(chain.request())
                .protocol(Protocol.HTTP_1_1)
                .code(200)
                .message("cached")
                .body(okhttp3.ResponseBody.create(null, new byte[] {'x'}))
                .build()
            : chain.proceed(chain.request());
  }

  private static Interceptor elsewhere() {
    AtomicInteger count = new AtomicInteger();
    return chain -> {
      Request request = chain.request();
      return count.incrementAndGet() % 3 == 0
          ? chain.proceed(
              request
                  .newBuilder()
                  .url(request.url().newBuilder().encodedPath("/other").build())
                  .build())
          : chain.proceed(request);
    };
  }

  private static Interceptor authorising() {
    return chain ->
        chain.proceed(
            chain.request().newBuilder().header("Authorization", "Bearer sk-stress").build());
  }

  private static StubServer.Script provider(Random random) {
    return e -> {
      int kind = random.nextInt(100);
      if (kind < 6) {
        e.respond(429, "retry-after-ms: 40\r\n", LIMIT);
      } else if (kind < 8) {
        e.respond(500, "", "{}");
      } else if (kind < 10) {
        e.out().close();
      } else if (kind < 30) {
        e.respond(
            200,
            "x-ratelimit-limit-requests: 600\r\nx-ratelimit-remaining-requests: 0\r\n"
                + "x-ratelimit-reset-requests: 60ms\r\n",
            "ok");
      } else {
        e.respond(200, "", "ok");
      }
    };
  }

  @Override
  public void close() throws Exception {
    over.set(true);
    leaks.removeHandler(leakCounter);
    threads.shutdownNow();
    later.shutdownNow();
    closing.get().dispatcher().executorService().shutdown();
    super.close();
  }
}
