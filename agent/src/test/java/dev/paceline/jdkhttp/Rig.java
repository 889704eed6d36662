package dev.paceline.jdkhttp;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Clock;
import dev.paceline.call.Policies;
import dev.paceline.call.ReplayPool;
import dev.paceline.call.Timer;
import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.words.Limit;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The adapter with a real client and short waits, but not woven: called as woven code calls it. */
final class Rig implements AutoCloseable {
  static final long STEP = TimeUnit.MILLISECONDS.toNanos(20);

  final List<Throwable> faults = new CopyOnWriteArrayList<>();
  final List<CallListener.Outcome> outcomes = new CopyOnWriteArrayList<>();
  final List<Limit> limits = new CopyOnWriteArrayList<>();
  final AtomicInteger sent = new AtomicInteger();
  final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "test-timer");
            thread.setDaemon(true);
            return thread;
          });
  final Calls calls;
  final JdkAdapter adapter;
  volatile long replayBytes = 64 << 20;
  volatile long firstWait = STEP;
  volatile boolean firstEvent;
  volatile boolean enabled = true;

  Rig() {
    Clock clock =
        new Clock() {
          @Override
          public long nanos() {
            return System.nanoTime();
          }

          @Override
          public long epochMillis() {
            return System.currentTimeMillis();
          }
        };
    Timer alarms =
        (at, task) -> {
          ScheduledFuture<?> f =
              timer.schedule(task, Math.max(0, at - clock.nanos()), TimeUnit.NANOSECONDS);
          return () -> f.cancel(false);
        };
    timer.setRemoveOnCancelPolicy(true);
    Policies policies =
        new Policies() {
          @Override
          public boolean enabled() {
            return enabled;
          }

          @Override
          public Policy policyFor(String provider, String model, String host) {
            return new Policy(
                true,
                Mode.ENFORCE,
                4,
                TimeUnit.SECONDS.toNanos(30),
                false,
                TimeUnit.SECONDS.toNanos(60),
                firstWait,
                STEP,
                Math.max(firstWait, 4 * STEP),
                0,
                OnDeadline.AUTO,
                firstEvent,
                false,
                "",
                Bounds.NONE);
          }
        };
    CallListener listener =
        new CallListener() {
          @Override
          public void fault(String component, Throwable fault) {
            faults.add(fault);
          }

          @Override
          public void limited(CallInfo call, Limit limit, Source source) {
            limits.add(limit);
          }

          @Override
          public void attemptSent(CallInfo call, int attempt) {
            sent.incrementAndGet();
          }

          @Override
          public void callEnded(CallInfo call, Outcome outcome, long overheadNanos) {
            outcomes.add(outcome);
          }
        };
    calls =
        new Calls(
            clock,
            alarms,
            () -> 0.5,
            policies,
            listener,
            new Recognizer(MappedHosts.parse("127.0.0.1=openai")),
            new Classifier(),
            String::hashCode,
            line -> {},
            () -> {});
    adapter = new JdkAdapter(() -> calls, new ReplayPool(() -> replayBytes), null);
  }

  /** Waits that last until the test ends them. */
  Rig holding() {
    firstWait = TimeUnit.SECONDS.toNanos(20);
    return this;
  }

  static HttpRequest.Builder post(RawServer server, HttpRequest.BodyPublisher body) {
    return HttpRequest.newBuilder(server.uri())
        .header("Content-Type", "application/json")
        .POST(body);
  }

  static HttpRequest post(RawServer server) {
    return post(server, HttpRequest.BodyPublishers.ofString("{\"model\":\"m\"}")).build();
  }

  @SuppressWarnings("unchecked")
  <T> HttpResponse<T> send(HttpClient client, HttpRequest request, BodyHandler<T> handler)
      throws Throwable {
    Object[] outcome = adapter.send(client, request, handler);
    if (outcome == null) {
      return client.send(request, handler);
    }
    if (outcome[1] != null) {
      throw (Throwable) outcome[1];
    }
    return (HttpResponse<T>) outcome[0];
  }

  @SuppressWarnings("unchecked")
  <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpClient client, HttpRequest request, BodyHandler<T> handler) {
    Object[] outcome = adapter.sendAsync(client, request, handler, null);
    if (outcome == null) {
      return client.sendAsync(request, handler);
    }
    if (outcome[1] instanceof RuntimeException e) {
      throw e;
    }
    return (CompletableFuture<HttpResponse<T>>) outcome[0];
  }

  /** Waits for a condition; fails after ten seconds. */
  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("the condition did not come true within ten seconds");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
