package dev.paceline.export;

import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.Exposition;
import dev.paceline.metrics.Meter;
import dev.paceline.metrics.Metric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the adders through Micrometer's Prometheus registry, as meters that are pulled: nothing
 * is counted twice, and nothing is lost between an event and the registry's birth. The registry is
 * made by the first {@link #render}, for Micrometer costs about 150 ms cold.
 */
public final class MicrometerExport implements Exposition {
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final CallMetrics metrics;
  private final Map<String, String> commonTags;
  private final String version;

  /**
   * One scrape at a time: a hundred in parallel must not take more than one processor from the
   * application.
   */
  private final ReentrantLock scraping = new ReentrantLock();

  /**
   * What is registered. Held here because Micrometer holds the state of pulled meters weakly, and a
   * collected one reads 0 or NaN.
   */
  private final Set<Meter> bound = new HashSet<>();

  private @Nullable PrometheusMeterRegistry registry;

  /**
   * @param metrics what to publish
   * @param commonTags put on every series ({@code paceline.metrics.tags}); a name that a series
   *     uses itself is left out, and so are the names that Prometheus keeps for itself
   * @param version the agent's version, for {@code paceline_build_info}
   */
  public MicrometerExport(CallMetrics metrics, Map<String, String> commonTags, String version) {
    this.metrics = metrics;
    this.commonTags = Map.copyOf(commonTags);
    this.version = version;
  }

  /**
   * OpenMetrics 1.0 when asked for, text 0.0.4 otherwise; never protobuf, which only carries native
   * histograms and exemplars that we do not have.
   *
   * @throws RuntimeException when the Prometheus library cannot start, such as with broken {@code
   *     io.prometheus} settings of the application
   */
  @Override
  public Page render(String accept) {
    String contentType = accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
    scraping.lock();
    try {
      PrometheusMeterRegistry current = current();
      bindNewMeters(current);
      current.scrape(out, contentType);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      scraping.unlock();
    }
    return new Page(contentType, out.toByteArray());
  }

  private PrometheusMeterRegistry current() {
    PrometheusMeterRegistry current = registry;
    if (current == null) {
      current = open();
      registry = current;
    }
    return current;
  }

  private PrometheusMeterRegistry open() {
    SilentLogging.install();
    PrometheusMeterRegistry opened = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Map<String, String> tags = allowed(opened);
    opened
        .config()
        .commonTags(
            tags.entrySet().stream()
                .map(tag -> Tag.of(tag.getKey(), tag.getValue()))
                .collect(Collectors.toList()));
    Gauge.builder("paceline.build.info", () -> 1)
        .description("Which agent runs on which Java; always 1")
        .tag("version", version)
        .tag("java", System.getProperty("java.version", "unknown"))
        .register(opened);
    for (Metric metric : Metric.values()) {
      if (metric.distributes()) {
        opened.getPrometheusRegistry().register(new TimerCollector(metrics, metric, tags));
      }
    }
    return opened;
  }

  /**
   * Names as Prometheus will show them, so that {@code service-name} and {@code service_name} do
   * not meet as duplicates in one series.
   */
  private Map<String, String> allowed(MeterRegistry opened) {
    Set<String> taken = new LinkedHashSet<>(Set.of("le", "quantile", "version", "java"));
    for (Metric metric : Metric.values()) {
      metric.keys().forEach(key -> taken.add(key.name()));
    }
    return commonTags.entrySet().stream()
        .map(tag -> Map.entry(opened.config().namingConvention().tagKey(tag.getKey()), tag))
        .filter(tag -> !taken.contains(tag.getKey()) && !tag.getKey().startsWith("__"))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                tag -> tag.getValue().getValue(),
                (first, second) -> first,
                TreeMap::new));
  }

  private void bindNewMeters(MeterRegistry current) {
    for (Meter meter : metrics.meters()) {
      if (!meter.metric().distributes() && bound.add(meter)) {
        bind(meter, current);
      }
    }
  }

  private static void bind(Meter meter, MeterRegistry current) {
    Metric metric = meter.metric();
    Tags tags = Tags.empty();
    for (Map.Entry<String, String> tag : meter.tags().entrySet()) {
      tags = tags.and(tag.getKey(), tag.getValue());
    }
    if (metric.kind() == Metric.Kind.COUNTER) {
      FunctionCounter.builder(metric.id(), meter, m -> m.read().number())
          .description(metric.description())
          .tags(tags)
          .register(current);
    } else {
      Gauge.builder(metric.id(), meter, m -> m.read().number())
          .description(metric.description())
          .tags(tags)
          .register(current);
    }
  }
}
