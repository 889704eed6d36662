package dev.paceline.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * All meters there are. Asking twice for a meter gives the same one, so two threads that see a
 * model first do not split its counts.
 *
 * <p>Here and in its callers lambdas, hashed records and {@code +} on strings are left out on
 * purpose: the application's first call comes by, and in a young JVM the first use of each costs
 * tens of milliseconds (measured: 120 to 220 ms in all).
 */
final class Meters {
  private final Map<Metric, Map<List<String>, Meter>> meters = new EnumMap<>(Metric.class);

  Meters() {
    for (Metric metric : Metric.values()) {
      meters.put(metric, new ConcurrentHashMap<>());
    }
  }

  LongAdder counter(Metric metric, String... values) {
    List<String> tags = tags(metric, values);
    Meter known = of(metric).get(tags);
    return (known != null ? known : keep(Meter.counter(metric, tags))).adder();
  }

  void gauge(Metric metric, DoubleSupplier level, String... values) {
    keep(Meter.gauge(metric, tags(metric, values), level));
  }

  Buckets timer(Metric metric, double[] boundsSeconds, String... values) {
    List<String> tags = tags(metric, values);
    Meter known = of(metric).get(tags);
    return (known != null ? known : keep(Meter.timer(metric, tags, boundsSeconds))).buckets();
  }

  /** A histogram of what is no duration. */
  Buckets histogram(Metric metric, double[] bounds, double scale, String... values) {
    List<String> tags = tags(metric, values);
    Meter known = of(metric).get(tags);
    return (known != null ? known : keep(Meter.histogram(metric, tags, bounds, scale))).buckets();
  }

  /**
   * One counter for each value of the metric's last tag, which must be a closed one; {@code values}
   * are those of the tags before it.
   */
  LongAdder[] counters(Metric metric, String... values) {
    List<String> last = metric.keys().get(metric.keys().size() - 1).values();
    LongAdder[] adders = new LongAdder[last.size()];
    for (int i = 0; i < adders.length; i++) {
      String[] all = Arrays.copyOf(values, values.length + 1);
      all[values.length] = last.get(i);
      adders[i] = counter(metric, all);
    }
    return adders;
  }

  List<Meter> all() {
    List<Meter> all = new ArrayList<>();
    for (Map<List<String>, Meter> ofMetric : meters.values()) {
      all.addAll(ofMetric.values());
    }
    return all;
  }

  private Meter keep(Meter meter) {
    Meter earlier = of(meter.metric()).putIfAbsent(meter.values(), meter);
    return earlier != null ? earlier : meter;
  }

  private Map<List<String>, Meter> of(Metric metric) {
    Map<List<String>, Meter> found = meters.get(metric);
    if (found == null) {
      throw new IllegalStateException(metric.id());
    }
    return found;
  }

  private static List<String> tags(Metric metric, String... values) {
    if (values.length != metric.keys().size()) {
      throw new IllegalArgumentException(metric.id());
    }
    return List.of(values);
  }
}
