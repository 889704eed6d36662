package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A permit is released as served, rejected or unknown: once, and a second time without effect. */
class PermitReleaseTest {
  private static final long SECOND = Exact.SECOND;
  private final ScopeLimiter limiter = new ScopeLimiter(0);

  private void answer(Permit permit, @Nullable Limit limit, LimitReading... readings) {
    limiter.answered(1, permit, List.of(readings), limit, 0, SECOND, 60 * SECOND, 0.5);
  }

  @Test
  void aSecondAnswerIsIgnoredAndCounted() {
    Permit permit = limiter.left(0, Cost.ONE);
    answer(permit, null);
    answer(permit, Limit.RPM);
    assertThat(limiter.ignoredReleases()).isEqualTo(1);
    assertThat(limiter.closedFor(2)).isZero();
    assertThat(permit.released()).isTrue();
  }

  @Test
  void onceServedItsEndReleasesNothingMore() {
    Permit permit = limiter.left(0, Cost.ONE);
    answer(permit, null);
    assertThat(limiter.ended(2, permit)).isTrue();
    assertThat(limiter.ignoredReleases()).isZero();
    assertThat(limiter.ended(3, permit)).isFalse();
    assertThat(limiter.ignoredReleases()).isEqualTo(1);
    assertThat(limiter.view(3).inFlight()).isZero();
  }

  @Test
  void oneThatEndsWithoutAnAnswerIsReleasedAsUnknown() {
    Permit permit = limiter.left(0, Cost.ONE);
    assertThat(limiter.ended(1, permit)).isTrue();
    answer(permit, Limit.RPM);
    assertThat(limiter.ignoredReleases()).isEqualTo(1);
    assertThat(limiter.closedFor(2)).isZero();
    assertThat(limiter.view(2).inFlight()).isZero();
  }
}
