package dev.paceline.limit;

/**
 * How many calls may leave at once where headers show room: a GCRA at a multiple of the announced
 * rate, so that a burst of 300 leaves within seconds and not within one round trip.
 */
final class BurstLimiter {
  /** Weight of the newest call in the usual time that the limits take to grant one. */
  private static final double NEWEST_WEIGHT = 0.05;

  private final Gcra gcra;
  private final UnannouncedLimits unannouncedLimits;

  /** Nanoseconds that the announced limits take to grant a usual call. */
  private double usual;

  BurstLimiter(long now, UnannouncedLimits unannouncedLimits) {
    gcra = new Gcra(now);
    this.unannouncedLimits = unannouncedLimits;
  }

  long earliest(long now) {
    return gcra.earliest(now, tolerance(now));
  }

  private long tolerance(long now) {
    return (long)
        (Math.max(0, unannouncedLimits.burst() - 1)
            * usual
            / unannouncedLimits.rateMultiplier(now));
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
    usual = usual == 0 ? timeToGrant : usual + NEWEST_WEIGHT * (timeToGrant - usual);
    gcra.take(now, (long) (timeToGrant / unannouncedLimits.rateMultiplier(now)));
  }

  /** A limit over a shorter time than headers announce was hit: nothing is left of the burst. */
  void exhausted(long now) {
    gcra.exhausted(now, tolerance(now) + (long) usual);
  }

  void reset(long now) {
    gcra.reset(now);
  }
}
