package dev.paceline.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long ORIGIN = -5 * SECOND;

  private static Simulated of(LimitRule... rules) {
    return new Simulated(Plan.of(rules), ORIGIN);
  }

  /** Sends {@code count} requests at one time; how many were accepted. */
  private static int send(ProviderModel model, long sinceOrigin, int count) {
    int accepted = 0;
    for (int i = 0; i < count; i++) {
      accepted += model.arrive(ORIGIN + sinceOrigin, "m", 1).accepted() ? 1 : 0;
    }
    return accepted;
  }

  private static Decision.Rejected rejected(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Rejected.class);
    return (Decision.Rejected) decision;
  }

  @Test
  void inputAndOutputTokensAreChargedEachByItsOwn() {
    Simulated model =
        new Simulated(
            new Plan(
                java.util.List.of(
                    LimitRule.fixed(Limit.ITPM, 100, java.time.Duration.ofMinutes(1)),
                    LimitRule.fixed(Limit.OTPM, 20, java.time.Duration.ofMinutes(1)))),
            ORIGIN);

    // 4,000 may be answered, 8 will be: max_tokens does not count against output tokens.
    assertThat(model.arrive(ORIGIN, "m", new Load(4_010, 10, 8)).accepted()).isTrue();
    assertThat(model.arrive(ORIGIN, "m", new Load(4_010, 10, 8)).accepted()).isTrue();
    Decision third = model.arrive(ORIGIN, "m", new Load(4_010, 10, 8));
    assertThat(rejected(third).limit()).isEqualTo(Limit.OTPM);
    assertThat(model.levels(ORIGIN, "m"))
        .extracting(ShownLevel::remaining)
        .containsExactly(80L, 4L);
  }

  @Test
  void bucketAdmitsTheBurstThenTheRate() {
    Simulated model = new Simulated(Plan.requestsPerMinute(1200, 20), ORIGIN);
    assertThat(send(model, 0, 50)).isEqualTo(20);
    assertThat(send(model, SECOND / 2, 50)).isEqualTo(10);
    assertThat(send(model, SECOND / 2 + 49_999_999, 1)).isZero();
    assertThat(send(model, SECOND / 2 + 50_000_000, 1)).isOne();
  }

  @Test
  void bucketStaysFullAndDoesNotOverflowAfterYearsOfIdleness() {
    Simulated model = of(LimitRule.continuous(Limit.TPD, 10_000_000, Duration.ofDays(1)));
    assertThat(model.arrive(ORIGIN, "m", 10_000_000).accepted()).isTrue();
    assertThat(model.arrive(ORIGIN + 3650L * 86_400 * SECOND, "m", 10_000_000).accepted()).isTrue();
    assertThat(model.arrive(ORIGIN + 3650L * 86_400 * SECOND, "m", 1).accepted()).isFalse();
  }

  @Test
  void fixedWindowStartsAnewAtItsEdgeNotAMinuteAfterTheFirstRequest() {
    Simulated model = of(LimitRule.fixed(Limit.RPM, 10, MINUTE));
    assertThat(send(model, 55 * SECOND, 15)).isEqualTo(10);
    Decision.Rejected rejection = rejected(model.arrive(ORIGIN + 56 * SECOND, "m", 1));
    assertThat(rejection.waitNanos()).isEqualTo(4 * SECOND);
    assertThat(rejection.levels())
        .containsExactly(new ShownLevel(Limit.RPM, 10, 60 * SECOND, 0, 4 * SECOND));
    assertThat(send(model, 60 * SECOND, 15)).isEqualTo(10);
  }

  @Test
  void rollingWindowGivesEachUnitBackAfterOneWindow() {
    Simulated model = of(LimitRule.rolling(Limit.RPM, 3, MINUTE));
    assertThat(send(model, 0, 1)).isOne();
    assertThat(send(model, 10 * SECOND, 5)).isEqualTo(2);
    assertThat(rejected(model.arrive(ORIGIN + 11 * SECOND, "m", 1)).waitNanos())
        .isEqualTo(49 * SECOND);
    assertThat(send(model, 60 * SECOND, 5)).isOne();
    assertThat(send(model, 70 * SECOND - 1, 5)).isZero();
    assertThat(send(model, 70 * SECOND, 5)).isEqualTo(2);
  }

  @Test
  void slicedLimitRejectsABurstThatTheShownLimitWouldAllow() {
    for (boolean aligned : new boolean[] {false, true}) {
      Simulated model =
          of(LimitRule.continuous(Limit.RPM, 600, MINUTE).sliced(Duration.ofMillis(500), aligned));
      assertThat(send(model, 0, 100)).isEqualTo(5);
      Decision.Rejected rejection = rejected(model.arrive(ORIGIN, "m", 1));
      assertThat(rejection.levels())
          .singleElement()
          .satisfies(level -> assertThat(level.remaining()).isEqualTo(595));
      assertThat(rejection.waitNanos()).isEqualTo(aligned ? SECOND / 2 : SECOND / 10);
      assertThat(send(model, SECOND / 2, 100)).isEqualTo(5);
    }
  }

  @Test
  void sliceOfAHiddenLimitIsASliceToo() {
    Simulated model =
        of(
            LimitRule.continuous(Limit.TPM, 6_000, MINUTE)
                .asHidden()
                .sliced(Duration.ofSeconds(1), true));
    assertThat(model.arrive(ORIGIN, "m", 5_000).accepted()).isTrue();
    assertThat(model.arrive(ORIGIN, "m", 1).accepted()).isFalse();
  }

  @Test
  void concurrencyGivesPlacesBackWhenAnswersEnd() {
    Simulated model = of(LimitRule.concurrency(2));
    assertThat(send(model, 0, 5)).isEqualTo(2);
    Decision.Rejected rejection = rejected(model.arrive(ORIGIN, "m", 1));
    assertThat(rejection.limit()).isEqualTo(Limit.CONCURRENCY);
    assertThat(rejection.waitNanos()).isEqualTo(Decision.Rejected.WAIT_UNKNOWN);
    assertThat(rejection.levels()).isEmpty();
    assertThat(send(model, 3600 * SECOND, 5)).isZero();
    model.done(ORIGIN + 3600 * SECOND, "m");
    assertThat(send(model, 3600 * SECOND, 5)).isOne();
  }

  @Test
  void aRequestMustPassEveryLimitAndIsChargedNowhereWhenOneRejects() {
    Simulated model =
        of(
            LimitRule.continuous(Limit.RPM, 60, MINUTE),
            LimitRule.continuous(Limit.TPM, 1_000, MINUTE));
    assertThat(model.arrive(ORIGIN, "m", 900).accepted()).isTrue();
    Decision.Rejected rejection = rejected(model.arrive(ORIGIN, "m", 200));
    assertThat(rejection.limit()).isEqualTo(Limit.TPM);
    assertThat(rejection.requested()).isEqualTo(200);
    assertThat(rejection.waitNanos()).isEqualTo(6 * SECOND);
    assertThat(rejection.levels()).extracting(ShownLevel::remaining).containsExactly(59L, 100L);
  }

  @Test
  void aRequestLargerThanTheBudgetCanNeverPass() {
    Decision decision =
        of(LimitRule.continuous(Limit.TPM, 1_000, MINUTE)).arrive(ORIGIN, "m", 1_001);
    assertThat(decision)
        .isEqualTo(
            new Decision.TooLarge(
                Limit.TPM,
                1_001,
                List.of(new ShownLevel(Limit.TPM, 1_000, 60 * SECOND, 1_000, 0))));
  }

  @Test
  void rejectedRequestsPutTheBudgetIntoADebtOfAtMostTwoSeconds() {
    Simulated model =
        of(LimitRule.continuous(Limit.RPM, 600, MINUTE).withBurst(10).chargingRejected());
    assertThat(send(model, 0, 10_000)).isEqualTo(10);
    assertThat(rejected(model.arrive(ORIGIN, "m", 1)).waitNanos())
        .isEqualTo(2 * SECOND + SECOND / 10);
    assertThat(send(model, 2 * SECOND + SECOND / 10, 1)).isOne();
  }

  @Test
  void rejectedRequestsAreFreeUnlessThePlanSaysOtherwise() {
    Simulated model = of(LimitRule.continuous(Limit.RPM, 600, MINUTE).withBurst(10));
    assertThat(send(model, 0, 10_000)).isEqualTo(10);
    assertThat(send(model, SECOND / 10, 1)).isOne();
  }

  @Test
  void initialLevelIsWhatIsThereAtTheOrigin() {
    assertThat(send(of(LimitRule.continuous(Limit.RPM, 60, MINUTE).withInitial(0)), 0, 5)).isZero();
    assertThat(send(of(LimitRule.fixed(Limit.RPM, 60, MINUTE).withInitial(3)), 0, 5)).isEqualTo(3);
    assertThat(send(of(LimitRule.rolling(Limit.RPM, 60, MINUTE).withInitial(3)), 59 * SECOND, 5))
        .isEqualTo(3);
    assertThat(send(of(LimitRule.concurrency(4).withInitial(1)), 0, 5)).isOne();
  }

  @Test
  void aChangedLimitHoldsFromItsTimeOn() {
    Simulated model =
        of(
            LimitRule.fixed(Limit.RPM, 10, MINUTE)
                .changing(Duration.ofSeconds(60), 4)
                .changing(Duration.ofSeconds(120), 20));
    assertThat(send(model, 59 * SECOND, 30)).isEqualTo(10);
    assertThat(send(model, 61 * SECOND, 30)).isEqualTo(4);
    assertThat(send(model, 121 * SECOND, 30)).isEqualTo(20);
    assertThat(model.levels(ORIGIN + 121 * SECOND, "m"))
        .extracting(ShownLevel::max)
        .containsExactly(20L);
  }

  @Test
  void halvingABucketHalvesRateAndBurst() {
    Simulated model =
        of(
            LimitRule.continuous(Limit.RPM, 600, MINUTE)
                .withBurst(20)
                .changing(Duration.ofSeconds(10), 300));
    assertThat(send(model, 10 * SECOND, 50)).isEqualTo(10);
    assertThat(send(model, 11 * SECOND, 50)).isEqualTo(5);
  }

  @Test
  void aNeighbourTakesItsShareOfEveryKind() {
    Neighbour third = Neighbour.share(300, 600, 60 * SECOND);
    Simulated rolling = of(LimitRule.rolling(Limit.RPM, 600, MINUTE).shared(third));
    assertThat(send(rolling, 600 * SECOND - 1, 1_000)).isEqualTo(420);
    Simulated fixed = of(LimitRule.fixed(Limit.RPM, 600, MINUTE).shared(third));
    assertThat(send(fixed, 600 * SECOND - 1, 1_000)).isEqualTo(420);
    Simulated bucket = of(LimitRule.continuous(Limit.RPM, 600, MINUTE).shared(third));
    send(bucket, 0, 1_000);
    assertThat(send(bucket, 30 * SECOND, 1_000)).isBetween(208, 212);
  }

  @Test
  void aNeighbourThatPausesTakesOnlyWhileItIsOn() {
    Neighbour all = Neighbour.share(1_000, 600, 60 * SECOND).onOff(4 * SECOND, 4 * SECOND);
    Simulated model = of(LimitRule.continuous(Limit.RPM, 600, MINUTE).withInitial(0).shared(all));
    assertThat(send(model, 4 * SECOND - 1, 100)).isLessThanOrEqualTo(1);
    assertThat(send(model, 8 * SECOND - 1, 100)).isBetween(38, 40);
  }

  @Test
  void aNeighboursBurstTakesALumpAtOnce() {
    Simulated model =
        of(LimitRule.continuous(Limit.RPM, 600, MINUTE).shared(Neighbour.burst(180, 40 * SECOND)));
    assertThat(send(model, 0, 1_000)).isEqualTo(420);
  }

  @Test
  void everyModelHasItsOwnBudget() {
    Simulated model = new Simulated(Plan.requestsPerMinute(60, 1), ORIGIN);
    assertThat(model.arrive(ORIGIN, "a", 1).accepted()).isTrue();
    assertThat(model.arrive(ORIGIN, "a", 1).accepted()).isFalse();
    assertThat(model.arrive(ORIGIN, "b", 1).accepted()).isTrue();
  }

  @Test
  void timeThatRunsBackwardsIsTakenAsTheLatestSeen() {
    Simulated model = new Simulated(Plan.requestsPerMinute(60, 1), ORIGIN);
    assertThat(send(model, 10 * SECOND, 1)).isOne();
    assertThat(send(model, 5 * SECOND, 1)).isZero();
    assertThat(send(model, 11 * SECOND, 1)).isOne();
  }

  @Test
  void rulesThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> LimitRule.fixed(Limit.RPM, 0, MINUTE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LimitRule.rolling(Limit.RPM, 5, MINUTE).withBurst(9))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> LimitRule.fixed(Limit.RPM, 5, MINUTE).withInitial(6))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                LimitRule.fixed(Limit.RPM, 5, MINUTE)
                    .changing(MINUTE, 3)
                    .changing(Duration.ZERO, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
