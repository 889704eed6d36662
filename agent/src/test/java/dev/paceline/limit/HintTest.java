package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hint is a lower bound, told once for all, and never multiplied. */
class HintTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final LimitReading ROOM = new LimitReading(Limit.RPM, 1_200, 1_000, 1_000, 60_000);

  private final ScopeLimiter budget = new ScopeLimiter(0);

  private long served(LimitReading... readings) {
    long now = 0;
    for (int i = 0; i < 50; i++) {
      now += 100 * MILLI;
      answer(now, null, 0, readings);
    }
    return now;
  }

  private void answer(long now, @Nullable Limit limit, long hint, LimitReading... readings) {
    Permit attempt = budget.left(now, Cost.ONE);
    budget.answered(now + MILLI, attempt, List.of(readings), limit, hint, SECOND, 60 * SECOND, 0.5);
    budget.ended(now + MILLI, attempt);
  }

  @ParameterizedTest
  @EnumSource(
      value = Limit.class,
      names = {"RPM", "TPM", "CONCURRENCY", "CAPACITY", "UNKNOWN"})
  void aHintIsALowerBoundThoughHeadersShowRoom(Limit limit) {
    for (long hint : new long[] {SECOND / 2, 2 * SECOND, 7 * SECOND, 60 * SECOND, 300 * SECOND}) {
      long now = served(ROOM) + 1_000 * SECOND;
      answer(now, limit, hint, ROOM);
      assertThat(budget.closedFor(now + MILLI)).isGreaterThanOrEqualTo(hint);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHintIsNeverMultiplied(boolean headers) {
    LimitReading[] readings = headers ? new LimitReading[] {ROOM} : new LimitReading[0];
    long now = served(readings);
    for (int i = 0; i < 8; i++) {
      answer(now, Limit.RPM, 60 * SECOND, readings);
      assertThat(budget.closedFor(now + MILLI)).isBetween(60 * SECOND, 66 * SECOND);
      now += 61 * SECOND;
    }
  }

  @Test
  void theLongestHintOfAFlightHolds() {
    long now = served(ROOM);
    LimitReading empty = new LimitReading(Limit.RPM, 1_200, 0, 2_000, 60_000);
    Permit first = budget.left(now, Cost.ONE);
    Permit second = budget.left(now, Cost.ONE);
    for (Permit attempt : List.of(first, second)) {
      long hint = attempt == first ? SECOND : 5 * SECOND;
      budget.answered(
          now + MILLI, attempt, List.of(empty), Limit.RPM, hint, SECOND, 60 * SECOND, 0.5);
      budget.ended(now + MILLI, attempt);
    }
    assertThat(budget.closedFor(now + MILLI)).isGreaterThanOrEqualTo(5 * SECOND);
  }

  /** The provider said when there would be room: one call finds out, whatever levels say. */
  @ParameterizedTest
  @ValueSource(longs = {1, 3, 20})
  void aHintIsNotOutstayedByMoreThanATenth(long seconds) {
    long now = served(new LimitReading(Limit.RPM, 60, 9, 55_000, 60_000, true));
    LimitReading empty = new LimitReading(Limit.RPM, 60, 0, 54_000, 60_000, true);
    answer(now, Limit.RPM, seconds * SECOND, empty);
    long at = budget.earliest(now + MILLI, Cost.ONE, 20, now);
    at = budget.earliest(at, Cost.ONE, 20, now);
    assertThat(at - now).isBetween(seconds * SECOND, seconds * SECOND * 11 / 10);
  }

  @ParameterizedTest
  @ValueSource(longs = {3_600, 86_400, 1_000_000_000})
  void anAbsurdHintStopsAMinutesLimitForAMinute(long seconds) {
    long now = served(ROOM);
    answer(now, Limit.RPM, seconds * SECOND, ROOM);
    assertThat(budget.closedFor(now + MILLI)).isBetween(59 * SECOND, 67 * SECOND);
    // And until then the wait rests on what the provider has said.
    for (long s : LongStream.rangeClosed(1, 59).toArray()) {
      assertThat(budget.waitsConfirmed(now + s * SECOND)).isTrue();
    }
  }

  @Test
  void aLongHintIsTheProvidersWordAsLongAsItLasts() {
    long now = served();
    answer(now, Limit.UNKNOWN, 300 * SECOND);
    assertThat(budget.closedFor(now + MILLI)).isGreaterThanOrEqualTo(299 * SECOND);
    assertThat(budget.waitsConfirmed(now + 290 * SECOND)).isTrue();
  }

  @Test
  void aDaysLimitMayCloseForADay() {
    long now = served(new LimitReading(Limit.RPD, 1_000, 500, 40_000_000, 86_400_000));
    answer(now, Limit.RPD, 40_000 * SECOND);
    assertThat(budget.closedFor(now + MILLI)).isGreaterThanOrEqualTo(39_990 * SECOND);
  }
}
