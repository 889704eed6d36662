package dev.paceline.jdkhttp;

import dev.paceline.threads.AgentThreads;
import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Where work goes that may run neither on the agent's timer thread nor where it arises. */
final class Pools {
  /** Where the JDK's client runs the dependents of its futures. */
  static final Executor ASYNC = new CompletableFuture<Void>().defaultExecutor();

  private static final long IDLE_SECONDS = 5;

  /**
   * The agent's own threads. No bound: a client's executor may run its tasks in the calling thread
   * ({@code Runnable::run}, {@code CallerRunsPolicy}) or block it until there is room, and the
   * application's code then runs, or waits, here. Behind a bound, continuations that wait for one
   * another's calls would stand still for ever.
   */
  private static final ThreadPoolExecutor OWN =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          AgentThreads.factory("jdk"));

  private Pools() {}

  /**
   * Where a client's work goes: its own executor, be it the application's or the one that the
   * client made for itself, so that the application's code runs where it does without the agent.
   * Never the common pool, which the work of others must not stop.
   *
   * @param made finds the executor that a client made for itself
   * @param loader the caller's context class loader: threads that are made for a task inherit it
   *     (JDK 17 to 20), and the application's code may need it
   */
  static Executor of(HttpClient client, MadeExecutor made, @Nullable ClassLoader loader) {
    Executor given = client.executor().orElse(null);
    Executor target = given != null ? given : made.of(client);
    return task -> handOver(target, task, loader);
  }

  /** The agent's own threads. */
  static Executor own(@Nullable ClassLoader loader) {
    return task -> handOver(null, task, loader);
  }

  private static void handOver(
      @Nullable Executor target, Runnable task, @Nullable ClassLoader loader) {
    Once once = new Once(task);
    Runnable handing =
        () -> {
          Thread me = Thread.currentThread();
          me.setContextClassLoader(loader);
          try {
            if (target == null) {
              once.run();
            } else {
              target.execute(once);
            }
          } catch (Throwable rejected) {
            // The application has shut its executor down. The client will say so itself.
            once.run();
          } finally {
            me.setContextClassLoader(null);
          }
        };
    try {
      OWN.execute(handing);
    } catch (Throwable noThread) {
      ASYNC.execute(once);
    }
  }

  /** A task of which an executor that failed may have begun already. */
  private static final class Once extends AtomicBoolean implements Runnable {
    private static final long serialVersionUID = 1;
    private final transient Runnable task;

    Once(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (compareAndSet(false, true)) {
        task.run();
      }
    }
  }
}
