package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person has typed about other users of the same limits. */
class ReserveTest {
  private static final long SECOND = 1_000_000_000L;
  private final ScopeLimiter budget = new ScopeLimiter(0);

  private static Bounds typed(double reserve, double smoothBelow) {
    return new Bounds(0, 0, 0, 0, 0, 0, 0, reserve, smoothBelow);
  }

  /** A provider with a bucket of 600 a minute, full at first, that says so; ours alone. */
  private int send(long from, long to) {
    int sent = 0;
    long now = from;
    while (now < to) {
      long at = budget.earliest(now, Cost.ONE, 1, from);
      if (at - now > 0) {
        now = at;
        continue;
      }
      Permit attempt = budget.left(now, Cost.ONE);
      used = Math.max(0, used - (now - last) / (SECOND / 10.0)) + 1;
      last = now;
      long left = (long) (600 - used);
      long reset = (long) (used * 100);
      budget.answered(
          now,
          attempt,
          List.of(new LimitReading(Limit.RPM, 600, left, reset, 60_000)),
          null,
          0,
          SECOND,
          60 * SECOND,
          0.5);
      budget.ended(now, attempt);
      sent++;
    }
    return sent;
  }

  private double used;
  private long last;

  @Test
  void aloneAndWithNothingTypedEverythingIsUsed() {
    send(0, 30 * SECOND);
    assertThat(used).isBetween(580.0, 600.0);
  }

  @Test
  void aTypedReserveIsLeftToOthers() {
    budget.bounds(0, typed(0.25, Bounds.AUTO));
    send(0, 30 * SECOND);
    assertThat(used).isBetween(430.0, 451.0);
    assertThat(budget.predict(30 * SECOND, 20, 0, 0)).isGreaterThan(31 * SECOND);
  }

  @Test
  void evenAWholeReserveLetsACallGoWhenNobodyElseUsesAnything() {
    budget.bounds(0, typed(1, Bounds.AUTO));
    assertThat(send(0, 120 * SECOND)).isGreaterThan(20);
    assertThat(used).isLessThan(30);
  }

  @Test
  void belowWhatIsTypedCallsLeaveNoFasterThanTheLimitRefills() {
    budget.bounds(0, typed(Bounds.AUTO, 0.5));
    send(0, 30 * SECOND);
    assertThat(used).as("a bucket that is half full stays so").isBetween(290.0, 312.0);
    assertThat(send(30 * SECOND, 40 * SECOND)).isBetween(95, 105);
  }
}
