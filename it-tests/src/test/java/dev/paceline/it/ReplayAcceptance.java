package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three recorded runs of different clients, limits and shapes, predicted within 15 % of p95 of the
 * waits: {@code mvn verify -Pacceptance}; the figures are in docs/replay.md.
 */
class ReplayAcceptance {
  private static final double MOST_OFF = 0.15;

  @Test
  void threeRunsArePredicted(@TempDir Path folder) {
    List<RecordedRun> runs =
        List.of(
            RecordedRun.burst(folder, 180, 120),
            RecordedRun.overload(folder, 3, 45, 60),
            RecordedRun.tokens(folder, 110, 60_000));

    assertThat(runs)
        .allSatisfy(
            run -> {
              assertThat(run.measured()).isGreaterThan(5);
              assertThat(run.error()).as(run.toString()).isLessThanOrEqualTo(MOST_OFF);
              assertThat(run.failed().get(1)).isEqualTo(run.failed().get(0));
            });
  }
}
