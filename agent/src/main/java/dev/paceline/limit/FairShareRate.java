package dev.paceline.limit;

/**
 * The rate of one of several users of the same limit. They agree without talking to each other: a
 * low {@code remaining} slows everybody down in proportion to what he uses, a high one speeds
 * everybody up by the same, as with TCP's windows; a 429 is not needed.
 */
final class FairShareRate {
  /** In a rolling window what is used comes back late: with less distance shares drift apart. */
  private static final double TARGET_ROLLING = 0.07;

  /**
   * Twice the usual error of an estimate of tokens: as much of a fall that our own charges do not
   * explain is our own misjudgement. One prompt of 60,000 tokens, 30 % off, looked like a neighbour
   * for two minutes, and a fifth of a rolling window was left to him.
   */
  private static final double ERROR = 0.6;

  private static final double LEAST_TARGET = 0.01;

  private static final double SLOW_DOWN = 0.35;
  private static final double SPEED_UP = 0.04;

  /**
   * The least part of the usual rate, in a rolling window: one that was used up at once gives all
   * back at once. Two processes that had come down to a thirtieth of their rates in between left
   * more than half of it unused, and 8 % of the calls of an overload failed.
   */
  private static final double LEAST = 0.4;

  private final Gcra pace;
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
    pace = new Gcra(now);
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
   * @param parts knows the level at which the rate stays as it is
   */
  void update(long now, LimitEstimator bucket, FairShare parts) {
    double limit = bucket.level.max;
    double level =
        Math.max(0, bucket.level.value() / (double) Exact.MICRO) / bucket.level.capacity();
    double lost = bucket.usage.externalSum(now) / Exact.MICRO;
    double mean = bucket.usage.externalMean(now) / Exact.MICRO;
    window = bucket.shape.window() / (double) Exact.SECOND;
    double estimationMargin =
        Cost.countsTokens(bucket.limit) ? ERROR * Math.sqrt(squares(now)) * limit : 0;
    if (lost > Math.max(Math.max(3, limit / 50), estimationMargin)
        && mean > bucket.level.rate() / 10
        && level < 0.6) {
      if (!shared(now)) {
        shared = true;
        // A fixed window is used in a burst. Who began with the little that another left of one got
        // no more of the next, and was not noticed: for three minutes he had 2 %.
        double left = Math.max(bucket.usage.share(now), 1 - mean / bucket.level.rate());
        rate = (bucket.kind() == WindowKind.FIXED_WINDOW ? 1 : left) / window;
        usual = rate;
        updated = now;
        pace.reset(now);
      }
      evidence = now;
    }
    if (!shared(now)) {
      return;
    }
    double passed = Math.min(1, (now - updated) / (double) Exact.SECOND);
    updated = now;
    waves = bucket.kind() == WindowKind.SLIDING_WINDOW;
    double target =
        waves
            ? TARGET_ROLLING
            : Math.max(LEAST_TARGET, parts.kept(now, bucket) / bucket.level.capacity());
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
    double least = Math.max(0.02 / window, waves ? LEAST * usual : 0);
    rate = Math.max(least, Math.min(2 / window, rate));
  }

  /**
   * When a call may leave.
   *
   * @param share the part of a whole limit that it takes
   */
  long earliest(long now, double share) {
    return pace.earliest(now, cost(share));
  }

  void left(long now, double share) {
    squares = squares(now) + share * share;
    squaredAt = now;
    if (shared) {
      pace.take(now, cost(share));
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
