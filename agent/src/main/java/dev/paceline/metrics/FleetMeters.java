package dev.paceline.metrics;

import dev.paceline.words.FleetView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * What is counted of the agreement with other processes; its series exist where one is configured.
 * For one thread.
 */
public final class FleetMeters {
  private final CallMetrics metrics;
  private final LongAdder[] exchanges;
  private final Levels members;
  private final Levels shares;

  FleetMeters(CallMetrics metrics, Meters meters, Supplier<FleetView> view) {
    this.metrics = metrics;
    exchanges = meters.counters(Metric.FLEET_EXCHANGES);
    members = new Levels(meters, Metric.FLEET_MEMBERS);
    shares = new Levels(meters, Metric.FLEET_SHARE);
    meters.gauge(Metric.FLEET_UP, () -> view.get().answers() ? 1 : 0);
    meters.gauge(Metric.FLEET_AGE, () -> age(view.get()));
  }

  private static double age(FleetView view) {
    return view.ageMillis() < 0 ? -1 : view.ageMillis() / 1_000.0;
  }

  /** A round trip is over; {@code ok} when it was answered in time. */
  public void exchanged(boolean ok, FleetView view) {
    exchanges[ok ? 0 : 1].increment();
    Map<List<String>, Double> processes = new HashMap<>();
    Map<List<String>, Double> parts = new HashMap<>();
    for (FleetView.Row row : view.scopes()) {
      String provider = metrics.providerTag(row.scope().provider());
      String model = metrics.modelTag(row.scope().model());
      processes.merge(List.of(provider, model), (double) row.members(), Math::max);
      for (FleetView.Split split : row.splits()) {
        parts.merge(List.of(provider, model, split.resource()), split.own(), Math::max);
      }
    }
    members.show(processes);
    shares.show(parts);
  }
}
