package dev.paceline.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * All meters there are. Asking twice for a meter gives the same one, so two threads that see a
 * model first do not split its counts.
 */
final class Meters {
  private final Map<Id, Meter> meters = new ConcurrentHashMap<>();

  LongAdder counter(Metric metric, String... values) {
    return of(metric, values, id -> Meter.counter(id.metric, id.values)).adder();
  }

  void gauge(Metric metric, LongSupplier level, String... values) {
    of(metric, values, id -> Meter.gauge(id.metric, id.values, level));
  }

  Buckets timer(Metric metric, double[] boundsSeconds, String... values) {
    return of(metric, values, id -> Meter.timer(id.metric, id.values, boundsSeconds)).buckets();
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
    return new ArrayList<>(meters.values());
  }

  private Meter of(Metric metric, String[] values, Function<Id, Meter> make) {
    if (values.length != metric.keys().size()) {
      throw new IllegalArgumentException(metric + " has " + metric.keys().size() + " tags");
    }
    return meters.computeIfAbsent(new Id(metric, List.of(values)), make);
  }

  private record Id(Metric metric, List<String> values) {}
}
