package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;

/**
 * What is kept free of one limit beyond a call's cost, in millionths of a unit: 1 % of a token
 * bucket from the first header, 2 % more with each limit answer, 15 % at most.
 */
final class SafetyMargin {
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
  private long value;

  SafetyMargin(LimitLevel level) {
    this.level = level;
  }

  long value() {
    return value;
  }

  void clear() {
    value = 0;
  }

  /** Where it is refilled without pause: elsewhere it would cost its size in each window. */
  void start() {
    if (value == 0) {
      long distance = level.capacity() * INITIAL_PERCENT / 100;
      if (level.countsTokens()) {
        // The last ones of a burst wait for it: 1 % of a million was .6 s.
        long usual = level.sent() / Math.max(1, level.log.requests());
        long outOfOrder = level.granted(ArrivalOrder.UNKNOWN) / MICRO;
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
  void raise(boolean lateArrival) {
    long capacity = level.capacity();
    long step = Math.max(1, capacity / (lateArrival ? LATE_ARRIVAL_PARTS : STEP_PARTS)) * MICRO;
    value = Math.min(value + step, Math.max(1, capacity * MAX_PERCENT / 100) * MICRO);
  }
}
