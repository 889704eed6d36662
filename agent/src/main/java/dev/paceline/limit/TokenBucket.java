package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;

/** Refilled without pause, {@code max} a window, up to its capacity. */
final class TokenBucket implements WindowModel {
  /**
   * Usual time to the provider: so much refill is not yet in what a header shows. 10–60 ms seen.
   */
  private static final long ONE_WAY = 30 * MILLI;

  private final LimitLevel level;

  TokenBucket(LimitLevel level) {
    this.level = level;
  }

  @Override
  public WindowKind kind() {
    return WindowKind.TOKEN_BUCKET;
  }

  @Override
  public void advance(long now) {
    long passed = now - level.advancedAt;
    long gain = level.granted(passed);
    if (gain > 0) {
      level.own += gain;
      // By the time of the whole gain: the rest is not lost.
      level.advancedAt += Math.min(passed, level.timeToGrant(gain));
      level.cutTo(Math.max(level.capacity(), level.lastRemaining) * MICRO);
    }
  }

  @Override
  public void begin(long now, Permit permit, long reset, long unexplained) {
    level.own += level.granted(Math.max(0, now - permit.departed - ONE_WAY));
  }

  @Override
  public void restore(long now, long age, long ends) {
    level.own += level.granted(age);
  }

  @Override
  public long availableAt(long now, long missing) {
    return now + Math.max(1, level.timeToGrant(missing) + 1);
  }

  @Override
  public long predict(long now, long missing) {
    return now + level.timeToGrant(missing);
  }

  @Override
  public long timeToFull(long now, long missing) {
    return level.timeToGrant(missing);
  }

  @Override
  public long lowUncertainty(Permit permit) {
    return highUncertainty() + level.granted(ArrivalOrder.UNKNOWN);
  }

  @Override
  public long highUncertainty() {
    return level.granted(ONE_WAY);
  }

  /** What a header shows is cut to whole units, and a way may be shorter than the usual one. */
  @Override
  public long mayBeBack(long now) {
    return MICRO + highUncertainty();
  }

  @Override
  public long refill(long nanos) {
    return level.granted(nanos);
  }
}
