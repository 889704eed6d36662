package dev.paceline.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * One series: a metric with the values of its tags, and a live number behind it. Lives as long as
 * the {@link CallMetrics} it came from.
 */
public final class Meter {
  private final Metric metric;
  private final List<String> values;
  private final Source source;

  private Meter(Metric metric, List<String> values, Source source) {
    this.metric = metric;
    this.values = values;
    this.source = source;
  }

  static Meter counter(Metric metric, List<String> values) {
    return new Meter(metric, values, new Count(new LongAdder()));
  }

  static Meter gauge(Metric metric, List<String> values, DoubleSupplier level) {
    return new Meter(metric, values, new Level(level));
  }

  static Meter timer(Metric metric, List<String> values, double[] boundsSeconds) {
    return new Meter(metric, values, new Timed(new Buckets(boundsSeconds)));
  }

  static Meter histogram(Metric metric, List<String> values, double[] bounds, double scale) {
    return new Meter(metric, values, new Timed(new Buckets(bounds, scale)));
  }

  /** Which metric this is a series of. */
  public Metric metric() {
    return metric;
  }

  /** The tags' values, in the order of {@link Metric#keys()}. */
  public List<String> values() {
    return values;
  }

  /** Tag names and values, in the order of {@link Metric#keys()}. */
  public Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      tags.put(metric.keys().get(i).name(), values.get(i));
    }
    return tags;
  }

  /** What it says now. */
  public Reading read() {
    return source.read();
  }

  LongAdder adder() {
    return ((Count) source).adder;
  }

  Buckets buckets() {
    return ((Timed) source).buckets;
  }

  private sealed interface Source {
    Reading read();
  }

  private record Count(LongAdder adder) implements Source {
    @Override
    public Reading read() {
      return new Reading.Value(adder.sum());
    }
  }

  private record Level(DoubleSupplier level) implements Source {
    @Override
    public Reading read() {
      return new Reading.Value(level.getAsDouble());
    }
  }

  private record Timed(Buckets buckets) implements Source {
    @Override
    public Reading read() {
      return buckets.read();
    }
  }
}
