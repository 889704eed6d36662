package dev.paceline.metrics;

import dev.paceline.call.CallListener.Remedy;
import dev.paceline.words.Failure;
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

  /** From here on one for each {@link Failure}. */
  static final int FAILED = WAITS + WAIT_BUCKETS;

  static final int ANSWER_BUCKETS = Buckets.ANSWER_SECONDS.length + 1;

  /** From here on one for each bucket of {@link Buckets#ANSWER_SECONDS}: as the caller saw it. */
  static final int TOTAL_TIMES = FAILED + Failure.values().length;

  /** The same without the waits. */
  static final int OWN_TIMES = TOTAL_TIMES + ANSWER_BUCKETS;

  static final int SIZE = OWN_TIMES + ANSWER_BUCKETS;

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

  /** The wait, in seconds, that this part of the waits did not exceed; 0 when there was none. */
  static double percentile(long[] row, double part) {
    return percentile(row, WAITS, Buckets.WAIT_SECONDS, part);
  }

  /** The same of {@link #TOTAL_TIMES} or {@link #OWN_TIMES}. */
  static double answerTime(long[] row, int times, double part) {
    return percentile(row, times, Buckets.ANSWER_SECONDS, part);
  }

  /** Evenly spread within a bucket. Beyond the last bound it is that bound. */
  private static double percentile(long[] row, int at, double[] bounds, double part) {
    long count = 0;
    for (int i = 0; i <= bounds.length; i++) {
      count += row[at + i];
    }
    if (count == 0) {
      return 0;
    }
    double rank = part * count;
    double below = 0;
    for (int i = 0; i < bounds.length; i++) {
      long here = row[at + i];
      if (here > 0 && below + here >= rank) {
        double from = i == 0 ? 0 : bounds[i - 1];
        return from + (bounds[i] - from) * Math.max(0, rank - below) / here;
      }
      below += here;
    }
    return bounds[bounds.length - 1];
  }
}
