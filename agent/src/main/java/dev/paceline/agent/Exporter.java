package dev.paceline.agent;

import dev.paceline.metrics.CallMetrics;
import dev.paceline.threads.AgentThreads;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** A thread on which numbers leave the agent, once a second. */
final class Exporter {
  private static final long PERIOD_NANOS = 1_000_000_000L;

  /** One way out. */
  interface Job {
    void run() throws Exception;
  }

  private final String name;
  private final List<Job> jobs;
  private final CallMetrics metrics;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param name of the thread
   * @param jobs what is done each time, in this order
   */
  Exporter(String name, List<Job> jobs, CallMetrics metrics) {
    this.name = name;
    this.jobs = List.copyOf(jobs);
    this.metrics = metrics;
  }

  void start() {
    AgentThreads.daemon(name, this::run).start();
  }

  /** Also from the shutdown hook, so that the last second is not lost. */
  void runOnce() {
    lock.lock();
    try {
      for (Job job : jobs) {
        try {
          job.run();
        } catch (Throwable t) {
          metrics.fault("export", t);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      runOnce();
      LockSupport.parkNanos(PERIOD_NANOS);
    }
  }
}
