package dev.paceline.it.app.otelsdk;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.LinkedHashMap;
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
    modes.put("sync", OtelSdkApp::inSpan);
    modes.put("metrics", run -> metrics());
    modes.put("spans", run -> spans());
    Runs.main(args, modes);
  }

  private static String set(String run) {
    GlobalOpenTelemetry.set(SDK);
    return "set";
  }

  private static String inSpan(String model) throws Exception {
    Span span = SDK.getTracer("application").spanBuilder("chat").startSpan();
    try (Scope scope = span.makeCurrent()) {
      return JdkApp.syncOverHttp(model);
    } finally {
      span.end();
    }
  }

  private static String metrics() {
    return METRICS.collectAllMetrics().stream()
        .flatMap(OtelSdkApp::points)
        .collect(Collectors.joining("\n"));
  }

  private static Stream<String> points(MetricData metric) {
    Stream<String> sums =
        metric.getLongSumData().getPoints().stream()
            .map(point -> point.getAttributes() + " " + point.getValue());
    Stream<String> gauges =
        metric.getDoubleGaugeData().getPoints().stream()
            .map(point -> point.getAttributes() + " " + point.getValue());
    Stream<String> histograms =
        metric.getHistogramData().getPoints().stream()
            .map(point -> point.getAttributes() + " " + point.getCount());
    return Stream.of(sums, gauges, histograms)
        .flatMap(lines -> lines)
        .map(line -> metric.getName() + line);
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
