package dev.paceline.limit;

import dev.paceline.sim.ShownLevel;
import java.util.Collection;
import java.util.function.ToLongFunction;

/**
 * Compares what a limiter takes for left, as an interval, with what is left: of every limit that
 * headers show, at any instant.
 */
public final class LevelProbe {
  private long samples;
  private long outside;
  private double widths;

  /**
   * One sample of each limit.
   *
   * @param truth what the provider has left
   * @param onTheWay what has left here and the provider has not seen, or will give back, by limit
   */
  public void sample(
      ScopeLimiter limiter,
      long now,
      Collection<ShownLevel> truth,
      ToLongFunction<ShownLevel> onTheWay) {
    for (ShownLevel level : truth) {
      for (LimitEstimator estimator : limiter.announced.estimators()) {
        // A grammar that works the window out from the reset may call a minute's limit a day's.
        if (estimator.level.countsTokens() == Cost.countsTokens(level.limit())
            && estimator.level.max == level.max()) {
          compare(
              limiter.announced, estimator, now, level.remaining() - onTheWay.applyAsLong(level));
        }
      }
    }
  }

  private void compare(AnnouncedLimits limits, LimitEstimator estimator, long now, long left) {
    estimator.advance(now);
    double low = (double) limits.low(now, estimator) / Exact.MICRO;
    double high = (double) limits.high(now, estimator) / Exact.MICRO;
    long max = estimator.level.max;
    samples++;
    widths += (Math.min(high, max) - low) / max;
    // What a header shows is cut to whole units.
    if (low > left + 1 || high < left) {
      outside++;
    }
  }

  /** Another one's samples are these, too. */
  public void add(LevelProbe other) {
    samples += other.samples;
    outside += other.outside;
    widths += other.widths;
  }

  public long samples() {
    return samples;
  }

  /** The part of all samples in which the level was not within the interval. */
  public double missed() {
    return samples == 0 ? 0 : (double) outside / samples;
  }

  /** The interval's mean width, as a part of the limit. */
  public double width() {
    return samples == 0 ? 0 : widths / samples;
  }
}
