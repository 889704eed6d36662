package dev.paceline.simulation;

import dev.paceline.call.Timer;
import dev.paceline.call.VirtualTime;

/** The time of one process: it may stand still for a while, as by {@code SIGSTOP}, or end. */
final class ProcessTime implements Timer {
  private final VirtualTime time;
  private long pausedUntil;
  private boolean dead;

  ProcessTime(VirtualTime time) {
    this.time = time;
  }

  /** Nothing happens in the process for so long; then all that was due. */
  void pause(long nanos) {
    pausedUntil = time.nanos() + nanos;
  }

  /** As {@code kill -9}. */
  void kill() {
    dead = true;
  }

  boolean dead() {
    return dead;
  }

  /** Something happens in the process: now, or when it goes on. */
  void run(Runnable task) {
    if (dead) {
      return;
    }
    if (time.nanos() < pausedUntil) {
      time.at(pausedUntil, () -> run(task));
    } else {
      task.run();
    }
  }

  @Override
  public Runnable at(long atNanos, Runnable task) {
    boolean[] taken = {false};
    Runnable unlessTaken =
        () -> {
          if (!taken[0]) {
            task.run();
          }
        };
    Runnable alarm = time.at(atNanos, () -> run(unlessTaken));
    return () -> {
      taken[0] = true;
      alarm.run();
    };
  }
}
