package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import dev.paceline.okhttp.StubServer;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
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

  private final ExecutorService threads = Executors.newCachedThreadPool(Stress::daemon);
  private final ScheduledExecutorService later =
      Executors.newScheduledThreadPool(2, Stress::daemon);
  private final Semaphore open = new Semaphore(MOST_OPEN);
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger twice = new AtomicInteger();
  private final AtomicInteger served = new AtomicInteger();
  private final Queue<Long> cancels = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<OkHttpClient> closing = new AtomicReference<>();

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "stress");
    thread.setDaemon(true);
    return thread;
  }

  /** Returns figures for people: what happened, and how long it took from a cancel to the end. */
  public String run(int calls, long seed) throws Exception {
    Random random = new Random(seed);
    server.script(provider(new Random(seed + 1)));
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
      if (!open.tryAcquire(60, TimeUnit.SECONDS)) {
        throw new AssertionError("calls do not end: " + ended + " of " + i);
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
      begin(through.newCall(chat("{\"n\":" + i + "}")), random);
    }
    Fixture.await(() -> ended.get() == calls, () -> calls + " ends, but there are " + ended);
    over.set(true);
    agent.awaitRest();
    Fixture.await(() -> client.dispatcher().runningCallsCount() == 0, () -> "nothing running");
    Fixture.await(
        () ->
            client.connectionPool().connectionCount()
                == client.connectionPool().idleConnectionCount(),
        () -> "only idle connections");
    assertThat(client.dispatcher().queuedCallsCount()).isZero();
    assertThat(twice.get()).as("ended twice").isZero();
    assertThat(remembered()).as("states").isZero();
    List<Long> sorted = cancels.stream().sorted().toList();
    return calls
        + " calls, seed "
        + seed
        + ": "
        + served
        + " answered, "
        + server.count()
        + " requests; "
        + sorted.size()
        + " cancels, to end p50 "
        + sorted.get(sorted.size() / 2)
        + ", p99 "
        + sorted.get(sorted.size() * 99 / 100)
        + ", slowest "
        + sorted.get(sorted.size() - 1)
        + " us";
  }

  private void begin(Call call, Random random) {
    AtomicBoolean once = new AtomicBoolean();
    AtomicLong cancelled = new AtomicLong();
    Runnable end =
        () -> {
          if (once.getAndSet(true)) {
            twice.incrementAndGet();
            return;
          }
          long at = cancelled.get();
          if (at != 0) {
            cancels.add((System.nanoTime() - at) / 1_000);
          }
          ended.incrementAndGet();
          open.release();
        };
    boolean sync = random.nextInt(3) == 0;
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

  private OkHttpClient ownDispatcher() {
    return client.newBuilder().dispatcher(new Dispatcher()).build();
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
    threads.shutdownNow();
    later.shutdownNow();
    closing.get().dispatcher().executorService().shutdown();
    super.close();
  }
}
