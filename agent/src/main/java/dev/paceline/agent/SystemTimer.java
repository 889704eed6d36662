package dev.paceline.agent;

import dev.paceline.call.Clock;
import dev.paceline.call.Timer;
import dev.paceline.threads.AgentThreads;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one timer thread of the JVM. It begins with the first wait. */
final class SystemTimer implements Timer {
  private final Clock clock;
  private final ScheduledThreadPoolExecutor executor;

  SystemTimer(Clock clock) {
    this.clock = clock;
    this.executor = new ScheduledThreadPoolExecutor(1, task -> AgentThreads.daemon("timer", task));
    // A cancelled wait must not keep its call alive until its time is up.
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Runnable at(long atNanos, Runnable task) {
    ScheduledFuture<?> future =
        executor.schedule(task, Math.max(0, atNanos - clock.nanos()), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }
}
