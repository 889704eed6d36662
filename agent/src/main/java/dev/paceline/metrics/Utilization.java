package dev.paceline.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** The gauges of {@link Metric#LIMIT_UTILIZATION}. Written by one thread at a time. */
final class Utilization {
  private final Meters meters;
  private final Map<List<String>, Share> shares = new ConcurrentHashMap<>();

  Utilization(Meters meters) {
    this.meters = meters;
  }

  /**
   * @param used from 0 to 1, by provider, model and limit. What was shown before and is not named
   *     now is 0: a limit that nobody tells of any more must not look saturated for ever
   */
  void show(Map<List<String>, Double> used) {
    for (List<String> key : used.keySet()) {
      if (!shares.containsKey(key)) {
        Share share = new Share();
        shares.put(key, share);
        meters.gauge(Metric.LIMIT_UTILIZATION, share, key.toArray(new String[0]));
      }
    }
    shares.forEach((key, share) -> share.used = used.getOrDefault(key, 0.0));
  }

  private static final class Share implements DoubleSupplier {
    private volatile double used;

    @Override
    public double getAsDouble() {
      return used;
    }
  }
}
