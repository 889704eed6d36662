package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Prices of recorded requests against what their providers reported. OpenAI's own models
 * uncorrected, all others calibrated by the other recordings of the same model. The tables of
 * {@code docs/tokens.md} are this test's; {@code -Dpaceline.write=true} writes them anew.
 */
class RecordedUsageTest {
  private static final Pattern LEFT_OUT = Pattern.compile("(.*)<base64 (\\d+) chars>");
  private static final Path DOC = Path.of("..", "docs", "tokens.md");

  private record Line(
      String provider,
      String model,
      boolean openAi,
      boolean fair,
      boolean media,
      Estimate estimate,
      Usage usage) {
    boolean near(double price) {
      long actual = usage.prompt();
      double most = openAi ? Math.max(8, 0.02 * actual) : Math.max(20, 0.15 * actual);
      return Math.abs(price - actual) <= most;
    }
  }

  @Test
  void pricesMeetWhatProvidersReported() throws IOException {
    Path file = Recordings.file("usage.jsonl");
    if (file == null) {
      System.out.println("RecordedUsageTest: skipped, no recordings here");
      Assumptions.abort("no recordings here");
    }
    TokenEstimator pricer = new TokenEstimator(Runnable::run);
    List<Line> lines = new ArrayList<>();
    for (String text : Files.readAllLines(file)) {
      Line line = line(pricer, Tree.object(text));
      if (line != null) {
        lines.add(line);
      }
    }
    List<Line> own = lines.stream().filter(line -> line.fair && line.openAi).toList();
    List<Line> others = lines.stream().filter(line -> line.fair && !line.openAi).toList();
    assertThat(own).hasSizeGreaterThan(20);
    assertThat(share(own, lines)).as("OpenAI's models").isGreaterThanOrEqualTo(0.95);
    assertThat(share(others, lines)).as("other models").isGreaterThanOrEqualTo(0.85);

    String tables = tables(lines);
    String doc = Files.readString(DOC);
    int start = doc.indexOf("<!-- recordings -->\n") + "<!-- recordings -->\n".length();
    int end = doc.indexOf("<!-- /recordings -->");
    assertThat(end).isGreaterThanOrEqualTo(start);
    if (Boolean.getBoolean("paceline.write")) {
      Files.writeString(DOC, doc.substring(0, start) + tables + doc.substring(end));
    } else {
      assertThat(doc.substring(start, end)).isEqualTo(tables);
    }
  }

  private static @Nullable Line line(TokenEstimator pricer, Map<String, Object> recorded)
      throws IOException {
    String path = (String) recorded.get("path");
    Operation operation =
        path.contains("mbed")
            ? Operation.EMBEDDING
            : path.contains("rerank")
                ? Operation.RERANK
                : path.matches(".*[cC]ount-?_?[tT]okens")
                    ? Operation.AUXILIARY
                    : Operation.GENERATION;
    Usage usage = RecordedStreamsTest.expected(recorded.get("usage"));
    if (operation == Operation.AUXILIARY || usage == null || usage.prompt() == 0) {
      return null;
    }
    String provider = (String) recorded.get("provider");
    String model = (String) recorded.get("model");
    byte[] body = Tree.bytes(whole(recorded.get("request"), sizes(recorded.get("media"))));
    pricer.knows(provider, model);
    String name = model.toLowerCase(Locale.ROOT);
    boolean openAi =
        (provider.equals("openai") || provider.equals("azure-openai"))
            && !name.contains("grok")
            && !name.contains("cohere");
    // A deployment's name says nothing; a scope that has been answered once knows what is behind.
    String known = model.equals("embedding") ? (String) recorded.get("response_model") : model;
    return new Line(
        provider,
        model,
        openAi,
        !recorded.containsKey("media") && !recorded.containsKey("unseen"),
        recorded.containsKey("media") && !recorded.containsKey("unseen"),
        pricer.exact(provider, known, operation, body, body.length),
        usage);
  }

