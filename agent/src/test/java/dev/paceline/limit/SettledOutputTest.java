package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Output that was not charged when its request was sent, or was set aside for nothing. */
class SettledOutputTest {
  private static final long MILLI = 1_000_000;

  private final ScopeLimiter budget = new ScopeLimiter(0);

  private Permit served(long now, Cost charge, Limit limit, long remaining) {
    Permit attempt = budget.left(now, charge);
    budget.answered(
        now + 50 * MILLI,
        attempt,
        List.of(new LimitReading(limit, 10_000, remaining, 60_000, 60_000)),
        null,
        0,
        1_000 * MILLI,
        60_000 * MILLI,
        0.5);
    return attempt;
  }

  private long remaining(long now) {
    return budget.view(now).buckets().get(0).left();
  }

  @Test
  void outputIsTakenFromItsLimitWhenTheStreamEnds() {
    Permit attempt = served(0, new Cost(1, 100, 0), Limit.OTPM, 6_000);
    long before = remaining(60 * MILLI);
    budget.settled(60 * MILLI, attempt, 2_500);
    assertThat(remaining(60 * MILLI)).isEqualTo(before - 2_500);
    budget.settled(60 * MILLI, attempt, 2_500);
    assertThat(remaining(60 * MILLI)).as("once only").isEqualTo(before - 2_500);
  }

  @Test
  void whatWasSetAsideForNothingComesBack() {
    Permit attempt = served(0, new Cost(1, 100, 4_000), Limit.TPM, 5_000);
    long before = remaining(60 * MILLI);
    budget.settled(60 * MILLI, attempt, 1_000);
    assertThat(remaining(60 * MILLI)).isEqualTo(before + 3_000);
  }

  @Test
  void limitsOfPromptsAndRequestsStayAsTheyAre() {
    for (Limit limit : new Limit[] {Limit.ITPM, Limit.RPM}) {
      ScopeLimiter other = new ScopeLimiter(0);
      Permit attempt = other.left(0, new Cost(1, 100, 0));
      other.answered(
          50 * MILLI,
          attempt,
          List.of(new LimitReading(limit, 10_000, 6_000, 60_000, 60_000)),
          null,
          0,
          1_000 * MILLI,
          60_000 * MILLI,
          0.5);
      long before = other.view(60 * MILLI).buckets().get(0).left();
      other.settled(60 * MILLI, attempt, 2_500);
      assertThat(other.view(60 * MILLI).buckets().get(0).left()).isEqualTo(before);
    }
  }
}
