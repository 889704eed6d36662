package dev.paceline.limit;

/**
 * What is taken of a limit, in twenty bins of a second, by the headers that tell of it: by others,
 * as the part of {@code remaining}'s fall that our own charges do not explain, or by us. Units are
 * millionths.
 */
final class UsageRate {

  /** Seconds that are followed, a bin each. */
  private static final int BINS = 20;

  private final double[] bins = new double[BINS];
  private long second = Long.MIN_VALUE;
  private long since;
  private double sum;

  /** {@code taken}: negative when more was there than thought. */
  void add(long now, double taken) {
    advance(now);
    bins[(int) Math.floorMod(second, (long) BINS)] += taken;
    sum += taken;
  }

  void clear(long now) {
    java.util.Arrays.fill(bins, 0);
    sum = 0;
    second = Math.floorDiv(now, Exact.SECOND);
    since = second;
  }

  private void advance(long now) {
    long to = Math.floorDiv(now, Exact.SECOND);
    if (second == Long.MIN_VALUE) {
      second = to;
      since = to;
    }
    for (int i = 0; i < BINS && second < to; i++) {
      second++;
      int bin = (int) Math.floorMod(second, (long) BINS);
      sum -= bins[bin];
      bins[bin] = 0;
    }
    second = Math.max(second, to);
  }

  /** Taken within the last twenty seconds. */
  double sum(long now) {
    advance(now);
    return sum;
  }

  /** Taken a second, on average. */
  double mean(long now) {
    return sum(now) / seconds();
  }

  /** Mean and one standard deviation a second. */
  double high(long now) {
    double mean = mean(now);
    double squares = 0;
    for (double bin : bins) {
      squares += (bin - mean) * (bin - mean);
    }
    return mean + Math.sqrt(squares / BINS);
  }

  private double seconds() {
    return Exact.clamp(second - since + 1, 3, BINS);
  }
}
