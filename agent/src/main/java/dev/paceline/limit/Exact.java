package dev.paceline.limit;

/** Arithmetic on nanoseconds and millionths of a unit. */
final class Exact {
  /** Levels are kept in millionths of a unit. */
  static final long MICRO = 1_000_000L;

  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;
  static final long MINUTE = 60 * SECOND;
  static final long DAY = 86_400 * SECOND;

  /** Largest figure of a header in units: millionths of it fit into a long. */
  static final long MAX_UNITS = 4_000_000_000L;

  /** "Not by time alone": far away, but safe to add to. */
  static final long NEVER = Long.MAX_VALUE / 4;

  private Exact() {}

  /**
   * {@code a * b / c}, cut, for values that are not negative. A product beyond 63 bits (a day's
   * tokens) is computed with 53 bits' precision; beyond the range it is {@link #NEVER}.
   */
  static long mulDiv(long a, long b, long c) {
    if (a <= 0 || b <= 0 || c <= 0) {
      return 0;
    }
    if (Math.multiplyHigh(a, b) == 0 && a * b >= 0) {
      return a * b / c;
    }
    double value = (double) a * b / c;
    return value >= NEVER ? NEVER : (long) value;
  }

  static long clamp(long value, long low, long high) {
    return Math.max(low, Math.min(high, value));
  }
}
