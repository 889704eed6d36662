package dev.paceline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.limit.LevelProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is left is within the interval that the limiter keeps, wherever headers tell the truth. The
 * table is written anew with {@code -Dpaceline.simulation.update=true}.
 */
class LevelsTest {
  private static final Path FILE = Path.of("..", "docs", "simulation", "levels.md");

  private static final String HEAD =
      """
      # How well the level of a limit is known

      Generated, three seeds. What the limiter takes for left is an interval, `[low, high]` (decision 5). Ten times a second it is
      compared with what the simulated provider has left, in every scenario whose headers tell the truth and that nobody else's
      calls disturb. To write this page anew:
      `mvn -pl agent -am test -Dtest=LevelsTest -Dsurefire.failIfNoSpecifiedTests=false -Dpaceline.simulation.update=true`.

      Sliding windows of two seconds are the exception: their headers' resets are whole seconds, and look like those of a bucket.

      """;

  @Test
  void theLevelIsWithinItsInterval() throws IOException {
    Map<String, LevelProbe> probes = Levels.measure(3);
    LevelProbe all = Levels.all(probes);
    assertThat(all.samples()).isGreaterThan(500_000);
    assertThat(all.missed()).isLessThanOrEqualTo(0.001);
    if (Boolean.getBoolean("paceline.simulation.update")) {
      Files.writeString(FILE, HEAD + Levels.table(probes));
    }
    String page = Files.readString(FILE);
    probes.keySet().forEach(name -> assertThat(page).contains("| " + name + " |"));
  }
}
