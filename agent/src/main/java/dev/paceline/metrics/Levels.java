package dev.paceline.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * The gauges of one metric whose values {@link History} works out at each look. Written by one
 * thread at a time.
 */
final class Levels {
  private final Meters meters;
  private final Metric metric;
  private final Map<List<String>, Shown> levels = new ConcurrentHashMap<>();

  Levels(Meters meters, Metric metric) {
    this.meters = meters;
    this.metric = metric;
  }

  /**
   * @param now values by tags. What was shown before and is not named now is 0: a limit that nobody
   *     tells of any more must not look saturated for ever
   */
  void show(Map<List<String>, Double> now) {
    for (List<String> key : now.keySet()) {
      if (!levels.containsKey(key)) {
        Shown level = new Shown();
        levels.put(key, level);
        meters.gauge(metric, level, key.toArray(new String[0]));
      }
    }
    levels.forEach((key, level) -> level.value = now.getOrDefault(key, 0.0));
  }

  private static final class Shown implements DoubleSupplier {
    private volatile double value;

    @Override
    public double getAsDouble() {
      return value;
    }
  }
}
