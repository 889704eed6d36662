package dev.paceline.agent;

import dev.paceline.threads.AgentThreads;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Work on threads of the agent's own that nothing may stop and that may stop nobody. */
final class Rounds {
  /** One round. */
  interface Job {
    void run() throws Exception;
  }

  private Rounds() {}

  /** Runs {@code job} for ever on a daemon thread, each time after {@code periodNanos}. */
  static void start(String thread, long periodNanos, Job job, Consumer<Throwable> faults) {
    AgentThreads.daemon(
            thread,
            () -> {
              while (true) {
                LockSupport.parkNanos(periodNanos);
                Thread.interrupted(); // or parking would return at once from now on
                round(job, faults);
              }
            })
        .start();
  }

  /**
   * One round. Where a heap is exhausted, telling of it fails as well; that ended the thread, and
   * with it the kill switch and all exports, although the heap was free again a second later.
   */
  static void round(Job job, Consumer<Throwable> faults) {
    try {
      job.run();
    } catch (Throwable t) {
      try {
        faults.accept(t);
      } catch (Throwable untold) {
        // The next round may tell.
      }
    }
  }

  /**
   * Starts {@code task} on a daemon thread: for what is done while the JVM shuts down and may hang.
   *
   * @return to be waited for with {@link #join}
   */
  static Thread last(String thread, Job task, Consumer<Throwable> faults) {
    Thread runs = AgentThreads.daemon(thread, () -> round(task, faults));
    runs.start();
    return runs;
  }

  /** Waits {@code millis} at most. */
  static void join(Thread thread, long millis) {
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // somebody is in a hurry
    }
  }
}
