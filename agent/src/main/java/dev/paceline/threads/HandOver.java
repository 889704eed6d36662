package dev.paceline.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Daemon threads that come with work and leave after five idle seconds.
 *
 * <p>Waking a parked call needs one: {@code Dispatcher.enqueue} hands the call to the client's own
 * executor, but that may be one that runs its tasks in the calling thread, and then the whole call
 * with the application's callback would run there: not on the timer's thread, which everybody's
 * waits depend on, nor on the thread of whoever cancels.
 */
public final class HandOver {
  /** More tasks wait for a thread. Who may not take them all gets a {@link Share}. */
  private static final int MOST_THREADS = 256;

  private static final long IDLE_SECONDS = 5;

  private HandOver() {}

  /** Takes every task. */
  public static Executor create(String name) {
    LinkedTransferQueue<Runnable> queue =
        new LinkedTransferQueue<>() {
          @Override
          public boolean offer(Runnable task) {
            return tryTransfer(task); // to an idle thread; else the pool adds a thread
          }
        };
    return new ThreadPoolExecutor(
        0,
        MOST_THREADS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        queue,
        AgentThreads.factory(name),
        new RejectedExecutionHandler() { // no lambda: this runs before the first request
          @Override
          public void rejectedExecution(Runnable task, ThreadPoolExecutor pool) {
            queue.put(task);
          }
        });
  }

  /** Throws {@code RejectedExecutionException} when all its threads are busy. */
  public static Executor strict(String name) {
    return new ThreadPoolExecutor(
        0,
        MOST_THREADS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        AgentThreads.factory(name),
        new ThreadPoolExecutor.AbortPolicy());
  }
}
