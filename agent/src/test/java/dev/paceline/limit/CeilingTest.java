package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.junit.jupiter.api.Test;

class CeilingTest {
  private static final long SECOND = 1_000_000_000L;
  private final Budget budget = new Budget(0);

  private static Bounds typed(long rpm, long tpm, long rpd, long concurrency) {
    return new Bounds(rpm, tpm, 0, 0, rpd, 0, concurrency, Bounds.AUTO, Bounds.AUTO);
  }

  /** Sends as much as the budget lets go; every call is answered without a word of limits. */
  private int send(long from, long to, Charge charge, LimitReading... readings) {
    int sent = 0;
    long now = from;
    while (now < to) {
      long at = budget.earliest(now, charge, 1, from);
      if (at - now > 0) {
        now = at;
        continue;
      }
      Attempt attempt = budget.left(now, charge);
      budget.answered(now, attempt, List.of(readings), null, 0, SECOND, 60 * SECOND, 0.5);
      budget.ended(now, attempt);
      sent++;
    }
    return sent;
  }

  @Test
  void aTypedLimitOfRequestsIsABucketThatRefillsWithinAMinute() {
    budget.bounds(0, typed(60, 0, 0, 0));
    assertThat(send(0, SECOND, Charge.ONE)).isEqualTo(60);
    assertThat(send(SECOND, 31 * SECOND, Charge.ONE)).isBetween(30, 31);
  }

  @Test
  void tokensAreCountedByWhatACallCosts() {
    budget.bounds(0, typed(0, 10_000, 0, 0));
    assertThat(send(0, SECOND, new Charge(1, 900, 100))).isEqualTo(10);
    assertThat(send(SECOND, 61 * SECOND, new Charge(1, 900, 100))).isBetween(9, 11);
  }

  @Test
  void aDaysLimitIsSpentAndComesBackOverTheDay() {
    budget.bounds(0, typed(0, 0, 100, 0));
    assertThat(send(0, 10 * SECOND, Charge.ONE)).isEqualTo(100);
    assertThat(send(10 * SECOND, 8_650 * SECOND, Charge.ONE)).isBetween(9, 11);
    assertThat(budget.wordOfProvider(8_650 * SECOND)).isTrue();
    assertThat(budget.binding()).isEqualTo(Limit.RPD);
  }

  @Test
  void aRequestLargerThanItsLimitIsSentAloneWithAFullBucket() {
    budget.bounds(0, typed(0, 1_000, 0, 0));
    assertThat(budget.earliest(0, new Charge(1, 50_000, 0), 1, 0)).isZero();
    budget.left(0, new Charge(1, 50_000, 0));
    assertThat(send(0, 59 * SECOND, new Charge(1, 1_000, 0))).isZero();
    assertThat(send(59 * SECOND, 61 * SECOND, new Charge(1, 1_000, 0))).isEqualTo(1);
  }

  @Test
  void headersLowerATypedLimitAndNeverRaiseIt() {
    budget.bounds(0, typed(60, 0, 0, 0));
    // Room for 6,000 is announced: 60 it stays.
    LimitReading much = new LimitReading(Limit.RPM, 6_000, 5_900, 1_000, 60_000);
    assertThat(send(0, 60 * SECOND, Charge.ONE, much)).isBetween(100, 121);

    Budget other = new Budget(0);
    other.bounds(0, typed(600, 0, 0, 0));
    Attempt first = other.left(0, Charge.ONE);
    LimitReading little = new LimitReading(Limit.RPM, 6, 0, 60_000, 60_000);
    other.answered(0, first, List.of(little), null, 0, SECOND, 60 * SECOND, 0.5);
    other.ended(0, first);
    assertThat(other.earliest(SECOND, Charge.ONE, 1, SECOND)).isGreaterThan(8 * SECOND);
  }

  @Test
  void anAttemptThatItsApplicationForgotDoesNotHoldItsPlaceForEver() {
    budget.bounds(0, typed(0, 0, 0, 1));
    budget.left(0, Charge.ONE);
    assertThat(budget.earliest(10 * SECOND, Charge.ONE, 1, 0)).isGreaterThan(10 * SECOND);
    assertThat(budget.binding()).isEqualTo(Limit.CONCURRENCY);
    long later = Ceiling.LOST + SECOND;
    assertThat(budget.earliest(later, Charge.ONE, 1, 0)).isEqualTo(later);
  }

  @Test
  void whatWasUsedStaysUsedWhenALimitIsTypedAnew() {
    budget.bounds(0, typed(60, 0, 0, 0));
    send(0, SECOND, Charge.ONE);
    budget.bounds(SECOND, typed(120, 0, 0, 0));
    // Sixty of 120 are used, less the one that came back.
    assertThat(send(SECOND, SECOND + 1, Charge.ONE)).isBetween(60, 62);
    budget.bounds(2 * SECOND, Bounds.NONE);
    assertThat(budget.earliest(2 * SECOND, Charge.ONE, 1, SECOND)).isEqualTo(2 * SECOND);
  }
}
