package dev.paceline.export;

import dev.paceline.metrics.Reading;
import java.util.List;

/**
 * Tells a histogram of another library what one of ours has gained since it was last told: as many
 * durations in each bucket, with the same sum. So a registry that is attached late, or long after
 * the first call, has lost nothing, and the application's threads write our adders only.
 *
 * <p>The single durations are made up, evenly stretched over their buckets until the sum is right.
 */
public final class Replay {
  /** Keeps a value off its bucket's edges, which belong to the neighbour. */
  private static final double INSIDE = 1e-6;

  /** Where the durations go. */
  public interface Histogram {
    /** Records one duration. */
    void record(double seconds);
  }

  private long[] seen = {};
  private double sum;

  /** Records into {@code histogram} what {@code now} has more than the reading before. */
  public void advance(Reading.Distribution now, Histogram histogram) {
    List<Reading.Bucket> buckets = now.buckets();
    if (seen.length != buckets.size()) {
      seen = new long[buckets.size()];
      sum = 0;
    }
    long[] gained = gained(buckets);
    double gainedSum = now.sumSeconds() - sum;
    double least = 0;
    double most = 0;
    for (int i = 0; i < gained.length; i++) {
      least += gained[i] * low(buckets, i);
      most += gained[i] * high(buckets, i);
    }
    int last = gained.length - 1;
    double beyond = 0;
    if (gained[last] > 0 && gainedSum > most) {
      beyond = (gainedSum - most) / gained[last]; // the last bucket has no bound
    }
    double part = most > least ? (gainedSum - least) / (most - least) : INSIDE;
    part = Math.max(INSIDE, Math.min(1 - INSIDE, part));
    for (int i = 0; i < gained.length; i++) {
      double low = low(buckets, i);
      double value = low + part * (high(buckets, i) - low) + (i == last ? beyond : 0);
      for (long n = 0; n < gained[i]; n++) {
        histogram.record(value);
      }
      seen[i] += gained[i];
      // What was recorded, not what was asked for: the rest is made good the next time.
      sum += gained[i] * value;
    }
  }

  private long[] gained(List<Reading.Bucket> buckets) {
    long[] gained = new long[buckets.size()];
    long below = 0;
    for (int i = 0; i < gained.length; i++) {
      long upTo = buckets.get(i).count();
      gained[i] = Math.max(0, upTo - below - seen[i]);
      below = upTo;
    }
    return gained;
  }

  private static double low(List<Reading.Bucket> buckets, int i) {
    return i == 0 ? 0 : buckets.get(i - 1).boundSeconds();
  }

  private static double high(List<Reading.Bucket> buckets, int i) {
    double bound = buckets.get(i).boundSeconds();
    return Double.isInfinite(bound) ? 2 * Math.max(low(buckets, i), INSIDE) : bound;
  }
}
