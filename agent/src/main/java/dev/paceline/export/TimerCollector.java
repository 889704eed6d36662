package dev.paceline.export;

import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.Meter;
import dev.paceline.metrics.Metric;
import dev.paceline.metrics.Reading;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MetricType;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Shows one histogram's own buckets as a classic histogram. Micrometer's API has no histogram that
 * is pulled: a {@code FunctionTimer} has a count and a sum only, and a {@code Timer} would have to
 * be written on the hot path.
 */
final class TimerCollector implements Collector {
  private final CallMetrics metrics;
  private final Metric metric;
  private final Map<String, String> commonTags;
  private final MetricMetadata metadata;

  TimerCollector(CallMetrics metrics, Metric metric, Map<String, String> commonTags) {
    this.metrics = metrics;
    this.metric = metric;
    this.commonTags = commonTags;
    // The name that Micrometer would give it.
    String name = metric.id().replace('.', '_').toLowerCase(Locale.ROOT);
    this.metadata =
        metric.kind() == Metric.Kind.TIMER
            ? new MetricMetadata(name + "_seconds", metric.description(), Unit.SECONDS)
            : new MetricMetadata(name, metric.description());
  }

  @Override
  public HistogramSnapshot collect() {
    return new HistogramSnapshot(
        metadata,
        metrics.meters().stream()
            .filter(meter -> meter.metric() == metric)
            .map(this::dataPoint)
            .toList());
  }

  /** Lets the registry refuse a second collector of this name. */
  @Override
  public MetricFamilyDescriptor getMetricFamilyDescriptor() {
    return MetricFamilyDescriptor.of(MetricType.HISTOGRAM, metadata, Set.of());
  }

  private HistogramDataPointSnapshot dataPoint(Meter meter) {
    Reading.Distribution reading = (Reading.Distribution) meter.read();
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    long below = 0;
    for (Reading.Bucket bucket : reading.buckets()) {
      // The library adds them up itself.
      buckets.bucket(bucket.boundSeconds(), bucket.count() - below);
      below = bucket.count();
    }
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(buckets.build())
        .sum(reading.sumSeconds())
        .labels(labels(meter))
        .build();
  }

  private Labels labels(Meter meter) {
    Labels.Builder labels = Labels.builder();
    commonTags.forEach(labels::label);
    meter.tags().forEach(labels::label);
    return labels.build();
  }
}
