package dev.paceline.console;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The few threads that read requests and write answers. A task that takes too long is interrupted,
 * which closes the connection it is blocked in: so a client that sends its request byte by byte, or
 * never reads the answer, holds a thread for a limited time.
 *
 * <p>The queue has no bound because the JDK 17 server leaks a connection whose task is refused; its
 * length is that of the open connections.
 */
final class Workers extends ThreadPoolExecutor {
  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 30;

  private final long limitMillis;
  private final ScheduledThreadPoolExecutor watch;
  private final ThreadLocal<@Nullable Turn> turn = new ThreadLocal<>();

  Workers(long limitMillis) {
    super(
        THREADS,
        THREADS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> Console.daemon("paceline-console", task));
    this.limitMillis = limitMillis;
    allowCoreThreadTimeOut(true);
    watch =
        new ScheduledThreadPoolExecutor(1, task -> Console.daemon("paceline-console-watch", task));
    watch.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    watch.allowCoreThreadTimeOut(true);
    watch.setRemoveOnCancelPolicy(true);
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
  }

  @Override
  protected void afterExecute(Runnable task, @Nullable Throwable failure) {
    Turn ended = turn.get();
    turn.remove();
    if (ended != null) {
      ended.end();
    }
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

    Turn(Thread thread) {
      this.thread = thread;
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
