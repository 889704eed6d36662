package dev.paceline.export.beside;

import dev.paceline.export.Replay;
import dev.paceline.metrics.Meter;
import dev.paceline.metrics.Metric;
import dev.paceline.metrics.Reading;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Our meters in one registry: counters and gauges are pulled from our adders whenever the registry
 * likes; a timer or a summary, which Micrometer can only be pushed, is told by each {@link
 * #publish} what is new.
 */
final class RegistryMeters {
  private static final double NANOS = 1e9;

  private final Map<String, String> commonTags;
  private final Map<Meter, io.micrometer.core.instrument.Meter> registered = new HashMap<>();
  private final Map<Meter, Replay> replays = new HashMap<>();

  private final boolean fractions;

  /**
   * @param commonTags put on every series
   * @param fractions whether the registry puts a value between two whole numbers into the bucket
   *     where it belongs. Micrometer's own histograms (1.17.2 and older) round it up first
   *     (TimeWindowFixedBoundaryHistogram.recordDouble): of a ratio of .7 and one of 1.02 they
   *     would tell 1 and 2, so they get no buckets, only count and sum
   */
  RegistryMeters(Map<String, String> commonTags, boolean fractions) {
    this.commonTags = commonTags;
    this.fractions = fractions;
  }

  void publish(List<Meter> meters, MeterRegistry registry) {
    for (Meter meter : meters) {
      io.micrometer.core.instrument.Meter known = registered.get(meter);
      if (known == null) {
        known = register(meter, registry);
        registered.put(meter, known);
      }
      if (meter.read() instanceof Reading.Distribution now) {
        Replay replay = replays.computeIfAbsent(meter, any -> new Replay());
        if (known instanceof Timer timer) {
          replay.advance(now, seconds -> timer.record(duration(seconds)));
        } else if (known instanceof DistributionSummary summary) {
          replay.advance(now, summary::record);
        }
      }
    }
  }

  void withdraw(MeterRegistry registry) {
    registered.values().forEach(registry::remove);
    registered.clear();
    replays.clear();
  }

  private io.micrometer.core.instrument.Meter register(Meter meter, MeterRegistry registry) {
    Metric metric = meter.metric();
    Tags tags = tags(meter);
    return switch (metric.kind()) {
      // The state is the meter, which its CallMetrics holds for good: Micrometer holds it weakly.
      case COUNTER ->
          FunctionCounter.builder(metric.id(), meter, m -> m.read().number())
              .description(metric.description())
              .tags(tags)
              .register(registry);
      case GAUGE ->
          Gauge.builder(metric.id(), meter, m -> m.read().number())
              .description(metric.description())
              .tags(tags)
              .register(registry);
      case TIMER ->
          Timer.builder(metric.id())
              .description(metric.description())
              .tags(tags)
              .serviceLevelObjectives(
                  Arrays.stream(bounds(meter))
                      .mapToObj(RegistryMeters::duration)
                      .toArray(Duration[]::new))
              .register(registry);
      case HISTOGRAM ->
          DistributionSummary.builder(metric.id())
              .description(metric.description())
              .tags(tags)
              .serviceLevelObjectives(summaryBounds(meter))
              .register(registry);
    };
  }

  private Tags tags(Meter meter) {
    Tags tags = Tags.empty();
    for (Map.Entry<String, String> tag : commonTags.entrySet()) {
      tags = tags.and(tag.getKey(), tag.getValue());
    }
    for (Map.Entry<String, String> tag : meter.tags().entrySet()) {
      tags = tags.and(tag.getKey(), tag.getValue());
    }
    return tags;
  }

  private double[] summaryBounds(Meter meter) {
    double[] bounds = bounds(meter);
    boolean whole = Arrays.stream(bounds).allMatch(bound -> bound == Math.rint(bound));
    return whole || fractions ? bounds : new double[0];
  }

  private static double[] bounds(Meter meter) {
    return meter.read() instanceof Reading.Distribution now
        ? now.buckets().stream()
            .mapToDouble(Reading.Bucket::boundSeconds)
            .filter(bound -> !Double.isInfinite(bound))
            .toArray()
        : new double[0];
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos(Math.round(seconds * NANOS));
  }
}
