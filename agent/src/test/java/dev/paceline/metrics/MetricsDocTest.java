package dev.paceline.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.metrics.Metric.Key;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/metrics.md} is what users rely on: it must say what the code does, no more and no
 * less.
 */
class MetricsDocTest {
  private static final Path DOC = Path.of("..", "docs", "metrics.md");

  @Test
  void theDocumentListsEveryMetricTagAndValue() throws IOException {
    String doc = Files.readString(DOC);
    if (Boolean.getBoolean("paceline.docs.write")) {
      String old = between(doc, "<!-- catalogue -->\n", "<!-- /catalogue -->");
      doc = doc.replace(old, catalogue());
      Files.writeString(DOC, doc);
    }
    assertThat(between(doc, "<!-- catalogue -->\n", "<!-- /catalogue -->")).isEqualTo(catalogue());
  }

  @Test
  void theDocumentStatesTheBucketsAndBounds() throws IOException {
    String doc = Files.readString(DOC);
    assertThat(doc)
        .contains(buckets(Buckets.WAIT_SECONDS))
        .contains(buckets(Buckets.OVERHEAD_SECONDS))
        .contains(buckets(Buckets.TOKENS))
        .contains(buckets(Buckets.RATIOS))
        .contains("first " + CallMetrics.DEFAULT_MAX_MODELS + " distinct")
        .contains(BoundedNames.MAX_LENGTH + " characters")
        .contains("`" + BoundedNames.OTHER + "`")
        .contains("`" + BoundedNames.UNKNOWN + "`");
  }

  @Test
  void everyComponentThatTheCodeReportsIsListed() throws IOException {
    Pattern reported = Pattern.compile("\\b(?:fault|faults\\.add)\\(\\s*\"([^\"]+)\"");
    Set<String> components = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        reported
            .matcher(Files.readString(source))
            .results()
            .forEach(hit -> components.add(hit.group(1)));
      }
    }
    assertThat(components).isNotEmpty();
    assertThat(Components.KNOWN)
        .as("add new ones to Components.KNOWN and docs/metrics.md")
        .containsAll(components);
  }

  private static String catalogue() {
    StringBuilder text = new StringBuilder();
    for (Metric metric : Metric.values()) {
      text.append("### `").append(metric.id()).append("`\n\n");
      text.append(metric.description()).append(".\n\n");
      text.append("- type: ").append(metric.kind().name().toLowerCase(Locale.ROOT));
      text.append("; Prometheus: `").append(prometheus(metric)).append("`\n");
      for (Key key : metric.keys()) {
        text.append("- `").append(key.name()).append("`: ").append(values(key)).append("\n");
      }
      text.append("\n");
    }
    return text.toString();
  }

  private static String values(Key key) {
    return key.values().isEmpty()
        ? "open, bounded"
        : key.values().stream().map(value -> "`" + value + "`").collect(Collectors.joining(", "));
  }

  private static String prometheus(Metric metric) {
    String name = metric.id().replace('.', '_');
    return switch (metric.kind()) {
      case COUNTER -> name + "_total";
      case GAUGE -> name;
      case TIMER -> name + "_seconds";
      case HISTOGRAM -> name;
    };
  }

  private static String buckets(double[] seconds) {
    return Arrays.stream(seconds)
        .mapToObj(s -> new BigDecimal(Double.toString(s)).stripTrailingZeros().toPlainString())
        .collect(Collectors.joining(", "));
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from);
    int end = text.indexOf(to);
    assertThat(start).as(from).isNotNegative();
    assertThat(end).as(to).isGreaterThan(start);
    return text.substring(start + from.length(), end);
  }
}
