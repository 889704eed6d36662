package dev.paceline.limit;

/**
 * Lets things leave at a rate, with a little ahead of it: a bucket in the domain of time (the
 * generic cell rate algorithm), so that one {@code long} is its whole state.
 */
final class Gcra {
  private long paidUntil;

  Gcra(long now) {
    paidUntil = now;
  }

  /**
   * When the next one may leave.
   *
   * @param ahead how far ahead of the rate it may be, in nanoseconds of the rate
   */
  long earliest(long now, long ahead) {
    return Math.max(now, paidUntil - ahead);
  }

  /** One leaves that is worth {@code cost} nanoseconds of the rate. */
  void take(long now, long cost) {
    paidUntil = Math.max(now, paidUntil) + Math.min(cost, Exact.NEVER / 1_000);
  }

  /** Nothing is left of what may be taken ahead of the rate. */
  void exhausted(long now, long ahead) {
    paidUntil = Math.max(paidUntil, now + ahead);
  }

  /** Forgets what was taken: the next one leaves at once. */
  void reset(long now) {
    paidUntil = now;
  }
}
