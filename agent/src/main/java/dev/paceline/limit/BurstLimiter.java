package dev.paceline.limit;

/**
 * How many calls may leave at once where headers show room: a GCRA at a multiple of the announced
 * rate, so that a burst of 300 leaves within seconds and not within one round trip.
 */
final class BurstLimiter {
  /** Weight of the newest call in the usual time that the limits take to grant one. */
  private static final double WEIGHT = 0.05;

  private final Gcra pace;
  private final UnannouncedLimits hidden;

  /** Nanoseconds that the announced limits take to grant a usual call. */
  private double usual;

  BurstLimiter(long now, UnannouncedLimits hidden) {
    pace = new Gcra(now);
    this.hidden = hidden;
  }

  long earliest(long now) {
    return pace.earliest(now, tolerance(now));
  }

  private long tolerance(long now) {
    return (long) (Math.max(0, hidden.burst() - 1) * usual / hidden.rateMultiplier(now));
  }

  /**
   * A call leaves.
   *
   * @param timeToGrant nanoseconds that the announced limits take to grant it
   */
  void onSend(long now, long timeToGrant) {
    if (timeToGrant <= 0) {
      return;
    }
    usual = usual == 0 ? timeToGrant : usual + WEIGHT * (timeToGrant - usual);
    pace.take(now, (long) (timeToGrant / hidden.rateMultiplier(now)));
  }

  /** A limit over a shorter time than headers announce was hit: nothing is left of the burst. */
  void exhausted(long now) {
    pace.exhausted(now, tolerance(now) + (long) usual);
  }

  void reset(long now) {
    pace.reset(now);
  }
}
