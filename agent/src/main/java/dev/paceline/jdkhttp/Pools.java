package dev.paceline.jdkhttp;

import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Where work goes that may not run on the agent's timer thread. */
final class Pools {
  /** Where the JDK's client runs the dependents of its futures. */
  static final Executor ASYNC = new CompletableFuture<Void>().defaultExecutor();

  private Pools() {}

  /** The client's own executor; the JDK's pool for a client that made itself one. */
  static Executor of(HttpClient client) {
    Executor own = client.executor().orElse(ASYNC);
    return own == ASYNC ? ASYNC : task -> execute(own, task);
  }

  private static void execute(Executor executor, Runnable task) {
    try {
      executor.execute(task);
    } catch (RuntimeException rejected) {
      // The application has shut its executor down. The client will say so itself.
      ASYNC.execute(task);
    }
  }
}
