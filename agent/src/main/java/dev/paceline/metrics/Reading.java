package dev.paceline.metrics;

import java.util.List;

/** What a meter says at an instant. */
public sealed interface Reading {
  /** A counter's or a gauge's value. */
  record Value(double value) implements Reading {}

  /**
   * A timer's values.
   *
   * @param count how many durations
   * @param sumSeconds their sum
   * @param buckets by rising bound, the last one without bound
   */
  record Distribution(long count, double sumSeconds, List<Bucket> buckets) implements Reading {
    public Distribution {
      buckets = List.copyOf(buckets);
    }
  }

  /**
   * @param boundSeconds upper bound, included; {@link Double#POSITIVE_INFINITY} for the last
   * @param count durations of at most that, smaller buckets included
   */
  record Bucket(double boundSeconds, long count) {}

  /** The value; for a timer the number of durations. */
  default double number() {
    return this instanceof Distribution d ? d.count() : ((Value) this).value();
  }
}
