package dev.paceline.threads;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A part of a pool, so that one user whose tasks do not end leaves threads to the others.
 *
 * <p>What is beyond the part either waits for it, or is refused.
 */
public final class Share implements Executor {
  private final Executor pool;
  private final int most;
  private final boolean queues;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private int running;

  private Share(Executor pool, int most, boolean queues) {
    this.pool = pool;
    this.most = most;
    this.queues = queues;
  }

  /** Runs at most so many tasks at a time; others wait in order. */
  public static Share queueing(Executor pool, int most) {
    return new Share(pool, most, true);
  }

  /** Runs at most so many tasks at a time, and throws RejectedExecutionException beyond. */
  public static Share refusing(Executor pool, int most) {
    return new Share(pool, most, false);
  }

  /** Whether nothing runs or waits in here. */
  public boolean isIdle() {
    lock.lock();
    try {
      return running == 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void execute(Runnable task) {
    lock.lock();
    try {
      if (running >= most) {
        if (!queues) {
          throw new RejectedExecutionException("the share is used up");
        }
        queue.add(task);
        return;
      }
      running++;
    } finally {
      lock.unlock();
    }
    boolean taken = false;
    try {
      pool.execute(() -> run(task));
      taken = true;
    } finally {
      if (!taken) {
        ended();
      }
    }
  }

  private void run(Runnable first) {
    Runnable task = first;
    boolean over = false;
    try {
      while (task != null) {
        task.run();
        task = next();
      }
      over = true;
    } finally {
      Runnable rest = over ? null : next();
      if (rest != null) {
        pool.execute(() -> run(rest));
      }
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      Runnable task = queue.poll();
      if (task == null) {
        running--;
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  private void ended() {
    lock.lock();
    try {
      running--;
    } finally {
      lock.unlock();
    }
  }
}
