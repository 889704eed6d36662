package dev.paceline.limit;

/**
 * What is left of one limit for sure, and at most: {@code [own + low, own + high]}. Every header
 * gives such an interval for {@link LimitLevel#offset}, and what holds for all of them is between
 * the largest low and the smallest high. Two that exclude each other say that others have used the
 * limit, that it is counted in another way, or that a way took unusually long: then the newest one
 * holds, and both bounds are less sure by as much as the two were apart, until headers agree again.
 *
 * <p>Millionths of a unit.
 */
final class LevelBounds {
  /** What is left of the doubt that a contradiction raised, after a header that agrees. */
  private static final double DOUBT_KEPT = 0.98;

  private long low = -Exact.NEVER;
  private long high = Exact.NEVER;

  /** By how much headers excluded each other of late. */
  private double doubt;

  /** The count has started over. */
  void restart(long newLow, long newHigh) {
    low = newLow;
    high = newHigh;
  }

  /** A header gives another interval. */
  void narrow(long newLow, long newHigh) {
    long least = Math.max(low, newLow);
    long most = Math.min(high, newHigh);
    if (least <= most) {
      low = least;
      high = most;
      doubt *= DOUBT_KEPT;
    } else {
      doubt = Math.max(doubt, least - most);
      restart(newLow, newHigh);
    }
  }

  /** More has come back than our own charges: so much for sure, and at most. */
  void shift(long least, long most) {
    low += least;
    high += most;
  }

  /** So much is left for sure. */
  void atLeast(long offset) {
    low = Math.max(low, offset);
    high = Math.max(high, low);
  }

  /** No more than this is left. */
  void atMost(long offset) {
    high = Math.min(high, offset);
    low = Math.min(low, high);
  }

  long low() {
    return low - (long) doubt;
  }

  long high() {
    return high + (long) doubt;
  }
}
