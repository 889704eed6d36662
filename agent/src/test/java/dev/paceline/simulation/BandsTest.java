package dev.paceline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * No scenario is worse than the committed bands by more than its noise. What got better is printed:
 * then the bands are written anew, with {@code -Dpaceline.bands.update=true}. While trying
 * something out, {@code -Dpaceline.bands.seeds=6} is quicker, and {@code
 * -Dpaceline.bands.only=REGEX} looks at some scenarios only.
 */
class BandsTest {
  private static final Path FILE = Path.of("..", "docs", "simulation", "bands.csv");
  private static final int SEEDS = Integer.getInteger("paceline.bands.seeds", 20);
  private static final String ONLY = System.getProperty("paceline.bands.only", ".*");

  @Test
  void noScenarioIsWorseThanItsBand() throws IOException {
    List<Scenario> scenarios =
        Bands.scenarios().stream().filter(one -> one.name().matches(ONLY)).toList();
    if (Boolean.getBoolean("paceline.bands.update")) {
      List<Bands.Row> rows =
          scenarios.parallelStream()
              .map(one -> Bands.measure(one, SEEDS, Bands.oracle(one, SEEDS)))
              .toList();
      Files.writeString(FILE, Bands.write(rows));
      return;
    }
    Map<String, Bands.Row> bands = Bands.read(Files.readString(FILE).replace("\r\n", "\n"));
    assertThat(bands.keySet()).containsAll(scenarios.stream().map(Scenario::name).toList());
    List<String> worse = new ArrayList<>();
    scenarios.parallelStream()
        .map(one -> Bands.measure(one, SEEDS, band(bands, one).oracle()))
        .toList()
        .forEach(
            row -> {
              Bands.Row band = bands.get(row.name());
              worse.addAll(Bands.differences(band, row, true));
              Bands.differences(band, row, false)
                  .forEach(line -> System.out.println("better: " + line));
            });
    assertThat(worse).as("worse than docs/simulation/bands.csv by more than noise").isEmpty();
  }

  private static Bands.Row band(Map<String, Bands.Row> bands, Scenario scenario) {
    Bands.Row band = bands.get(scenario.name());
    if (band == null) {
      throw new AssertionError("no band for " + scenario.name());
    }
    return band;
  }

  @Test
  void aRowThatIsWorseIsSeen() {
    Bands.Row then = row(0.001, 0.0002);
    assertThat(Bands.differences(then, row(0.0018, 0.0002), true)).isEmpty();
    assertThat(Bands.differences(then, row(0.0045, 0.0045), true)).isEmpty();
    assertThat(Bands.differences(then, row(0.0045, 0.0002), true)).hasSize(1);
    assertThat(Bands.differences(then, row(0.0045, 0.0002), false)).isEmpty();
    assertThat(Bands.differences(row(0.0045, 0.0002), then, false)).hasSize(1);
  }

  @Test
  void theFileGivesBackWhatWasWritten() {
    Bands.Row row = row(0.25, 0.5);
    String csv = Bands.write(List.of(row));
    assertThat(Bands.read(csv).get("a, b").figures()).isEqualTo(row.figures());
    assertThat(Bands.write(List.copyOf(Bands.read(csv).values()))).isEqualTo(csv);
  }

  private static Bands.Row row(double mean, double deviation) {
    return new Bands.Row(
        "a, b",
        20,
        new double[3],
        Map.of(Bands.Figure.REJECTIONS, new Bands.Spread(mean, deviation)));
  }
}
