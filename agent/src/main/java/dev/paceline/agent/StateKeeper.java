package dev.paceline.agent;

import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.words.Scope;
import java.util.Map;

/** Writes the state file: at most every 30 s while calls are made, and at shutdown. */
final class StateKeeper {
  private static final long PERIOD_NANOS = 30_000_000_000L;

  /** Of the shutdown; a usual disk takes some milliseconds. */
  private static final long LAST_MILLIS = 2_000;

  private final StateFile file;
  private final Calls calls;
  private final CallMetrics metrics;
  private long savedUpTo;

  StateKeeper(StateFile file, Calls calls, CallMetrics metrics) {
    this.file = file;
    this.calls = calls;
    this.metrics = metrics;
  }

  void start() {
    Rounds.start("state", PERIOD_NANOS, this::saveIfUsed, t -> metrics.fault("state", t));
  }

  private void saveIfUsed() {
    FaultPoint.pass("state");
    long used = calls.lastCall();
    if (used != savedUpTo) {
      savedUpTo = used;
      file.save(calls.learned());
    }
  }

  /**
   * The JVM ends. In the shutdown hook: neither a failure nor a disk that hangs may hold up the
   * release of the calls that wait.
   */
  void shutdown() {
    Map<Scope, LimiterSnapshot> learned = Map.of();
    try {
      learned = calls.learned(); // releasing forgets
    } catch (Throwable t) {
      metrics.fault("state", t);
    }
    Map<Scope, LimiterSnapshot> last = learned;
    // Begun before thousands of released threads compete for the processors.
    Thread writer =
        Rounds.last("state-last", () -> file.save(last), t -> metrics.fault("state", t));
    calls.shutdown();
    Rounds.join(writer, LAST_MILLIS);
  }
}
