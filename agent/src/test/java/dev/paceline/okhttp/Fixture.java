package dev.paceline.okhttp;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.bootstrap.OkHttpHook;
import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Policies;
import dev.paceline.call.QueueView;
import dev.paceline.call.ReplayPool;
import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.words.Limit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The agent's rooms behind the hook of the woven classes; one at a time. */
public final class Fixture implements AutoCloseable {
  public static final long SECOND = 1_000_000_000L;
  private static final long PATIENCE = 20 * SECOND;

  public final HandTime time = new HandTime();
  public final List<String> events = new CopyOnWriteArrayList<>();
  public final List<Limit> limits = new CopyOnWriteArrayList<>();
  public final List<Throwable> faults = new CopyOnWriteArrayList<>();
  public final AtomicReference<Mode> mode = new AtomicReference<>(Mode.ENFORCE);
  public volatile int maxAttempts = 6;
  public volatile boolean woven = true;
  public volatile boolean enabled = true;

  /** The rooms cannot be built. */
  public volatile boolean noRoom;

  /** Whether {@link #events} and {@link #limits} are kept. */
  public volatile boolean remembers = true;

  public volatile boolean firstEvent;
  public volatile long replayBytes = 64 << 20;
  public final Calls calls =
      new Calls(
          time,
          time,
          () -> 0.5,
          new Policies() {
            @Override
            public boolean enabled() {
              return enabled;
            }

            @Override
            public Policy policyFor(String provider, String model, String host) {
              return new Policy(
                  true,
                  mode.get(),
                  maxAttempts,
                  60 * SECOND,
                  false,
                  150 * SECOND,
                  SECOND,
                  SECOND / 2,
                  60 * SECOND,
                  0.25,
                  OnDeadline.SEND,
                  firstEvent,
                  false,
                  "",
                  Bounds.NONE);
            }
          },
          new Recorder(),
          new Recognizer(MappedHosts.parse("127.0.0.1=openai,llm.test=openai")),
          new Classifier(),
          String::hashCode,
          line -> {},
          () -> {});

  private final AtomicInteger asked = new AtomicInteger();
  private final OkHttpHook hook =
      new OkHttpAdapter(
          this::room, (loader, name) -> woven, new ReplayPool(() -> replayBytes), null);

  public Fixture() {
    Bridge.onFault((thread, fault) -> faults.add(fault));
    Bridge.install(hook);
  }

  /** How often the call room was asked for. */
  public int roomsAsked() {
    return asked.get();
  }

  /** The part of the adapter beside the OkHttp of that client. */
  public Object beside(Object okHttpClient) throws ReflectiveOperationException {
    java.lang.reflect.Method method = OkHttpAdapter.class.getDeclaredMethod("beside", Object.class);
    method.setAccessible(true);
    return method.invoke(hook, okHttpClient);
  }

  private Calls room() {
    asked.incrementAndGet();
    if (noRoom) {
      throw new IllegalStateException("no room");
    }
    return calls;
  }

  /** Makes something as before the agent was attached. */
  public <T> T unhooked(Supplier<T> maker) {
    Bridge.install((OkHttpHook) null);
    try {
      return maker.get();
    } finally {
      Bridge.install(hook);
    }
  }

  /** Attempts that the budgets of all scopes believe to be on the way. */
  public int inFlight() {
    return calls.view().stream().mapToInt(lane -> lane.budget().inFlight()).sum();
  }

  /** Whatever was taken was given back: nothing waits, and no attempt is open. */
  public void awaitRest() {
    await(
        () -> inFlight() == 0 && waiting() == 0,
        () -> "rest, but " + inFlight() + " in flight and " + waiting() + " waiting");
  }

  /** How many calls wait in all scopes. */
  public int waiting() {
    return calls.view().stream().mapToInt(QueueView::waiting).sum();
  }

  public void awaitWaiting(int count) {
    await(() -> waiting() == count, () -> count + " waiting, but there are " + waiting());
  }

  /** Waits for a condition that another thread brings about. */
  public static void await(BooleanSupplier condition, Supplier<String> expected) {
    long end = System.nanoTime() + PATIENCE;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("expected: " + expected.get());
      }
      LockSupport.parkNanos(500_000);
    }
  }

  @Override
  public void close() {
    calls.shutdown();
    Bridge.install((OkHttpHook) null);
  }

  private final class Recorder implements CallListener {
    private void note(String event) {
      if (remembers) {
        events.add(event);
      }
    }

    @Override
    public void callStarted(CallInfo call) {
      note("started " + call.model());
    }

    @Override
    public void callEnded(CallInfo call, Outcome outcome, long overheadNanos) {
      note("ended " + outcome);
    }

    @Override
    public void limited(CallInfo call, Limit limit, Source source) {
      if (remembers) {
        limits.add(limit);
      }
    }

    @Override
    public void gaveUp(CallInfo call, GiveUpReason reason) {
      note("gave up " + reason);
    }

    @Override
    public void fault(String component, Throwable fault) {
      faults.add(fault);
    }
  }
}
