package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;

/**
 * What is kept free of one limit beyond a call's cost, in millionths of a unit: 1 % of a token
 * bucket from the first header, 2 % more with each limit answer, 15 % at most.
 */
final class SafetyMargin {
  /**
   * Windows for which a raised margin is kept where nobody else draws on a fixed window: one of 30
   * in a window cost 3 % of it for ever.
   */
  private static final int DECAY_WINDOWS = 5;

  /** Requests of the usual size that the margin of a token limit holds at least. */
  private static final int MIN_REQUESTS = 2;

  /**
   * Percentage of a token bucket from the first header on: 0 costs burst12/rpm5 .08 429s a success.
   */
  private static final int INITIAL_PERCENT = 1;

  /**
   * Percentage of the capacity. Without a raised margin sliding windows at 150 ms of jitter: .03
   * 429s.
   */
  private static final int MAX_PERCENT = 15;

  /** A limit answer raises it by this part of the capacity, one for a late arrival by a third. */
  private static final int STEP_PARTS = 50;

  private static final int LATE_ARRIVAL_PARTS = 150;

  private final LimitLevel level;
  private final ObservedUsage usage;
  private long value;
  private long raisedAt;

  SafetyMargin(LimitLevel level, ObservedUsage usage) {
    this.level = level;
    this.usage = usage;
  }

  long value() {
    return value;
  }

  void clear() {
    value = 0;
  }

  /** A fixed window has begun. */
  void windowBegan(long start) {
    if (start - raisedAt > DECAY_WINDOWS * level.window() && usage.quiet(start)) {
      value = 0;
    }
  }

  /** Where it is refilled without pause: elsewhere it would cost its size in each window. */
  void start() {
    if (value == 0) {
      long distance = level.capacity() * INITIAL_PERCENT / 100;
      if (level.countsTokens()) {
        // The last ones of a burst wait for it: 1 % of a million was .6 s.
        long usual = level.sent() / Math.max(1, level.log.requests());
        long outOfOrder = level.granted(LimitEstimator.ORDER_UNKNOWN) / MICRO;
        distance = Math.min(distance, Math.max(MIN_REQUESTS * usual, outOfOrder));
      }
      value = Math.max(1, distance) * MICRO;
    }
  }

  /**
   * A limit answer came although there should have been room.
   *
   * @param lateArrival whether nothing but an unusually long way explains it
   */
  void raise(long now, boolean lateArrival) {
    raisedAt = now;
    long capacity = level.capacity();
    long step = Math.max(1, capacity / (lateArrival ? LATE_ARRIVAL_PARTS : STEP_PARTS)) * MICRO;
    value = Math.min(value + step, Math.max(1, capacity * MAX_PERCENT / 100) * MICRO);
  }
}
