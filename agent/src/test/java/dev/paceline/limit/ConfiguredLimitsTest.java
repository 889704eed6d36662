package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.DayStarts;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ConfiguredLimitsTest {
  private static final long SECOND = 1_000_000_000L;
  private final ScopeLimiter budget = new ScopeLimiter(0);

  private static Bounds typed(long rpm, long tpm, long rpd, long concurrency) {
    return new Bounds(rpm, tpm, 0, 0, rpd, 0, concurrency, Bounds.AUTO, Bounds.AUTO);
  }

  /** Sends as much as the budget lets go; every call is answered without a word of limits. */
  private int send(long from, long to, Cost charge, LimitReading... readings) {
    int sent = 0;
    long now = from;
    while (now < to) {
      long at = budget.earliest(now, charge, 1, from);
      if (at - now > 0) {
        now = at;
        continue;
      }
      Permit attempt = budget.left(now, charge);
      budget.answered(now, attempt, List.of(readings), null, 0, SECOND, 60 * SECOND, 0.5);
      budget.ended(now, attempt);
      sent++;
    }
    return sent;
  }

  @Test
  void aTypedLimitOfRequestsComesBackAMinuteAfterItWasUsed() {
    budget.bounds(0, typed(60, 0, 0, 0));
    assertThat(send(0, SECOND, Cost.ONE)).isEqualTo(60);
    assertThat(send(SECOND, 60 * SECOND, Cost.ONE)).isZero();
    assertThat(send(60 * SECOND, 62 * SECOND, Cost.ONE)).isEqualTo(60);
  }

  @Test
  void tokensAreCountedByWhatACallCosts() {
    budget.bounds(0, typed(0, 10_000, 0, 0));
    assertThat(send(0, SECOND, new Cost(1, 900, 100))).isEqualTo(10);
    assertThat(send(SECOND, 62 * SECOND, new Cost(1, 900, 100))).isEqualTo(10);
  }

  @Test
  void aDaysLimitIsSpentAndComesBackADayLater() {
    budget.bounds(0, typed(0, 0, 100, 0));
    assertThat(send(0, 10 * SECOND, Cost.ONE)).isEqualTo(100);
    assertThat(send(10 * SECOND, 86_400 * SECOND, Cost.ONE)).isZero();
    assertThat(budget.waitsConfirmed(86_400 * SECOND)).isTrue();
    assertThat(budget.binding(86_400 * SECOND)).isEqualTo(Limit.RPD);
    assertThat(send(86_400 * SECOND, 86_500 * SECOND, Cost.ONE)).isEqualTo(100);
  }

  @Test
  void aRequestLargerThanItsLimitIsSentAloneWithAFullBucket() {
    budget.bounds(0, typed(0, 1_000, 0, 0));
    assertThat(budget.earliest(0, new Cost(1, 50_000, 0), 1, 0)).isZero();
    budget.left(0, new Cost(1, 50_000, 0));
    assertThat(send(0, 59 * SECOND, new Cost(1, 1_000, 0))).isZero();
    assertThat(send(59 * SECOND, 62 * SECOND, new Cost(1, 1_000, 0))).isEqualTo(1);
  }

  @Test
  void headersLowerATypedLimitAndNeverRaiseIt() {
    budget.bounds(0, typed(60, 0, 0, 0));
    // Room for 6,000 is announced: 60 it stays.
    LimitReading much = new LimitReading(Limit.RPM, 6_000, 5_900, 1_000, 60_000);
    assertThat(send(0, 120 * SECOND, Cost.ONE, much)).isEqualTo(120);

    ScopeLimiter other = new ScopeLimiter(0);
    other.bounds(0, typed(600, 0, 0, 0));
    Permit first = other.left(0, Cost.ONE);
    LimitReading little = new LimitReading(Limit.RPM, 6, 0, 60_000, 60_000);
    other.answered(0, first, List.of(little), null, 0, SECOND, 60 * SECOND, 0.5);
    other.ended(0, first);
    assertThat(other.earliest(SECOND, Cost.ONE, 1, SECOND)).isGreaterThan(8 * SECOND);
  }

  @Test
  void anAttemptThatItsApplicationForgotDoesNotHoldItsPlaceForEver() {
    budget.bounds(0, typed(0, 0, 0, 1));
    budget.left(0, Cost.ONE);
    assertThat(budget.earliest(10 * SECOND, Cost.ONE, 1, 0)).isGreaterThan(10 * SECOND);
    assertThat(budget.binding(10 * SECOND)).isEqualTo(Limit.CONCURRENCY);
    long later = ConfiguredLimits.LOST_AFTER + SECOND;
    assertThat(budget.earliest(later, Cost.ONE, 1, 0)).isEqualTo(later);
  }

  @Test
  void whatWasUsedStaysUsedWhenALimitIsTypedAnew() {
    budget.bounds(0, typed(60, 0, 0, 0));
    send(0, SECOND, Cost.ONE);
    budget.bounds(SECOND, typed(120, 0, 0, 0));
    assertThat(send(SECOND, 2 * SECOND, Cost.ONE)).isEqualTo(60);
    budget.bounds(2 * SECOND, Bounds.NONE);
    assertThat(budget.earliest(2 * SECOND, Cost.ONE, 1, SECOND)).isEqualTo(2 * SECOND);
  }

  @Test
  void aDayBeginsAnewAtItsHourAlsoWhenClocksChange() {
    DayStarts midnight = new DayStarts(LocalTime.MIDNIGHT, ZoneId.of("America/Los_Angeles"));
    Bounds bounds =
        new Bounds(0, 0, 0, 0, 10, 0, 0, Bounds.AUTO, Bounds.AUTO, Optional.of(midnight));
    // 20:00 on the evening before clocks go forward: the next day has 23 hours.
    long epoch = Instant.parse("2026-03-08T04:00:00Z").toEpochMilli();
    long hour = 3_600 * SECOND;
    budget.bounds(7 * SECOND, epoch, bounds);
    assertThat(send(7 * SECOND, hour, Cost.ONE)).isEqualTo(10);
    assertThat(send(hour, 4 * hour + 6 * SECOND, Cost.ONE)).isZero();
    assertThat(send(4 * hour + 7 * SECOND, 5 * hour, Cost.ONE)).isEqualTo(10);
    assertThat(send(5 * hour, 27 * hour + 6 * SECOND, Cost.ONE)).isZero();
    assertThat(send(27 * hour + 7 * SECOND, 28 * hour, Cost.ONE)).isEqualTo(10);
  }

  /** Whatever its phase, no window of a typed limit's length holds more than the limit. */
  @Property(tries = 200)
  void noWindowHoldsMoreThanTheLimit(
      @ForAll @LongRange(min = 1, max = 3_000) long rpm,
      @ForAll @LongRange(min = 0, max = 20_000) long tpm,
      @ForAll @LongRange(min = 0, max = 5_000) long rpd,
      @ForAll long seed) {
    Random random = new Random(seed);
    ScopeLimiter budget = new ScopeLimiter(0);
    budget.bounds(0, new Bounds(rpm, tpm, 0, 0, rpd, 0, 0, Bounds.AUTO, Bounds.AUTO));
    List<long[]> sent = new ArrayList<>();
    long now = 0;
    // In herds, with pauses of all lengths between them.
    for (int herd = 0; herd < 40; herd++) {
      now += (long) (Math.exp(random.nextDouble() * Math.log(200e9)));
      for (int i = random.nextInt(200); i > 0; i--) {
        Cost charge = new Cost(1, random.nextInt(500), random.nextInt(200));
        long at = budget.earliest(now, charge, 1, now - 10 * SECOND);
        if (at - now > 400 * SECOND) {
          break;
        }
        if (at - now > 0) {
          now = at;
          i++;
          continue;
        }
        Permit attempt = budget.left(now, charge);
        budget.answered(now, attempt, List.of(), null, 0, SECOND, 60 * SECOND, 0.5);
        budget.ended(now, attempt);
        sent.add(new long[] {now, charge.inputTokens() + charge.outputTokens()});
        now += random.nextInt(5) * SECOND / 1_000;
      }
    }
    assertThat(most(sent, 60 * SECOND, false)).isLessThanOrEqualTo(rpm);
    if (tpm >= 700) {
      assertThat(most(sent, 60 * SECOND, true)).isLessThanOrEqualTo(tpm);
    }
    if (rpd > 0) {
      assertThat(most(sent, 86_400 * SECOND, false)).isLessThanOrEqualTo(rpd);
    }
    assertThat(sent).isNotEmpty();
  }

  private static long most(List<long[]> sent, long window, boolean tokens) {
    long most = 0;
    long sum = 0;
    int first = 0;
    for (long[] one : sent) {
      sum += tokens ? one[1] : 1;
      while (one[0] - sent.get(first)[0] >= window) {
        sum -= tokens ? sent.get(first)[1] : 1;
        first++;
      }
      most = Math.max(most, sum);
    }
    return most;
  }
}
