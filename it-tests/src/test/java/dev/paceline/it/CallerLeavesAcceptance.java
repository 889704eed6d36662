package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@link CallerDeadlineIT} with a read timeout of ten seconds and a queue of fourteen. */
class CallerLeavesAcceptance {
  @Test
  void twoBursts() throws Exception {
    CallerLeaves.Seen seen = new CallerLeaves(10_000, 28, 2, 0, true).run();
    System.out.println("two bursts: " + seen);
    assertThat(seen.cancelled()).as(seen.toString()).isBetween(8, 20);
    assertThat(seen.arrived()).isLessThanOrEqualTo(seen.asked());
    assertThat(seen.sentence())
        .containsPattern("by the application after (9\\.\\d|1[01](\\.0)?) s");
  }

  @Test
  void oneAfterTheOther() throws Exception {
    CallerLeaves.Seen seen = new CallerLeaves(10_000, 40, 1, 100, false).run();
    System.out.println("one after the other: " + seen);
    assertThat(seen.cancelled()).as(seen.toString()).isBetween(8, 20);
    assertThat(seen.arrived()).isLessThanOrEqualTo(seen.asked());
    assertThat(seen.sentence())
        .containsPattern("by the application after (9\\.\\d|1[01](\\.0)?) s");
  }
}
