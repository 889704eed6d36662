package dev.paceline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * What classes and tenants get, as mean, deviation and worst of many seeds: rows of {@code
 * docs/simulation/classes.csv}, beside the bands of the pacing itself. A figure that differs by
 * more than noise fails the build; {@code -Dpaceline.bands.update=true} writes it anew.
 */
final class ClassBands {
  private static final Path FILE = Path.of("..", "docs", "simulation", "classes.csv");
  private static final String HEAD = "scenario,figure,seeds,mean,deviation,least,most";

  /** Differences below are nobody's concern, whatever their noise. */
  private static final double MATERIAL = 0.005;

  /** As for {@link Bands}: so many standard errors. */
  private static final double SIGNIFICANT = 3.5;

  private ClassBands() {}

  /** Compares one figure, a value a seed, with its row. */
  static void check(String scenario, String figure, List<Double> values) {
    Bands.Spread now = Bands.Spread.of(values);
    String name = scenario + "," + figure;
    if (Boolean.getBoolean("paceline.bands.update")) {
      write(name, values, now);
      return;
    }
    String row = rows().get(name);
    assertThat(row).as(name + " in " + FILE).isNotNull();
    String[] fields = row.split(",", -1);
    Bands.Spread then =
        new Bands.Spread(Double.parseDouble(fields[1]), Double.parseDouble(fields[2]));
    double error =
        Math.sqrt(
            (then.deviation() * then.deviation() + now.deviation() * now.deviation())
                / values.size());
    assertThat(Math.abs(now.mean() - then.mean()))
        .as("%s: %s before, %s now", name, then, now)
        .isLessThanOrEqualTo(Math.max(MATERIAL, SIGNIFICANT * error));
  }

  /** Of each name what follows it. */
  private static TreeMap<String, String> rows() {
    TreeMap<String, String> rows = new TreeMap<>();
    try {
      List<String> lines = Files.exists(FILE) ? Files.readAllLines(FILE) : List.of();
      for (String line : lines) {
        int end = line.indexOf(',', line.indexOf(',') + 1);
        if (!line.equals(HEAD)) {
          rows.put(line.substring(0, end), line.substring(end + 1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static void write(String name, List<Double> values, Bands.Spread now) {
    TreeMap<String, String> rows = rows();
    rows.put(
        name,
        String.format(
            Locale.ROOT,
            "%d,%.5f,%.5f,%.5f,%.5f",
            values.size(),
            now.mean(),
            now.deviation(),
            values.stream().mapToDouble(v -> v).min().orElse(0),
            values.stream().mapToDouble(v -> v).max().orElse(0)));
    StringBuilder file = new StringBuilder(HEAD).append('\n');
    rows.forEach((key, rest) -> file.append(key).append(',').append(rest).append('\n'));
    try {
      Files.writeString(FILE, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
