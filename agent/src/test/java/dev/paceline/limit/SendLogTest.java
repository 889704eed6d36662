package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendLogTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  /** Of what was sent longer ago than it was kept, a window gave nothing back. */
  @ParameterizedTest
  @ValueSource(longs = {60, 300, 3_600, 86_400})
  void itKeepsWhatTheLongestWindowHolds(long seconds) {
    SendLog log = new SendLog();
    log.keep(seconds * SECOND);
    Random random = new Random(1);
    long now = 0;
    int calls = 20_000;
    long step = seconds * SECOND / calls;
    for (int i = 0; i < 2 * calls; i++) {
      now += (long) (2 * step * random.nextDouble());
      log.add(now, Cost.ONE);
    }
    for (int percent = 5; percent <= 95; percent += 10) {
      long ago = seconds * SECOND * percent / 100;
      long since = log.requests() - log.upTo(now - ago, Limit.RPM);
      assertThat(since).isBetween(calls * percent / 100L - 500, calls * percent / 100L + 700);
      assertThat(log.reaches(now - ago)).isTrue();
    }
    assertThat(log.entries()).isLessThanOrEqualTo(8_192);
  }

  @Test
  void aMinuteAndTwentyCallsTakeLittle() {
    SendLog log = new SendLog();
    for (int i = 0; i < 1_000; i++) {
      log.add(i * 3 * SECOND, Cost.ONE);
    }
    assertThat(log.entries()).isLessThanOrEqualTo(64);
  }

  /** 1,000 a day, looked at each 170 µs, gave half of it. */
  @ParameterizedTest
  @ValueSource(longs = {90_000, 170_000, 1_000_000, 7_777_777})
  void nothingOfTheRefillIsLostByLookingOften(long step) {
    ScopeLimiter budget = new ScopeLimiter(0);
    Permit attempt = budget.left(0, Cost.ONE);
    LimitReading day = new LimitReading(Limit.RPD, 1_000, 0, 86_400_000L, 86_400_000L);
    budget.answered(1, attempt, List.of(day), null, 0, SECOND, 60 * SECOND, 0.5);
    long before = left(budget, MILLI);
    long end = 500 * SECOND;
    for (long now = 2 * MILLI; now < end; now += step) {
      budget.earliest(now, Cost.ONE, 1, now);
    }
    // 86.4 s a request.
    assertThat(left(budget, end) - before).isEqualTo(5);
  }

  private static long left(ScopeLimiter budget, long now) {
    return budget.view(now).buckets().get(0).left();
  }
}
