package dev.paceline.agent;

import dev.paceline.metrics.CallMetrics;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A thread on which numbers leave the agent, once a second. */
final class Exporter {
  private static final long PERIOD_NANOS = 1_000_000_000L;
  private static final long LAST_MILLIS = 1_000;

  private final String name;
  private final List<Rounds.Job> jobs;
  private final CallMetrics metrics;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param name of the thread
   * @param jobs what is done each time, in this order
   */
  Exporter(String name, List<Rounds.Job> jobs, CallMetrics metrics) {
    this.name = name;
    this.jobs = List.copyOf(jobs);
    this.metrics = metrics;
  }

  void start() {
    Rounds.start(name, PERIOD_NANOS, this::runOnce, t -> metrics.fault("export", t));
  }

  /**
   * The JVM shuts down: the last second is not to be lost. A library of the application that hangs
   * must not keep the JVM from ending.
   */
  void finish() {
    Rounds.join(
        Rounds.last(name + "-last", this::runOnce, t -> metrics.fault("export", t)), LAST_MILLIS);
  }

  private void runOnce() {
    lock.lock();
    try {
      for (Rounds.Job job : jobs) {
        Rounds.round(job, t -> metrics.fault("export", t));
      }
    } finally {
      lock.unlock();
    }
  }
}
