package dev.paceline.limit;

/**
 * The rate of one of several users of the same limit. They agree without talking to each other: a
 * low {@code remaining} slows everybody down in proportion to what he uses, a high one speeds
 * everybody up by the same, as with TCP's windows; a 429 is not needed.
 */
final class FairShareRate {
  /** Fraction of a sliding window at which the rate stays: shares drift apart with less. */
  private static final double TARGET_OF_SLIDING = 0.07;

  /**
   * Fraction of √Σe² by which token estimates e may err, twice the usual error: less than that of a
   * fall is no neighbour. One prompt of 60,000 tokens, 30 % off, looked like one for two minutes.
   */
  private static final double ESTIMATE_ERROR = 0.6;

  /** Likewise of the other kinds, at least. */
  private static final double MIN_TARGET = 0.01;

  /**
   * Fraction of the rate by which it falls a second where nothing is left. 8jvm/over/fixed: .06
   * 429s.
   */
  private static final double SLOW_DOWN = 0.35;

  /**
   * Fraction of the whole rate by which it grows a second at the target level; four times at most.
   */
  private static final double SPEED_UP = 0.04;

  /**
   * Least fraction of the usual rate in a sliding window: one that was used up at once gives all
   * back at once. Without it two processes left half of it unused, and 8 % of an overload failed.
   */
  private static final double MIN_OF_USUAL = 0.4;

  private final Gcra gcra;
  private boolean shared;
  private double rate;

  /** Whether the limit comes back as it was used, not evenly. */
  private boolean waves;

  /** The rate over about a window: how long a queue takes is not a matter of this second's. */
  private double usual;

  private long updated;
  private long evidence;
  private double window = 60;
  private double squares;
  private long squaredAt;

  FairShareRate(long now) {
    gcra = new Gcra(now);
    updated = now;
  }

  boolean shared(long now) {
    if (shared && now - evidence > (long) (2 * window * Exact.SECOND)) {
      shared = false;
    }
    return shared;
  }

  /**
   * A header of the fullest limit came in.
   *
   * @param fairShare knows the level at which the rate stays as it is
   */
  void update(long now, LimitEstimator estimator, FairShare fairShare) {
    double limit = estimator.level.max;
    double level =
        Math.max(0, estimator.level.value() / (double) Exact.MICRO) / estimator.level.capacity();
    double lost = estimator.usage.externalSum(now) / Exact.MICRO;
    double mean = estimator.usage.externalMean(now) / Exact.MICRO;
    window = estimator.shape.window() / (double) Exact.SECOND;
    double estimationMargin =
        Cost.countsTokens(estimator.limit) ? ESTIMATE_ERROR * Math.sqrt(squares(now)) * limit : 0;
    if (lost > Math.max(Math.max(3, limit / 50), estimationMargin)
        && mean > estimator.level.rate() / 10
        && level < 0.6) {
      if (!shared(now)) {
        shared = true;
        // A fixed window is used in a burst. Who began with the little that another left of one got
        // no more of the next, and was not noticed: for three minutes he had 2 %.
        double left = Math.max(estimator.usage.share(now), 1 - mean / estimator.level.rate());
        rate = (estimator.kind() == WindowKind.FIXED_WINDOW ? 1 : left) / window;
        usual = rate;
        updated = now;
        gcra.reset(now);
      }
      evidence = now;
    }
    if (!shared(now)) {
      return;
    }
    double passed = Math.min(1, (now - updated) / (double) Exact.SECOND);
    updated = now;
    waves = estimator.kind() == WindowKind.SLIDING_WINDOW;
    double target =
        waves
            ? TARGET_OF_SLIDING
            : Math.max(MIN_TARGET, fairShare.kept(now, estimator) / estimator.level.capacity());
    if (level < target) {
      rate *= 1 - SLOW_DOWN * passed * (target - level) / target;
    } else {
      rate += SPEED_UP / window * Math.min(4, level / target) * passed;
    }
    clamp();
    usual += (rate - usual) * Math.min(1, passed / window);
  }

  void limited() {
    rate *= 0.7;
    clamp();
  }

  private void clamp() {
    double least = Math.max(0.02 / window, waves ? MIN_OF_USUAL * usual : 0);
    rate = Math.max(least, Math.min(2 / window, rate));
  }

  /**
   * When a call may leave.
   *
   * @param share the part of a whole limit that it takes
   */
  long earliest(long now, double share) {
    return gcra.earliest(now, cost(share));
  }

  void left(long now, double share) {
    squares = squares(now) + share * share;
    squaredAt = now;
    if (shared) {
      gcra.take(now, cost(share));
    }
  }

  /** Sum of the squared shares of what left within about twenty seconds. */
  private double squares(long now) {
    return squares * Math.exp(-(now - squaredAt) / (20.0 * Exact.SECOND));
  }

  private long cost(double share) {
    return rate <= 0 ? 0 : (long) (Math.min(1, share) / rate * Exact.SECOND);
  }

  /**
   * How long the queue ahead takes, in nanoseconds. By the usual rate where that is higher: who is
   * sent away in each dip leaves a queue too short for the rest.
   */
  long predict(double share) {
    return cost(1) == 0 ? 0 : (long) (share / Math.max(rate, usual) * Exact.SECOND);
  }

  void clear() {
    shared = false;
  }
}