  private static Iterator<long[]> sizes(@Nullable Object media) {
    List<long[]> sizes = new ArrayList<>();
    if (media instanceof List<?> list) {
      for (Object one : list) {
        if (one instanceof Map<?, ?> map) {
          sizes.add(
              map.get("width") instanceof Long width && map.get("height") instanceof Long height
                  ? new long[] {width, height}
                  : new long[] {0, 0});
        }
      }
    }
    return sizes.iterator();
  }

  /** The request with as much Base64 as was left out of the recording. */
  private static @Nullable Object whole(@Nullable Object tree, Iterator<long[]> sizes) {
    if (tree instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((name, value) -> copy.put((String) name, whole(value, sizes)));
      return copy;
    }
    if (tree instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>();
      list.forEach(value -> copy.add(whole(value, sizes)));
      return copy;
    }
    if (!(tree instanceof String text)) {
      return tree;
    }
    Matcher left = LEFT_OUT.matcher(text);
    if (!left.matches()) {
      return text;
    }
    long[] size = sizes.hasNext() ? sizes.next() : new long[2];
    byte[] png = new byte[33];
    byte[] head = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    System.arraycopy(head, 0, png, 0, head.length);
    for (int i = 0; i < 4; i++) {
      png[16 + i] = (byte) (size[0] >> (24 - 8 * i));
      png[20 + i] = (byte) (size[1] >> (24 - 8 * i));
    }
    String start = Base64.getEncoder().encodeToString(png);
    int length = Integer.parseInt(left.group(2));
    String filler = "A".repeat(Math.max(0, length - start.length()));
    return left.group(1) + (size[0] > 0 ? start : "A".repeat(start.length())) + filler;
  }

  /** What the request costs by its estimate and the other lines of its model. */
  private static double price(Line line, List<Line> lines) {
    if (line.openAi) {
      return line.estimate.input();
    }
    Calibration calibration = new Calibration();
    for (Line other : lines) {
      if (other != line
          && other.fair
          && other.provider.equals(line.provider)
          && other.model.equals(line.model)) {
        calibration.learn(other.estimate, other.usage);
      }
    }
    return calibration.input(line.estimate);
  }

  private static double share(List<Line> lines, List<Line> all) {
    return lines.stream().filter(line -> line.near(price(line, all))).count()
        / (double) lines.size();
  }

  private static String tables(List<Line> lines) {
    StringBuilder text = new StringBuilder();
    text.append("| provider | lines | within the bound | without calibration | median error |\n");
    text.append("|---|---|---|---|---|\n");
    Map<String, Predicate<Line>> groups = new TreeMap<>();
    for (Line line : lines) {
      String name = line.openAi ? line.provider + ", OpenAI's models" : line.provider;
      groups.put(name, l -> l.provider.equals(line.provider) && l.openAi == line.openAi);
    }
    groups.forEach((name, group) -> row(text, name, lines, group.and(Line::fair)));
    text.append("\n| apart | lines | within the bound | without calibration | median error |\n");
    text.append("|---|---|---|---|---|\n");
    row(text, "requests with tools", lines, line -> line.fair && line.estimate.tools());
    row(text, "requests without", lines, line -> line.fair && !line.estimate.tools());
    row(text, "with images, files or audio", lines, Line::media);
    return text.toString();
  }

  private static void row(StringBuilder text, String name, List<Line> all, Predicate<Line> which) {
    List<Line> lines = all.stream().filter(which).toList();
    if (lines.isEmpty()) {
      return;
    }
    double[] errors =
        lines.stream()
            .mapToDouble(
                line -> Math.abs(price(line, all) - line.usage.prompt()) / line.usage.prompt())
            .sorted()
            .toArray();
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %d | %d | %d | %.1f %% |%n",
            name,
            lines.size(),
            lines.stream().filter(line -> line.near(price(line, all))).count(),
            lines.stream().filter(line -> line.near(line.estimate.input())).count(),
            100 * Arrays.stream(errors).skip(errors.length / 2).findFirst().orElse(0)));
  }
}
