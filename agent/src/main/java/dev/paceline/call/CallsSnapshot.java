package dev.paceline.call;

/**
 * Counts since the JVM began, for finding leaks. At rest every pair is equal and nothing waits.
 *
 * @param callsStarted calls that were announced
 * @param callsEnded calls of which the outcome is known
 * @param attemptsSent requests handed to the client
 * @param attemptsEnded of those, answered or failed
 * @param permitsTaken places in flight that were taken
 * @param permitsReleased places in flight that were given back, each once
 * @param waiting calls in queues now
 * @param waitingBytes bytes of request bodies and answers that those keep alive
 * @param keptBytes bytes of recorded answers
 */
public record CallsSnapshot(
    long callsStarted,
    long callsEnded,
    long attemptsSent,
    long attemptsEnded,
    long permitsTaken,
    long permitsReleased,
    int waiting,
    long waitingBytes,
    long keptBytes) {
  /** Places in flight that are taken now. */
  public long permitsOutstanding() {
    return permitsTaken - permitsReleased;
  }

  /** Requests on the wire now. */
  public long attemptsOpen() {
    return attemptsSent - attemptsEnded;
  }

  /** Calls that have begun and not ended. */
  public long callsOpen() {
    return callsStarted - callsEnded;
  }

  /** Whether nothing is on the way, and nothing was lost. */
  public boolean atRest() {
    return permitsOutstanding() == 0 && attemptsOpen() == 0 && callsOpen() == 0 && waiting == 0;
  }
}
