package dev.paceline.call;

import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random calls that are served, limited, refused, cancelled, interrupted and broken off, beside
 * kill switches, changes of settings and a shutdown: at the end every permit is given back, once,
 * every attempt and every call has ended, and nobody waits.
 */
class NothingLostTest {
  private static final int CALLS = Integer.getInteger("paceline.test.calls", 20_000);
  private static final int CALLS_A_CHAOS = 5;
  private static final Map<String, String> ROOM =
      Map.of(
          "x-ratelimit-limit-requests", "6000",
          "x-ratelimit-remaining-requests", "5000",
          "x-ratelimit-reset-requests", "10s",
          "content-type", "text/event-stream");

  private volatile boolean enabled = true;
  private volatile Policy policy = policy(Mode.ENFORCE, 0);
  private final AtomicInteger faults = new AtomicInteger();
  private final Semaphore begun = new Semaphore(0);
  private final Policies policies =
      new Policies() {
        @Override
        public boolean enabled() {
          return enabled;
        }

        @Override
        public Policy policyFor(String provider, String model, String host) {
          return policy;
        }

        @Override
        public int scopesMax() {
          return 100;
        }

        @Override
        public int queueMax() {
          return 200;
        }
      };

  private ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    pool.shutdownNow();
  }

  private static Policy policy(Mode mode, int concurrency) {
    long milli = VirtualTime.MILLI;
    return new Policy(
        true,
        mode,
        4,
        40 * milli,
        false,
        100 * milli,
        milli,
        milli,
        5 * milli,
        0.25,
        OnDeadline.AUTO,
        false,
        false,
        "",
        new Bounds(0, 0, 0, 0, 0, 0, concurrency, Bounds.AUTO, Bounds.AUTO));
  }

  private Calls calls(Clock clock, Timer timer) {
    return new Calls(
        clock,
        timer,
        () -> 0.5,
        policies,
        new CallListener() {
          @Override
          public void fault(String component, Throwable fault) {
            faults.incrementAndGet();
          }
        },
        new Recognizer(),
        new Classifier(),
        String::hashCode,
        line -> {},
        () -> {});
  }

  private CallExecution begin(Calls calls, SplittableRandom random, long deadline) {
    // Few scopes are busy, many are met once.
    int tenant = random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(3);
    RequestInfo out =
        new RequestInfo(
            Client.JDK,
            new Endpoint("openai", Operation.GENERATION, "", ""),
            "POST",
            "api.openai.com",
            TestCalls.headers(Map.of("Authorization", "Bearer fake-" + tenant)),
            random.nextInt(10) > 0,
            deadline,
            true);
    byte[] body = ("{\"n\":" + random.nextInt(1_000) + "}").getBytes(StandardCharsets.UTF_8);
    CallExecution course = calls.begin(out, RequestContent.of(body), null);
    if (course == null) {
      throw new AssertionError("the call was let pass");
    }
    return course;
  }

  /** What the provider does with an attempt; null when the call has ended with it. */
  private static Step attempt(CallExecution course, SplittableRandom random) {
    try (CallTrace.Sending sending = course.sending()) {
      switch (random.nextInt(10)) {
        case 0:
          return course.answered(limited(null), 0);
        case 1:
          return course.answered(TestCalls.limited("1"), 0);
        case 2:
          return course.answered(TestCalls.answer(500, Map.of(), "{}"), 0);
        case 3:
          return course.failed(random.nextBoolean());
        case 4:
          course.cancelled();
          return new Step.Deliver(false);
        case 5:
          Headers stream = TestCalls.headers(ROOM);
          BodyTap tap = course.tap(200, stream);
          course.served(200, stream, 0);
          if (tap != null) {
            tap.end(random.nextBoolean());
          }
          return new Step.Deliver(false);
        default:
          course.served(200, TestCalls.headers(ROOM), random.nextInt(20) == 0 ? 1 : 0);
          return new Step.Deliver(false);
      }
    }
  }

  private static void assertNothingIsLost(Calls calls) {
    CallsSnapshot end = calls.snapshot();
    assertThat(end.atRest()).as("%s", end).isTrue();
    assertThat(end.waitingBytes()).isZero();
    assertThat(calls.view()).allMatch(view -> view.budget().inFlight() == 0 && view.waiting() == 0);
    assertThat(calls.openStreams()).isZero();
    assertThat(end.callsStarted()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void inVirtualTime(long seed) {
    VirtualTime time = new VirtualTime();
    Calls calls = calls(time, time);
    SplittableRandom random = new SplittableRandom(seed);
    List<Object[]> waiting = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      time.pass(random.nextInt(3_000_000));
      CallExecution course =
          begin(
              calls,
              random,
              random.nextInt(4) == 0
                  ? time.nanos() + random.nextInt(50_000_000)
                  : RequestInfo.NO_DEADLINE);
      follow(course, course.start(), random, waiting);
      if (!waiting.isEmpty() && random.nextInt(3) == 0) {
        Object[] one = waiting.remove(random.nextInt(waiting.size()));
        resume(one, random, waiting);
      }
      chaos(calls, random);
    }
    enabled = true;
    calls.shutdown();
    while (!waiting.isEmpty()) {
      resume(waiting.remove(0), random, waiting);
    }
    assertNothingIsLost(calls);
    assertThat(faults).hasValue(0);
  }

  private static void follow(
      CallExecution course, Step first, SplittableRandom random, List<Object[]> waiting) {
    Step step = first;
    while (step instanceof Step.Send) {
      step = attempt(course, random);
    }
    if (step instanceof Step.Wait wait) {
      waiting.add(new Object[] {course, wait.ticket()});
    }
  }

  private static void resume(Object[] held, SplittableRandom random, List<Object[]> waiting) {
    CallExecution course = (CallExecution) held[0];
    Ticket ticket = (Ticket) held[1];
    if (ticket.state() == Ticket.State.WAITING && random.nextInt(3) > 0) {
      waiting.add(held);
    } else if (ticket.state() == Ticket.State.WAITING || random.nextInt(8) == 0) {
      if (random.nextBoolean()) {
        ticket.cancel();
      }
      course.cancelled();
    } else if (random.nextInt(8) == 0) {
      follow(course, course.refused(ticket), random, waiting);
    } else {
      follow(course, course.resumed(ticket), random, waiting);
    }
  }

  private void chaos(Calls calls, SplittableRandom random) {
    switch (random.nextInt(400)) {
      case 0 -> {
        enabled = false;
        calls.releaseWaits();
      }
      case 1 -> policy = policy(Mode.OBSERVE, 0);
      case 2 -> policy = policy(Mode.ENFORCE, 1 + random.nextInt(3));
      case 3 -> policy = policy(Mode.ENFORCE, 0);
      default -> enabled = true;
    }
    if (random.nextInt(100) == 0) {
      calls.settingsChanged();
    }
  }

  /** The JVM's clock and a timer of its own. */
  private static final class RealTime implements Clock, Timer {
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);

    RealTime() {
      executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public long epochMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public Runnable at(long atNanos, Runnable task) {
      Future<?> future =
          executor.schedule(task, Math.max(0, atNanos - nanos()), TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void withThreads(long seed) throws Exception {
    RealTime time = new RealTime();
    Calls calls = calls(time, time);
    ConcurrentLinkedQueue<CallExecution> victims = new ConcurrentLinkedQueue<>();
    AtomicInteger left = new AtomicInteger(CALLS);
    List<Future<?>> all = new ArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      SplittableRandom random = new SplittableRandom(seed * 100 + i);
      Thread caller = new Thread(() -> call(calls, time, random, left, victims));
      callers.add(caller);
    }
    callers.forEach(Thread::start);
    all.add(pool.submit(() -> cancel(victims, left)));
    SplittableRandom random = new SplittableRandom(seed);
    while (left.get() > 0) {
      chaos(calls, random);
      if (random.nextInt(4) == 0) {
        callers.get(random.nextInt(callers.size())).interrupt();
      }
      // Again with every few calls; and if all of them wait, they are not waited for.
      begun.tryAcquire(CALLS_A_CHAOS, 2, TimeUnit.MILLISECONDS);
    }
    enabled = true;
    calls.shutdown();
    for (Thread caller : callers) {
      caller.join(60_000);
      assertThat(caller.isAlive()).isFalse();
    }
    for (Future<?> one : all) {
      one.get(60, TimeUnit.SECONDS);
    }
    // Whom a caller handed over after the thread that cancels had looked for the last time.
    victims.forEach(CallExecution::cancelled);
    assertNothingIsLost(calls);
    assertThat(faults).hasValue(0);
    time.executor.shutdownNow();
  }

  private void call(
      Calls calls,
      Clock clock,
      SplittableRandom random,
      AtomicInteger left,
      ConcurrentLinkedQueue<CallExecution> victims) {
    while (left.decrementAndGet() >= 0) {
      begun.release();
      CallExecution course =
          begin(
              calls,
              random,
              random.nextInt(4) == 0
                  ? clock.nanos() + random.nextInt(50_000_000)
                  : RequestInfo.NO_DEADLINE);
      boolean hunted = random.nextInt(4) == 0;
      Step step = course.start();
      while (step instanceof Step.Send || step instanceof Step.Wait) {
        if (step instanceof Step.Send) {
          step = attempt(course, random);
          continue;
        }
        Ticket ticket = ((Step.Wait) step).ticket();
        if (hunted) {
          // From here on the call is another thread's.
          ticket.whenReady(() -> {});
          victims.add(course);
          break;
        }
        try {
          ticket.await();
          step = random.nextInt(10) == 0 ? course.refused(ticket) : course.resumed(ticket);
        } catch (InterruptedException e) {
          course.cancelled();
          break;
        }
      }
    }
  }

  /** Cancels calls at any time of their waits. */
  private static void cancel(ConcurrentLinkedQueue<CallExecution> victims, AtomicInteger left) {
    while (left.get() > 0 || !victims.isEmpty()) {
      CallExecution course = victims.poll();
      if (course == null) {
        Thread.onSpinWait();
      } else {
        course.cancelled();
      }
    }
  }
}
