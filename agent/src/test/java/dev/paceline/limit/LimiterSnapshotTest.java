package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a budget remembers across restarts. */
class LimiterSnapshotTest {
  private static final long SECOND = 1_000_000_000L;

  /** The clock of a new process begins anywhere. */
  private static final long LATER = 7_777 * SECOND;

  private static void answer(
      ScopeLimiter budget, long now, @Nullable Limit limit, LimitReading... readings) {
    Permit attempt = budget.left(now, Cost.ONE);
    budget.answered(now, attempt, List.of(readings), limit, 0, SECOND, 60 * SECOND, 0.5);
    budget.ended(now, attempt);
  }

  private static ScopeLimiter again(LimiterSnapshot memory, long age) {
    ScopeLimiter budget = new ScopeLimiter(LATER);
    budget.recall(LATER, memory, age);
    return budget;
  }

  private static LimiterView.Line only(ScopeLimiter budget) {
    List<LimiterView.Line> lines = budget.view(LATER).buckets();
    assertThat(lines).hasSize(1);
    return lines.get(0);
  }

  @Test
  void aBucketComesBackWithItsLevelMovedOnByTheTimeThatPassed() {
    ScopeLimiter before = new ScopeLimiter(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 600, 100, 50_000, 60_000));
    ScopeLimiter after = again(before.remember(SECOND), 10 * SECOND);
    assertThat(only(after).max()).isEqualTo(600);
    assertThat(only(after).left()).isBetween(195L, 201L);
    assertThat(only(after).counted()).isEqualTo("continuous");
    assertThat(only(again(before.remember(SECOND), 3_600 * SECOND)).left()).isEqualTo(600);
  }

  @Test
  void aFixedWindowComesBackWithItsEnd() {
    ScopeLimiter before = new ScopeLimiter(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 100, 0, 41_500, 60_000));
    assertThat(before.view(SECOND).buckets().get(0).counted()).isEqualTo("fixed");
    LimiterSnapshot memory = before.remember(SECOND);
    assertThat(only(again(memory, 10 * SECOND)).left()).isLessThanOrEqualTo(0);
    assertThat(only(again(memory, 50 * SECOND)).left()).isEqualTo(100);
    assertThat(only(again(memory, 100_000 * SECOND)).left()).isEqualTo(100);
  }

  @Test
  void aFixedWindowThatComesBackIsUsedAsItsHeadersShow() {
    ScopeLimiter before = new ScopeLimiter(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 100, 60, 41_500, 60_000));
    ScopeLimiter after = again(before.remember(SECOND), 10 * SECOND);
    Permit first = after.left(LATER, Cost.ONE);
    LimitReading same = new LimitReading(Limit.RPM, 100, 59, 31_500, 60_000);
    long now = LATER + SECOND;
    after.answered(now, first, List.of(same), null, 0, SECOND, 60 * SECOND, 0.5);

    assertThat(after.view(now).buckets().get(0).left()).isEqualTo(59);
  }

  @Test
  void whatIsRememberedHoldsNobodyForLongerThanTenSeconds() {
    ScopeLimiter before = new ScopeLimiter(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPD, 100, 0, 80_000_000, 86_400_000));
    ScopeLimiter after = again(before.remember(SECOND), SECOND);
    long at = after.earliest(LATER, Cost.ONE, 1, LATER);
    assertThat(at - LATER).isPositive();
    long later = LATER + 11 * SECOND;
    assertThat(after.earliest(later, Cost.ONE, 1, LATER)).isEqualTo(later);
  }

  @Test
  void theNextHeaderIsBelievedMoreThanTheMemory() {
    ScopeLimiter before = new ScopeLimiter(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 600, 500, 10_000, 60_000));
    ScopeLimiter after = again(before.remember(SECOND), SECOND);
    Permit attempt = after.left(LATER, Cost.ONE);
    long now = LATER + SECOND / 10;
    LimitReading little = new LimitReading(Limit.RPM, 600, 3, 59_700, 60_000);
    after.answered(now, attempt, List.of(little), null, 0, SECOND, 60 * SECOND, 0.5);
    assertThat(after.view(now).buckets().get(0).left()).isLessThan(10);
    // And a plan that has changed.
    Permit next = after.left(now, Cost.ONE);
    LimitReading more = new LimitReading(Limit.RPM, 6_000, 5_990, 100, 60_000);
    after.answered(now + SECOND, next, List.of(more), null, 0, SECOND, 60 * SECOND, 0.5);
    assertThat(after.view(now + SECOND).buckets().get(0).max()).isEqualTo(6_000);
  }

  @Test
  void whatOnlyLimitAnswersToldComesBack() {
    ScopeLimiter before = new ScopeLimiter(0);
    for (int i = 0; i < 100; i++) {
      answer(before, i * SECOND / 10, null);
    }
    answer(before, 10 * SECOND, Limit.RPM);
    LimiterSnapshot memory = before.remember(10 * SECOND);
    assertThat(memory.rate()).isBetween(1.0, 2.0);
    ScopeLimiter after = again(memory, 3_600 * SECOND);
    assertThat(after.remember(LATER).rate()).isBetween(memory.rate() * 0.99, memory.rate() * 1.01);
    assertThat(after.closedFor(LATER)).isZero();
    assertThat(after.predict(LATER, 100, 0, 0) - LATER).isGreaterThan(40 * SECOND);
  }

  @Test
  void aGateStaysClosedForWhatIsLeftOfIt() {
    ScopeLimiter before = new ScopeLimiter(0);
    Permit attempt = before.left(0, Cost.ONE);
    before.answered(SECOND, attempt, List.of(), Limit.RPM, 30 * SECOND, SECOND, 60 * SECOND, 0.5);
    LimiterSnapshot memory = before.remember(SECOND);
    assertThat(again(memory, 10 * SECOND).closedFor(LATER)).isEqualTo(20 * SECOND);
    assertThat(again(memory, 40 * SECOND).closedFor(LATER)).isZero();
  }

  @Test
  void theUseOfATypedDayIsNotForgottenByARestart() {
    Bounds typed = new Bounds(0, 0, 0, 0, 10, 0, 0, Bounds.AUTO, Bounds.AUTO);
    ScopeLimiter before = new ScopeLimiter(0);
    before.bounds(0, typed);
    for (int i = 0; i < 10; i++) {
      answer(before, i, null);
    }
    ScopeLimiter after = again(before.remember(SECOND), 60 * SECOND);
    after.bounds(LATER, typed);
    assertThat(after.earliest(LATER, Cost.ONE, 1, LATER) - LATER).isGreaterThan(8_000 * SECOND);
    ScopeLimiter nextDay = again(before.remember(SECOND), 90_000 * SECOND);
    nextDay.bounds(LATER, typed);
    assertThat(nextDay.earliest(LATER, Cost.ONE, 1, LATER)).isEqualTo(LATER);
  }

  @Test
  void whatNoHeaderCanHaveAnnouncedIsRefused() {
    assertThatThrownBy(() -> new LimiterSnapshot.Line(Limit.RPM, 0, 0, 60 * SECOND, "fixed", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LimiterSnapshot.Line(Limit.RPM, 10, 5, 60 * SECOND, "odd", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LimiterSnapshot.Line(Limit.QUOTA, 10, 5, 60 * SECOND, "fixed", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A quota of 90 days, told in a header, made all that was learned unsavable. */
  @Test
  void whatIsLongerOrLargerThanCanBeKeptIsCut() {
    long year = 400L * 86_400 * SECOND;
    LimiterSnapshot.Line line =
        new LimiterSnapshot.Line(Limit.RPD, Long.MAX_VALUE, 7, 2 * year, "fixed", 3 * year);
    assertThat(line.window()).isEqualTo(year);
    assertThat(line.ends()).isEqualTo(year);
    assertThat(line.left()).isEqualTo(7);
    assertThat(
            new LimiterSnapshot.Line(Limit.RPD, 100_000, 7, 7_776_000L * SECOND, "fixed", 0)
                .window())
        .isEqualTo(7_776_000L * SECOND);
  }
}
