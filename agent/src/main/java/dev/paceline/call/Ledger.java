package dev.paceline.call;

import java.util.concurrent.atomic.LongAdder;

/**
 * What was taken and what was given back since the JVM began. At rest both are equal; a difference
 * that stays is a place in flight that nobody will ever give back.
 */
final class Ledger {
  private final LongAdder permitsTaken = new LongAdder();
  private final LongAdder permitsReleased = new LongAdder();
  private final LongAdder attemptsSent = new LongAdder();
  private final LongAdder attemptsEnded = new LongAdder();
  private final LongAdder callsStarted = new LongAdder();
  private final LongAdder callsEnded = new LongAdder();

  void permitTaken() {
    permitsTaken.increment();
  }

  void permitReleased() {
    permitsReleased.increment();
  }

  void attemptSent() {
    attemptsSent.increment();
  }

  void attemptEnded() {
    attemptsEnded.increment();
  }

  void callStarted() {
    callsStarted.increment();
  }

  void callEnded() {
    callsEnded.increment();
  }

  /** The ends are read before the beginnings: under load a figure is never negative. */
  CallsSnapshot snapshot(int waiting, long waitingBytes, long keptBytes) {
    long released = permitsReleased.sum();
    long ended = attemptsEnded.sum();
    long over = callsEnded.sum();
    return new CallsSnapshot(
        callsStarted.sum(),
        over,
        attemptsSent.sum(),
        ended,
        permitsTaken.sum(),
        released,
        waiting,
        waitingBytes,
        keptBytes);
  }
}
