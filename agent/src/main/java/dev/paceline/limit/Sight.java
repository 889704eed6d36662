package dev.paceline.limit;

import dev.paceline.words.Limit;

/** What one served attempt's header showed of one limit, and how that limit is counted. */
public final class Sight {
  private static final long FINE = 5 * Exact.MILLI;

  final Limit limit;

  /** When the attempt was let go. */
  final long sent;

  final long charge;
  final long max;
  final long remaining;

  /** Nanoseconds until it is whole; -1 for not announced. */
  final long reset;

  /** By how much the reset may be wrong. */
  final long grain;

  final Kind kind;
  final long window;

  /** Whether the window was seen, not assumed. */
  final boolean windowSeen;

  /** Units that are there when nothing is used. */
  final long capacity;

  Sight(
      Limit limit,
      long sent,
      long charge,
      long max,
      long remaining,
      long reset,
      long grain,
      Kind kind,
      long window,
      boolean windowSeen,
      long capacity) {
    this.limit = limit;
    this.sent = sent;
    this.charge = charge;
    this.max = max;
    this.remaining = remaining;
    this.reset = reset;
    this.grain = grain;
    this.kind = kind;
    this.window = window;
    this.windowSeen = windowSeen;
    this.capacity = capacity;
  }

  /**
   * Whether the time until the bucket is full tells its level to a fraction of a unit: that is what
   * tells a neighbour's call from a relative's.
   */
  boolean exact() {
    if (kind != Kind.CONTINUOUS || !windowSeen || capacity != max || reset <= 0 || grain > FINE) {
      return false;
    }
    return Math.abs(fine() - remaining * Exact.MICRO) <= 3 * Exact.MICRO / 2;
  }

  private long fine() {
    return max * Exact.MICRO - Exact.mulDiv(reset, max * Exact.MICRO, window);
  }

  /** What is left, in millionths. */
  long level() {
    return exact() ? fine() : remaining * Exact.MICRO;
  }
}
