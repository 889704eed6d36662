package dev.paceline.agent;

import dev.paceline.threads.AgentThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Work that the application's thread needs done and that must not be done on its stack. It is
 * waited for, but not for long: whatever hangs in it (a file on a dead network disk) must not hang
 * the application.
 */
final class OnDeepStack {
  private final CountDownLatch done = new CountDownLatch(1);
  private final long waitUntil;
  private volatile @Nullable Throwable failure;

  private OnDeepStack(long patienceNanos) {
    this.waitUntil = System.nanoTime() + patienceNanos;
  }

  /**
   * @param thread without the prefix {@code paceline-}
   * @param patienceNanos how long anybody waits, from now on
   */
  static OnDeepStack start(String thread, long patienceNanos, Runnable task) {
    OnDeepStack work = new OnDeepStack(patienceNanos);
    AgentThreads.deep(thread, () -> work.run(task)).start();
    return work;
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable t) {
      failure = t;
    } finally {
      done.countDown();
    }
  }

  /** Whether it is over; waits, also when interrupted, while there is patience left. */
  boolean await() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.await(waitUntil - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What it threw; null when it has not. */
  @Nullable Throwable failure() {
    return failure;
  }
}
