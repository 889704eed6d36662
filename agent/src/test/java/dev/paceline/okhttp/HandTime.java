package dev.paceline.okhttp;

import dev.paceline.call.Clock;
import dev.paceline.call.Timer;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;

/** The call room's time: stands still until the test moves it, or leaps from alarm to alarm. */
public final class HandTime implements Clock, Timer {
  private record Alarm(long at, Runnable task) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparingLong(Alarm::at));
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread t = new Thread(task, "test-timer");
            t.setDaemon(true);
            return t;
          });
  private volatile long now;
  private volatile boolean leaping;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public long epochMillis() {
    return 1_700_000_000_000L + now / 1_000_000;
  }

  @Override
  public Runnable at(long atNanos, Runnable task) {
    Alarm alarm = new Alarm(atNanos, task);
    lock.lock();
    try {
      alarms.add(alarm);
    } finally {
      lock.unlock();
    }
    if (leaping) {
      thread.execute(this::leap);
    }
    return () -> {
      lock.lock();
      try {
        alarms.remove(alarm);
      } finally {
        lock.unlock();
      }
    };
  }

  /** From now on every wait is over as soon as it has begun. */
  public void leaping() {
    leaping = true;
    thread.execute(this::leap);
  }

  /** Moves the clock and runs what is due, on the timer's thread. */
  public void pass(long nanos) {
    long until = now + nanos;
    CompletableFuture.runAsync(
            () -> {
              for (Alarm next; (next = next(until)) != null; ) {
                now = Math.max(now, next.at);
                next.task.run();
              }
              now = until;
            },
            thread)
        .join();
  }

  private void leap() {
    Alarm next = next(Long.MAX_VALUE);
    if (next != null) {
      now = Math.max(now, next.at);
      next.task.run();
    }
  }

  private Alarm next(long until) {
    lock.lock();
    try {
      return !alarms.isEmpty() && alarms.peek().at <= until ? alarms.poll() : null;
    } finally {
      lock.unlock();
    }
  }
}
