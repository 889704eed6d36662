package dev.paceline.metrics;

import java.util.Map;

/**
 * A series and what it said at one instant.
 *
 * @param name the metric's dotted name
 * @param description one sentence
 * @param kind what sort of number it is
 * @param tags names and values of its tags, in the catalogue's order
 * @param reading the value or values
 */
public record MeterView(
    String name, String description, Metric.Kind kind, Map<String, String> tags, Reading reading) {

  static MeterView of(Meter meter) {
    Metric metric = meter.metric();
    return new MeterView(
        metric.id(), metric.description(), metric.kind(), meter.tags(), meter.read());
  }
}
