package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnannouncedRateLimitTest {
  private static final long SECOND = 1_000_000_000L;

  private final UnannouncedRateLimit limit = new UnannouncedRateLimit(0);

  /** A server held fifty requests for a second and then refused them: none was admitted. */
  @Test
  void aFlightThatWasRefusedTeachesNoRate() {
    limit.limited(SECOND, 49, SECOND, 0, 0, 0);
    assertThat(limit.active()).isTrue();

    boolean forgotten = false;
    for (int i = 0; i < 49 && !forgotten; i++) {
      forgotten = limit.alsoLimited(SECOND);
    }

    assertThat(forgotten).isTrue();
    assertThat(limit.active()).isFalse();
  }

  @Test
  void whatWasAdmittedOfAFlightIsTheFirstEstimate() {
    limit.limited(SECOND, 49, SECOND, 0, 0, 0);
    double before = limit.rate(SECOND);

    assertThat(limit.alsoLimited(SECOND)).isFalse();

    assertThat(limit.active()).isTrue();
    assertThat(limit.rate(SECOND)).isLessThan(before);
  }

  @Test
  void aLaterFlightChangesNothingOfIt() {
    limit.limited(SECOND, 49, SECOND, 0, 0, 0);
    double before = limit.rate(11 * SECOND);

    assertThat(limit.alsoLimited(11 * SECOND)).isFalse();

    assertThat(limit.rate(11 * SECOND)).isEqualTo(before);
  }
}
