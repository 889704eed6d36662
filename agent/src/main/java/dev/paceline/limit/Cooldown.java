package dev.paceline.limit;

import dev.paceline.words.Limit;

/**
 * The gate of one scope: a limit answer closes it once for all, so that nobody waits privately, and
 * only the first one of a flight is reacted to.
 */
final class Cooldown implements Constraint {
  private boolean closedOnce;
  private long until;
  private long reactedAt;
  private int consecutiveRejections;
  private Limit limit = Limit.UNKNOWN;

  @Override
  public long earliest(long now, Cost charge) {
    return opens(now);
  }

  @Override
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    return opens(now);
  }

  /** When it is open: {@code now} when it is. */
  long opens(long now) {
    return closedOnce && until - now > 0 ? until : now;
  }

  /** Until when it was closed last. */
  long until() {
    return until;
  }

  /** How long it stays closed, in nanoseconds; 0 when it is open. */
  long closedFor(long now) {
    return opens(now) - now;
  }

  /** The limit that was hit last. */
  Limit limit() {
    return limit;
  }

  void hit(Limit last) {
    limit = last;
  }

  /** Whether the attempt has left after the last reaction: what it met is news. */
  boolean isNewRejection(Permit permit) {
    return !closedOnce || permit.sent - reactedAt >= 0;
  }

  /** Reactions since a call that had left after one of them was served. */
  int consecutiveRejections() {
    return consecutiveRejections;
  }

  void served(Permit permit) {
    if (closedOnce && isNewRejection(permit)) {
      consecutiveRejections = 0;
    }
  }

  /** One more reaction. */
  void startCooldown(long now) {
    reactedAt = now;
    consecutiveRejections++;
  }

  /** It is closed until then, or longer if it is already. */
  void close(long then) {
    until = closedOnce ? Math.max(until, then) : then;
    closedOnce = true;
  }

  /** Somebody else who draws on the same limits has closed it. */
  void close(long now, long then, Limit last) {
    limit = last;
    reactedAt = now;
    close(then);
  }

  void open(long now) {
    until = now;
    consecutiveRejections = 0;
  }

  /** The wait where an answer says nothing: doubles with each reaction. */
  long backoff(long firstStep, long cap) {
    int doublings = Math.min(consecutiveRejections - 1, 30);
    return firstStep > cap >> doublings ? cap : firstStep << doublings;
  }
}
