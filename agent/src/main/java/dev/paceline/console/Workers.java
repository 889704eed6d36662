package dev.paceline.console;

import dev.paceline.threads.AgentThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The few threads that read requests and write answers. A task that takes too long is interrupted,
 * which closes the connection it is blocked in: so a client that sends its request byte by byte, or
 * never reads the answer, holds a thread for a limited time. While others wait for a thread that
 * time is far shorter, or a few such clients would keep a scrape waiting until it fails.
 *
 * <p>The queue has no bound because the JDK 17 server leaks a connection whose task is refused; its
 * length is that of the open connections.
 */
final class Workers extends ThreadPoolExecutor {
  private static final int THREADS = 8;
  private static final long IDLE_SECONDS = 30;

  /** How often a task is looked at while others wait. */
  private static final long LOOK_MILLIS = 50;

  /**
   * What a task is doing. In looks in a row that find it waiting for its client, not in time: a
   * pause of the whole JVM stops the looks too, and must not cut off those who had nothing to do
   * with it.
   */
  private enum Phase {
    /** Who means well sends a request in one piece. */
    READING(2),
    /** It is us who take the time. */
    WORKING(Integer.MAX_VALUE),
    /** An answer may be long and the way far. */
    WRITING(5);

    final int looks;

    Phase(int looks) {
      this.looks = looks;
    }
  }

  private final long limitMillis;
  private final ScheduledThreadPoolExecutor watch;
  private final ThreadLocal<@Nullable Turn> turn = new ThreadLocal<>();
  private final Set<Turn> turns = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();

  /**
   * @param limitMillis longest time for a request and its answer when nobody waits
   */
  Workers(long limitMillis) {
    super(
        THREADS,
        THREADS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> AgentThreads.daemon("console", task));
    this.limitMillis = limitMillis;
    allowCoreThreadTimeOut(true);
    watch = new ScheduledThreadPoolExecutor(1, task -> AgentThreads.daemon("console-watch", task));
    watch.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    watch.allowCoreThreadTimeOut(true);
    watch.setRemoveOnCancelPolicy(true);
  }

  @Override
  public void execute(Runnable task) {
    super.execute(task);
    lookSoon();
  }

  /** The calling thread has read its request. */
  void working() {
    enter(Phase.WORKING);
  }

  /** The calling thread begins to write its answer. */
  void writing() {
    enter(Phase.WRITING);
  }

  private void enter(Phase phase) {
    Turn current = turn.get();
    if (current != null) {
      current.enter(phase);
    }
  }

  @Override
  protected void beforeExecute(Thread thread, Runnable task) {
    Turn begun = new Turn(thread);
    try {
      begun.alarm = watch.schedule(begun::cutOff, limitMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Stopped in this instant: the server has closed every connection, so the task ends by
      // itself.
    }
    turn.set(begun);
    turns.add(begun);
  }

  @Override
  protected void afterExecute(Runnable task, @Nullable Throwable failure) {
    Turn ended = turn.get();
    turn.remove();
    if (ended != null) {
      turns.remove(ended);
      ended.end();
    }
  }

  private void lookSoon() {
    if (!getQueue().isEmpty() && looking.compareAndSet(false, true)) {
      try {
        var unused = watch.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // Stopped in this instant.
      }
    }
  }

  private void look() {
    looking.set(false); // before the queue is asked: who comes now looks again
    int waiting = getQueue().size();
    for (Turn running : turns) {
      if (waiting > 0 && running.tooSlow()) {
        waiting--;
        running.cutOff();
      }
    }
    lookSoon();
  }

  void stop() {
    shutdownNow();
    watch.shutdownNow();
  }

  /** One task on one thread. */
  private static final class Turn {
    private enum State {
      RUNNING,
      CUTTING_OFF,
      OVER
    }

    private final Thread thread;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    @Nullable ScheduledFuture<?> alarm;
    private volatile Phase phase = Phase.READING;

    // Of the watching thread.
    private Phase seen = Phase.READING;
    private int looks;

    Turn(Thread thread) {
      this.thread = thread;
    }

    void enter(Phase next) {
      phase = next;
    }

    /** Looks once more. */
    boolean tooSlow() {
      Phase now = phase;
      looks = now == seen ? looks : 0;
      seen = now;
      looks = now != Phase.WORKING && waitsForClient() ? looks + 1 : 0;
      return looks >= now.looks;
    }

    /**
     * Whether the thread is in a call of the system on its connection. One that only gets no
     * processor, on a machine with too much to do, must not be taken for a slow client; its state
     * is RUNNABLE either way.
     */
    private boolean waitsForClient() {
      StackTraceElement[] stack = thread.getStackTrace();
      return stack.length > 0
          && stack[0].isNativeMethod()
          && stack[0].getClassName().startsWith("sun.nio.ch.");
    }

    void cutOff() {
      if (state.compareAndSet(State.RUNNING, State.CUTTING_OFF)) {
        thread.interrupt();
        state.set(State.OVER);
      }
    }

    /** After this no interrupt of ours can hit the thread's next task. */
    void end() {
      ScheduledFuture<?> pending = alarm;
      if (pending != null) {
        pending.cancel(false);
      }
      if (!state.compareAndSet(State.RUNNING, State.OVER)) {
        while (state.get() != State.OVER) {
          Thread.onSpinWait();
        }
        Thread.interrupted();
      }
    }
  }
}
