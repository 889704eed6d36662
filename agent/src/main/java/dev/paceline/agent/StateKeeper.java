package dev.paceline.agent;

import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.metrics.CallMetrics;
import java.util.concurrent.locks.LockSupport;

/** Writes the state file: at most every 30 s while calls are made, and at shutdown. */
final class StateKeeper implements Runnable {
  private static final long PERIOD_NANOS = 30_000_000_000L;

  private final StateFile file;
  private final Calls calls;
  private final CallMetrics metrics;
  private long savedUpTo;

  StateKeeper(StateFile file, Calls calls, CallMetrics metrics) {
    this.file = file;
    this.calls = calls;
    this.metrics = metrics;
  }

  /** On a daemon thread of the agent's own. */
  @Override
  public void run() {
    while (true) {
      LockSupport.parkNanos(PERIOD_NANOS);
      saveIfUsed();
    }
  }

  void saveIfUsed() {
    try {
      FaultPoint.pass("state");
      long used = calls.lastCall();
      if (used != savedUpTo) {
        savedUpTo = used;
        file.save(calls.learned());
      }
    } catch (Throwable t) {
      metrics.fault("state", t);
    }
  }

  /** The JVM ends: calls that wait come first, the file second. */
  void shutdown() {
    try {
      var learned = calls.learned(); // releasing forgets
      calls.shutdown();
      file.save(learned);
    } catch (Throwable t) {
      metrics.fault("state", t);
    }
  }
}
