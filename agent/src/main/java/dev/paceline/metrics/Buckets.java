package dev.paceline.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** A histogram with fixed buckets, of durations or of other sizes. Writing it allocates nothing. */
final class Buckets {
  /** For waits: up to the longest wait that the defaults allow, and twice that. */
  static final double[] WAIT_SECONDS = {.01, .1, .5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300};

  /** For answers, from the fastest embedding to the slowest reasoning. */
  static final double[] ANSWER_SECONDS = {.1, .25, .5, 1, 2, 5, 10, 20, 30, 60, 120, 300};

  /** For our own time: 10 µs to 10 ms. */
  static final double[] OVERHEAD_SECONDS = {
    .00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01
  };

  /** For the size of requests: a one-line prompt to the largest contexts. */
  static final double[] TOKENS = {
    16, 64, 256, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 1_000_000
  };

  /** For what something did cost, as a multiple of what was expected. */
  static final double[] RATIOS = {.5, .8, .9, .95, 1, 1.05, 1.1, 1.25, 1.5, 2, 5};

  private static final double NANOS = 1e9;

  private final double scale;
  private final double[] boundsSeconds;
  private final long[] boundsNanos;
  private final LongAdder[] counts;
  private final LongAdder sumNanos = new LongAdder();

  Buckets(double[] boundsSeconds) {
    this(boundsSeconds, NANOS);
  }

  /**
   * @param scale how many of what is recorded make one unit of the bounds
   */
  Buckets(double[] boundsSeconds, double scale) {
    this.scale = scale;
    this.boundsSeconds = boundsSeconds;
    this.boundsNanos = new long[boundsSeconds.length];
    this.counts = new LongAdder[boundsSeconds.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
    for (int i = 0; i < boundsNanos.length; i++) {
      boundsNanos[i] = Math.round(boundsSeconds[i] * scale);
    }
  }

  /** Negative durations, which a clock that steps back can make, count as 0. */
  void record(long nanos) {
    long duration = Math.max(0, nanos);
    int i = 0;
    while (i < boundsNanos.length && duration > boundsNanos[i]) {
      i++;
    }
    counts[i].increment();
    sumNanos.add(duration);
  }

  /** Adds how many fell into each bucket from {@code at} on. */
  void addTo(long[] totals, int at) {
    for (int i = 0; i < counts.length; i++) {
      totals[at + i] += counts[i].sum();
    }
  }

  /** The sum of all durations in milliseconds. */
  long sumMillis() {
    return sumNanos.sum() / 1_000_000;
  }

  Reading.Distribution read() {
    List<Reading.Bucket> buckets = new ArrayList<>(counts.length);
    long below = 0;
    for (int i = 0; i < counts.length; i++) {
      // The count is the sum of the buckets, never a counter of its own: a scrape between two
      // writes would see them differ.
      below += counts[i].sum();
      double bound = i < boundsSeconds.length ? boundsSeconds[i] : Double.POSITIVE_INFINITY;
      buckets.add(new Reading.Bucket(bound, below));
    }
    return new Reading.Distribution(below, sumNanos.sum() / scale, buckets);
  }
}
