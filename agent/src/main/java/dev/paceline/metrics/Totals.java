package dev.paceline.metrics;

import dev.paceline.call.CallListener.Remedy;
import dev.paceline.words.Limit;

/** Where in a row of numbers {@link History} keeps what. */
final class Totals {
  static final int CALLS = 0;
  static final int ATTEMPTS = 1;

  /** Attempts answered with 500 or above. */
  static final int SERVER_ERRORS = 2;

  static final int RETRIES = 3;
  static final int GIVE_UPS = 4;
  static final int REPEATED = 5;
  static final int WAIT_MILLIS = 6;

  /** From here on one for each {@link Limit}: answers of the provider. */
  static final int LIMITED = 7;

  /** From here on one for each {@link Remedy}. */
  static final int AVOIDABLE = LIMITED + Limit.values().length;

  /** From here on one for each bucket of {@link Buckets#WAIT_SECONDS}, and one for longer waits. */
  static final int WAITS = AVOIDABLE + Remedy.values().length;

  static final int WAIT_BUCKETS = Buckets.WAIT_SECONDS.length + 1;
  static final int SIZE = WAITS + WAIT_BUCKETS;

  private Totals() {}

  /** How many waits ended. */
  static long waits(long[] row) {
    return waitsFrom(row, 0);
  }

  /** How many waits took at least so many seconds, which must be a bound of the buckets. */
  static long waitsFrom(long[] row, double seconds) {
    long waits = 0;
    for (int i = 0; i < WAIT_BUCKETS; i++) {
      if (i == 0 ? seconds <= 0 : Buckets.WAIT_SECONDS[i - 1] >= seconds) {
        waits += row[WAITS + i];
      }
    }
    return waits;
  }

  /**
   * The wait, in seconds, that this part of the waits did not exceed, evenly spread within a
   * bucket; 0 when there was none. Beyond the last bound it is that bound.
   */
  static double percentile(long[] row, double part) {
    long waits = waits(row);
    if (waits == 0) {
      return 0;
    }
    double rank = part * waits;
    double below = 0;
    for (int i = 0; i < Buckets.WAIT_SECONDS.length; i++) {
      long here = row[WAITS + i];
      if (here > 0 && below + here >= rank) {
        double from = i == 0 ? 0 : Buckets.WAIT_SECONDS[i - 1];
        return from + (Buckets.WAIT_SECONDS[i] - from) * Math.max(0, rank - below) / here;
      }
      below += here;
    }
    return Buckets.WAIT_SECONDS[Buckets.WAIT_SECONDS.length - 1];
  }
}
