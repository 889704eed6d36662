package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A provider that complains about a rise. */
class RampUpLimiterTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final LimitReading PLENTY = new LimitReading(Limit.RPM, 60_000, 59_999, 1, 60_000);
  private final ScopeLimiter budget = new ScopeLimiter(0);

  /** Sends {@code wanted} a second; all are served. */
  private int send(long from, long to, int wanted) {
    int sent = 0;
    long now = from;
    long next = from;
    while (now < to) {
      long at = Math.max(next, budget.earliest(now, Cost.ONE, 1, next));
      if (at - now > 0) {
        now = at;
        continue;
      }
      Permit attempt = budget.left(now, Cost.ONE);
      budget.answered(now, attempt, List.of(PLENTY), null, 0, SECOND, MINUTE, 0.5);
      budget.ended(now, attempt);
      sent++;
      next += SECOND / wanted;
    }
    return sent;
  }

  private void complain(long now) {
    Permit attempt = budget.left(now - 1, Cost.ONE);
    budget.slowDown(now, attempt);
    budget.answered(now, attempt, List.of(), Limit.CAPACITY, SECOND, SECOND, MINUTE, 0.5);
    budget.ended(now, attempt);
  }

  @Test
  void theRateOfBeforeIsKeptForAQuarterOfAnHourAndThenGrowsSlowly() {
    send(0, 10 * MINUTE, 4);
    send(10 * MINUTE, 11 * MINUTE, 40);
    long now = 11 * MINUTE;
    complain(now);
    assertThat(send(now, now + 15 * MINUTE, 40)).isBetween(3_400, 3_700);
    now += 15 * MINUTE;
    // A twentieth a minute: 30 minutes make it a little more than four times as much.
    assertThat(send(now + 30 * MINUTE, now + 31 * MINUTE, 40)).isBetween(900, 1_200);
    assertThat(send(now + 120 * MINUTE, now + 121 * MINUTE, 90)).isBetween(5_399, 5_402);
    assertThat(budget.waitsConfirmed(now + 122 * MINUTE)).isFalse();
  }

  @Test
  void whereNothingIsKnownOfBeforeHalfOfWhatWasTooMuchIsKept() {
    send(0, 30 * SECOND, 20);
    complain(30 * SECOND);
    assertThat(send(30 * SECOND, 90 * SECOND, 40)).isBetween(290, 310);
    assertThat(budget.waitsConfirmed(100 * SECOND)).isTrue();
    assertThat(budget.predict(100 * SECOND, 100, 0, 0)).isGreaterThan(115 * SECOND);
  }

  @Test
  void manyComplaintsOfOneFlightAreOne() {
    send(0, 30 * SECOND, 20);
    long now = 30 * SECOND;
    Permit first = budget.left(now - 2, Cost.ONE);
    Permit second = budget.left(now - 1, Cost.ONE);
    for (Permit attempt : List.of(first, second)) {
      budget.slowDown(now, attempt);
      budget.answered(now, attempt, List.of(), Limit.CAPACITY, SECOND, SECOND, MINUTE, 0.5);
      budget.ended(now, attempt);
    }
    assertThat(send(now, now + MINUTE, 40)).isBetween(290, 310);
  }
}
