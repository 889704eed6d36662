package dev.paceline.export.beside;

import dev.paceline.export.Replay;
import dev.paceline.metrics.Meter;
import dev.paceline.metrics.Metric;
import dev.paceline.metrics.Reading;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.DoubleHistogramBuilder;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The catalogue as instruments of one OpenTelemetry meter: counters and gauges are observed
 * whenever the SDK collects, with all series that exist then; a histogram, which OpenTelemetry can
 * only be pushed, is told by each {@link #publish} what is new.
 */
final class Instruments {
  private final Supplier<List<Meter>> source;
  private final Map<String, String> commonTags;
  private final io.opentelemetry.api.metrics.Meter meter;
  private final List<AutoCloseable> observers = new ArrayList<>();
  private final Map<Meter, Attributes> attributes = new ConcurrentHashMap<>();
  private final Map<Metric, DoubleHistogram> histograms = new EnumMap<>(Metric.class);
  private final Map<Meter, Replay> replays = new HashMap<>();

  Instruments(
      io.opentelemetry.api.metrics.Meter meter,
      Supplier<List<Meter>> source,
      Map<String, String> commonTags) {
    this.meter = meter;
    this.source = source;
    this.commonTags = commonTags;
    for (Metric metric : Metric.values()) {
      switch (metric.kind()) {
        case COUNTER ->
            observers.add(
                meter
                    .counterBuilder(metric.id())
                    .setDescription(metric.description())
                    .buildWithCallback(measurement -> observe(metric, measurement)));
        case GAUGE ->
            observers.add(
                meter
                    .gaugeBuilder(metric.id())
                    .setDescription(metric.description())
                    .buildWithCallback(measurement -> observe(metric, measurement)));
        case TIMER, HISTOGRAM -> {}
      }
    }
  }

  void publish(List<Meter> meters) {
    for (Meter ours : meters) {
      if (ours.metric().distributes() && ours.read() instanceof Reading.Distribution now) {
        DoubleHistogram histogram =
            histograms.computeIfAbsent(ours.metric(), any -> histogram(ours.metric(), now));
        Attributes tags = attributes(ours);
        replays
            .computeIfAbsent(ours, any -> new Replay())
            .advance(now, seconds -> histogram.record(seconds, tags));
      }
    }
  }

  void close() {
    for (AutoCloseable observer : observers) {
      try {
        observer.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private DoubleHistogram histogram(Metric metric, Reading.Distribution now) {
    DoubleHistogramBuilder builder =
        meter.histogramBuilder(metric.id()).setDescription(metric.description());
    if (metric.kind() == Metric.Kind.TIMER) {
      builder.setUnit("s");
    }
    List<Double> bounds = new ArrayList<>();
    for (Reading.Bucket bucket : now.buckets()) {
      if (!Double.isInfinite(bucket.boundSeconds())) {
        bounds.add(bucket.boundSeconds());
      }
    }
    return builder.setExplicitBucketBoundariesAdvice(bounds).build();
  }

  private void observe(Metric metric, ObservableLongMeasurement measurement) {
    for (Meter ours : source.get()) {
      if (ours.metric() == metric) {
        measurement.record((long) ours.read().number(), attributes(ours));
      }
    }
  }

  private void observe(Metric metric, ObservableDoubleMeasurement measurement) {
    for (Meter ours : source.get()) {
      if (ours.metric() == metric) {
        measurement.record(ours.read().number(), attributes(ours));
      }
    }
  }

  private Attributes attributes(Meter ours) {
    return attributes.computeIfAbsent(ours, this::newAttributes);
  }

  private Attributes newAttributes(Meter ours) {
    AttributesBuilder builder = Attributes.builder();
    commonTags.forEach(builder::put);
    ours.tags().forEach(builder::put);
    return builder.build();
  }
}
