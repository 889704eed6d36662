package dev.paceline.okhttp.beside;

import dev.paceline.threads.KeepAlive;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The client's executor; what it refuses runs on a thread of the agent's. For calls that were
 * parked: without the agent they would have been on their threads when the application shut its
 * executor down, and would have had their answers.
 */
final class OrElse extends AbstractExecutorService {
  private final ExecutorService client;
  private final Executor ours;
  private final KeepAlive alive;
  private final Runnable there;

  /**
   * @param there is run when the client's executor has taken the task, or the task has ended here
   */
  OrElse(ExecutorService client, Executor ours, KeepAlive alive, Runnable there) {
    this.client = client;
    this.ours = ours;
    this.alive = alive;
    this.there = there;
  }

  @Override
  public void execute(Runnable task) {
    try {
      client.execute(task);
      there.run();
    } catch (RejectedExecutionException refused) {
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      alive.hold();
      ours.execute(() -> run(task, context));
    }
  }

  private void run(Runnable task, @org.jspecify.annotations.Nullable ClassLoader context) {
    Thread.currentThread().setContextClassLoader(context);
    try {
      task.run();
    } finally {
      Thread.currentThread().setContextClassLoader(null);
      alive.release();
      there.run();
    }
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
