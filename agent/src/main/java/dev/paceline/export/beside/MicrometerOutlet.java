package dev.paceline.export.beside;

import dev.paceline.export.Outlet;
import dev.paceline.metrics.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The registries that are in one Micrometer's global registry. Each gets meters of its own rather
 * than the composite: what a composite has counted before a registry joins it is lost to that
 * registry, ours start with all that was ever counted.
 */
public final class MicrometerOutlet implements Outlet {
  private final Map<String, String> commonTags;

  /** Weak: a registry that the application has dropped goes. */
  private final Map<MeterRegistry, RegistryMeters> registries = new WeakHashMap<>();

  /**
   * Made reflectively.
   *
   * @param commonTags put on every meter
   */
  public MicrometerOutlet(Map<String, String> commonTags) {
    this.commonTags = commonTags;
  }

  @Override
  public void publish(List<Meter> meters) {
    for (MeterRegistry registry : leaves()) {
      registries
          .computeIfAbsent(
              registry, any -> new RegistryMeters(commonTags, isOpenTelemetrys(registry)))
          .publish(meters, registry);
    }
  }

  @Override
  public void withdraw() {
    registries.forEach((registry, meters) -> meters.withdraw(registry));
    registries.clear();
  }

  @Override
  public boolean reachesOpenTelemetry() {
    return leaves().stream().anyMatch(MicrometerOutlet::isBridge);
  }

  /** The OpenTelemetry agent's registry, the one of OpenTelemetry's library, Micrometer's OTLP. */
  private static boolean isBridge(MeterRegistry registry) {
    String name = registry.getClass().getSimpleName();
    return isOpenTelemetrys(registry) || name.contains("OtlpMeterRegistry");
  }

  private static boolean isOpenTelemetrys(MeterRegistry registry) {
    return registry.getClass().getSimpleName().contains("OpenTelemetryMeterRegistry");
  }

  private static Set<MeterRegistry> leaves() {
    Set<MeterRegistry> leaves = new HashSet<>();
    collect(Metrics.globalRegistry, leaves);
    return leaves;
  }

  private static void collect(CompositeMeterRegistry composite, Set<MeterRegistry> leaves) {
    for (MeterRegistry registry : composite.getRegistries()) {
      if (registry instanceof CompositeMeterRegistry inner) {
        collect(inner, leaves);
      } else {
        leaves.add(registry);
      }
    }
  }
}
