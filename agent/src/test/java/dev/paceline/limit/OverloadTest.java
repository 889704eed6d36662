package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After the provider's own overload calls come back in stages, not as a herd. */
class OverloadTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final List<LimitReading> ROOM =
      List.of(new LimitReading(Limit.RPM, 10_000, 9_990, 60, 60_000));

  private final ScopeLimiter budget = new ScopeLimiter(0);

  private void answer(long now, Permit attempt, boolean overload, List<LimitReading> readings) {
    budget.answered(
        now, attempt, readings, overload ? Limit.CAPACITY : null, 0, SECOND, 60 * SECOND, 0.5);
    budget.ended(now, attempt);
  }

  /**
   * Sends what waits, each answered after {@code service}.
   *
   * @return when each left
   */
  private List<Long> release(long now, int waiting, long service, List<LimitReading> readings) {
    long since = now;
    List<Long> left = new ArrayList<>();
    List<Permit> open = new ArrayList<>();
    while (left.size() < waiting) {
      while (!open.isEmpty() && now - open.get(0).sent >= service) {
        answer(now, open.remove(0), false, readings);
      }
      if (budget.earliest(now, Cost.ONE, waiting - left.size(), since) - now <= 0) {
        left.add(now);
        open.add(budget.left(now, Cost.ONE));
      } else {
        now += MILLI;
      }
      assertThat(now - since).isLessThan(20 * SECOND);
    }
    for (Permit attempt : open) {
      answer(now + service, attempt, false, readings);
    }
    return left;
  }

  private static int busiest(List<Long> left) {
    int most = 0;
    for (int i = 0; i < left.size(); i++) {
      int n = 0;
      for (int j = i; j < left.size() && left.get(j) - left.get(i) < 100 * MILLI; j++) {
        n++;
      }
      most = Math.max(most, n);
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void threeHundredCallsThatMetAnOverloadComeBackInStages(boolean headers) {
    List<LimitReading> readings = headers ? ROOM : List.of();
    long now = 0;
    for (int i = 0; i < 100; i++) {
      now += 20 * MILLI;
      answer(now + 10 * MILLI, budget.left(now, Cost.ONE), false, readings);
    }
    List<Permit> flight = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      now += MILLI;
      flight.add(budget.left(now, Cost.ONE));
    }
    for (Permit attempt : flight) {
      answer(now + 10 * MILLI, attempt, true, readings);
    }
    long opens = now + 10 * MILLI + budget.closedFor(now + 10 * MILLI);
    List<Long> left = release(opens, 300, 100 * MILLI, readings);
    assertThat(busiest(left)).isLessThan(100);
    // The first ones may be a few, and nobody waits for long once they are served.
    assertThat(left.get(20) - left.get(0)).isGreaterThanOrEqualTo(90 * MILLI);
    assertThat(left.get(299) - left.get(0)).isLessThan(5 * SECOND);
  }

  @Test
  void attemptsAreNotKeptWhereHeadersShowRoom() {
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += 10 * MILLI;
      budget.earliest(now, Cost.ONE, 1, now);
      boolean overload = i % 1_000 == 999;
      answer(now + 2 * MILLI, budget.left(now, Cost.ONE), overload, ROOM);
      now += overload ? 5 * SECOND : 0;
    }
    assertThat(budget.followed()).isLessThan(300);
  }
}
