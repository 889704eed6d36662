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
class MemoryTest {
  private static final long SECOND = 1_000_000_000L;

  /** The clock of a new process begins anywhere. */
  private static final long LATER = 7_777 * SECOND;

  private static void answer(
      Budget budget, long now, @Nullable Limit limit, LimitReading... readings) {
    Attempt attempt = budget.left(now, Charge.ONE);
    budget.answered(now, attempt, List.of(readings), limit, 0, SECOND, 60 * SECOND, 0.5);
    budget.ended(now, attempt);
  }

  private static Budget again(Memory memory, long age) {
    Budget budget = new Budget(LATER);
    budget.recall(LATER, memory, age);
    return budget;
  }

  private static BudgetView.Line only(Budget budget) {
    List<BudgetView.Line> lines = budget.view(LATER).buckets();
    assertThat(lines).hasSize(1);
    return lines.get(0);
  }

  @Test
  void aBucketComesBackWithItsLevelMovedOnByTheTimeThatPassed() {
    Budget before = new Budget(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 600, 100, 50_000, 60_000));
    Budget after = again(before.remember(SECOND), 10 * SECOND);
    assertThat(only(after).max()).isEqualTo(600);
    assertThat(only(after).left()).isBetween(195L, 201L);
    assertThat(only(after).counted()).isEqualTo("continuous");
    assertThat(only(again(before.remember(SECOND), 3_600 * SECOND)).left()).isEqualTo(600);
  }

  @Test
  void aFixedWindowComesBackWithItsEnd() {
    Budget before = new Budget(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 100, 0, 41_500, 60_000));
    assertThat(before.view(SECOND).buckets().get(0).counted()).isEqualTo("fixed");
    Memory memory = before.remember(SECOND);
    assertThat(only(again(memory, 10 * SECOND)).left()).isLessThanOrEqualTo(0);
    assertThat(only(again(memory, 50 * SECOND)).left()).isEqualTo(100);
    assertThat(only(again(memory, 100_000 * SECOND)).left()).isEqualTo(100);
  }

  @Test
  void aFixedWindowThatComesBackIsUsedAsItsHeadersShow() {
    Budget before = new Budget(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 100, 60, 41_500, 60_000));
    Budget after = again(before.remember(SECOND), 10 * SECOND);
    Attempt first = after.left(LATER, Charge.ONE);
    LimitReading same = new LimitReading(Limit.RPM, 100, 59, 31_500, 60_000);
    long now = LATER + SECOND;
    after.answered(now, first, List.of(same), null, 0, SECOND, 60 * SECOND, 0.5);

    assertThat(after.view(now).buckets().get(0).left()).isEqualTo(59);
  }

  @Test
  void whatIsRememberedHoldsNobodyForLongerThanTenSeconds() {
    Budget before = new Budget(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPD, 100, 0, 80_000_000, 86_400_000));
    Budget after = again(before.remember(SECOND), SECOND);
    long at = after.earliest(LATER, Charge.ONE, 1, LATER);
    assertThat(at - LATER).isPositive();
    long later = LATER + 11 * SECOND;
    assertThat(after.earliest(later, Charge.ONE, 1, LATER)).isEqualTo(later);
  }

  @Test
  void theNextHeaderIsBelievedMoreThanTheMemory() {
    Budget before = new Budget(0);
    answer(before, SECOND, null, new LimitReading(Limit.RPM, 600, 500, 10_000, 60_000));
    Budget after = again(before.remember(SECOND), SECOND);
    Attempt attempt = after.left(LATER, Charge.ONE);
    long now = LATER + SECOND / 10;
    LimitReading little = new LimitReading(Limit.RPM, 600, 3, 59_700, 60_000);
    after.answered(now, attempt, List.of(little), null, 0, SECOND, 60 * SECOND, 0.5);
    assertThat(after.view(now).buckets().get(0).left()).isLessThan(10);
    // And a plan that has changed.
    Attempt next = after.left(now, Charge.ONE);
    LimitReading more = new LimitReading(Limit.RPM, 6_000, 5_990, 100, 60_000);
    after.answered(now + SECOND, next, List.of(more), null, 0, SECOND, 60 * SECOND, 0.5);
    assertThat(after.view(now + SECOND).buckets().get(0).max()).isEqualTo(6_000);
  }

  @Test
  void whatOnlyLimitAnswersToldComesBack() {
    Budget before = new Budget(0);
    for (int i = 0; i < 100; i++) {
      answer(before, i * SECOND / 10, null);
    }
    answer(before, 10 * SECOND, Limit.RPM);
    Memory memory = before.remember(10 * SECOND);
    assertThat(memory.rate()).isBetween(1.0, 2.0);
    Budget after = again(memory, 3_600 * SECOND);
    assertThat(after.remember(LATER).rate()).isBetween(memory.rate() * 0.99, memory.rate() * 1.01);
    assertThat(after.closedFor(LATER)).isZero();
    assertThat(after.predict(LATER, 100, 0, 0) - LATER).isGreaterThan(40 * SECOND);
  }

  @Test
  void aGateStaysClosedForWhatIsLeftOfIt() {
    Budget before = new Budget(0);
    Attempt attempt = before.left(0, Charge.ONE);
    before.answered(SECOND, attempt, List.of(), Limit.RPM, 30 * SECOND, SECOND, 60 * SECOND, 0.5);
    Memory memory = before.remember(SECOND);
    assertThat(again(memory, 10 * SECOND).closedFor(LATER)).isEqualTo(20 * SECOND);
    assertThat(again(memory, 40 * SECOND).closedFor(LATER)).isZero();
  }

  @Test
  void theUseOfATypedDayIsNotForgottenByARestart() {
    Bounds typed = new Bounds(0, 0, 0, 0, 10, 0, 0, Bounds.AUTO, Bounds.AUTO);
    Budget before = new Budget(0);
    before.bounds(0, typed);
    for (int i = 0; i < 10; i++) {
      answer(before, i, null);
    }
    Budget after = again(before.remember(SECOND), 60 * SECOND);
    after.bounds(LATER, typed);
    assertThat(after.earliest(LATER, Charge.ONE, 1, LATER) - LATER).isGreaterThan(8_000 * SECOND);
    Budget nextDay = again(before.remember(SECOND), 90_000 * SECOND);
    nextDay.bounds(LATER, typed);
    assertThat(nextDay.earliest(LATER, Charge.ONE, 1, LATER)).isEqualTo(LATER);
  }

  @Test
  void whatNoHeaderCanHaveAnnouncedIsRefused() {
    assertThatThrownBy(() -> new Memory.Line(Limit.RPM, 0, 0, 60 * SECOND, "fixed", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Memory.Line(Limit.RPM, 10, 5, 60 * SECOND, "odd", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Memory.Line(Limit.QUOTA, 10, 5, 60 * SECOND, "fixed", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A quota of 90 days, told in a header, made all that was learned unsavable. */
  @Test
  void whatIsLongerOrLargerThanCanBeKeptIsCut() {
    long year = 400L * 86_400 * SECOND;
    Memory.Line line = new Memory.Line(Limit.RPD, Long.MAX_VALUE, 7, 2 * year, "fixed", 3 * year);
    assertThat(line.window()).isEqualTo(year);
    assertThat(line.ends()).isEqualTo(year);
    assertThat(line.left()).isEqualTo(7);
    assertThat(new Memory.Line(Limit.RPD, 100_000, 7, 7_776_000L * SECOND, "fixed", 0).window())
        .isEqualTo(7_776_000L * SECOND);
  }
}
