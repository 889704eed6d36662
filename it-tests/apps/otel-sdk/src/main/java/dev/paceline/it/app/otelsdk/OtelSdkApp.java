package dev.paceline.it.app.otelsdk;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An application with an OpenTelemetry SDK of its own, set as the global one when a run {@code
 * x.set} says so: setting it fails if somebody has asked for the global one before.
 */
public final class OtelSdkApp {
  private static final InMemoryMetricReader METRICS = InMemoryMetricReader.create();
  private static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();
  private static final OpenTelemetrySdk SDK =
      OpenTelemetrySdk.builder()
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(METRICS).build())
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(SPANS))
                  .build())
          .build();

  private OtelSdkApp() {}

  /** Follows the commands on stdin. */
  public static void main(String[] args) throws Exception {
    Map<String, Runs.Mode> modes = new LinkedHashMap<>();
    modes.put("load", run -> GlobalOpenTelemetry.class.getName());
    modes.put("set", OtelSdkApp::set);
    modes.put("sync", model -> inSpan(model, JdkApp::syncOverHttp));
    modes.put("sim", model -> inSpan(model, JdkApp::syncWithSim));
    modes.put("metrics", run -> metrics());
    modes.put("spans", run -> spans());
    Runs.main(args, modes);
  }

  private static String set(String run) {
    GlobalOpenTelemetry.set(SDK);
    return "set";
  }

  private static String inSpan(String model, Runs.Mode mode) throws Exception {
    Span span = SDK.getTracer("application").spanBuilder("chat").startSpan();
    try (Scope scope = span.makeCurrent()) {
      return mode.call(model);
    } finally {
      span.end();
    }
  }

  /** As Prometheus would show them. */
  private static String metrics() {
    return METRICS.collectAllMetrics().stream()
        .flatMap(OtelSdkApp::samples)
        .collect(Collectors.joining("\n"));
  }

  private static Stream<String> samples(MetricData metric) {
    String name =
        metric.getName().replace('.', '_') + (metric.getUnit().equals("s") ? "_seconds" : "");
    Stream<String> sums =
        metric.getLongSumData().getPoints().stream()
            .map(point -> name + "_total{" + labels(point) + "} " + point.getValue());
    Stream<String> gauges =
        metric.getDoubleGaugeData().getPoints().stream()
            .map(point -> name + "{" + labels(point) + "} " + point.getValue());
    Stream<String> histograms =
        metric.getHistogramData().getPoints().stream().flatMap(point -> samples(name, point));
    return Stream.of(sums, gauges, histograms).flatMap(lines -> lines);
  }

  private static Stream<String> samples(String name, HistogramPointData point) {
    String labels = labels(point);
    List<String> lines = new ArrayList<>();
    long upTo = 0;
    for (int i = 0; i < point.getCounts().size(); i++) {
      upTo += point.getCounts().get(i);
      String bound =
          i < point.getBoundaries().size() ? point.getBoundaries().get(i).toString() : "+Inf";
      String comma = labels.isEmpty() ? "" : ",";
      lines.add(name + "_bucket{" + labels + comma + "le=\"" + bound + "\"} " + upTo);
    }
    lines.add(name + "_count{" + labels + "} " + point.getCount());
    lines.add(name + "_sum{" + labels + "} " + point.getSum());
    return lines.stream();
  }

  private static String labels(PointData point) {
    return point.getAttributes().asMap().entrySet().stream()
        .map(label -> label.getKey().getKey() + "=\"" + label.getValue() + "\"")
        .collect(Collectors.joining(","));
  }

  private static String spans() {
    return SPANS.getFinishedSpanItems().stream()
        .map(OtelSdkApp::span)
        .collect(Collectors.joining("\n"));
  }

  private static String span(SpanData span) {
    return span.getName()
        + " id="
        + span.getSpanId()
        + " parent="
        + span.getParentSpanId()
        + " millis="
        + (span.getEndEpochNanos() - span.getStartEpochNanos()) / 1_000_000
        + " "
        + span.getAttributes()
        + " "
        + span.getEvents().stream().map(event -> event.getName() + event.getAttributes()).toList();
  }
}
