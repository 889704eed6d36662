package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A limit on requests in flight that no header shows. */
class UnannouncedLimitsTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final List<LimitReading> ROOM =
      List.of(new LimitReading(Limit.RPM, 60_000, 59_000, 1_000, 60_000));

  private final ScopeLimiter budget = new ScopeLimiter(0);
  private long now;

  private void refusedAt(int inFlight) {
    List<Permit> open = new ArrayList<>();
    for (int i = 0; i <= inFlight; i++) {
      now += MILLI;
      open.add(budget.left(now, Cost.ONE));
    }
    for (int i = 0; i <= inFlight; i++) {
      answer(open.get(i), i == inFlight ? Limit.CONCURRENCY : null);
    }
  }

  private void answer(Permit attempt, @org.jspecify.annotations.Nullable Limit limit) {
    budget.answered(now, attempt, ROOM, limit, 0, SECOND, 60 * SECOND, 0.5);
    budget.ended(now, attempt);
  }

  /** Lets as many leave as may within a second; ends them all. */
  private int most() {
    List<Permit> open = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      while (budget.earliest(now, Cost.ONE, 1, now) - now <= 0) {
        open.add(budget.left(now, Cost.ONE));
      }
      now += MILLI;
    }
    for (Permit attempt : open) {
      answer(attempt, null);
    }
    return open.size();
  }

  @Test
  void aCapThatIsUsedRecoversWithinMinutes() {
    for (int i = 0; i < 6; i++) {
      refusedAt(10);
      now += 30 * SECOND;
    }
    assertThat(most()).isLessThan(25);
    int cap = 0;
    for (long end = now + 1_800 * SECOND; now < end; now += SECOND) {
      cap = Math.max(cap, most());
    }
    assertThat(cap).isGreaterThan(200);
  }

  @Test
  void aCapThatNobodyReachesDoesNotGrow() {
    refusedAt(10);
    now += 5 * SECOND;
    for (int i = 0; i < 3_600; i++) {
      now += SECOND;
      budget.earliest(now, Cost.ONE, 1, now);
      answer(budget.left(now, Cost.ONE), null);
    }
    assertThat(most()).isLessThan(15);
  }
}
