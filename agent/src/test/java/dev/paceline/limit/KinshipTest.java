package dev.paceline.limit;

import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.limit.Kinship.Finding;
import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two scopes and a provider whose counters are set back every hour; a second's pace. */
class KinshipTest {
  private static final long WINDOW = 3_599 * SECOND;

  private final Kin[] kin = {new Kin(0), new Kin(0)};
  private final Kinship kinship = new Kinship(kin[0], kin[1]);
  private final long[] left = {1_000, 1_000};
  private final long[] max = {1_000, 1_000};
  private final Map<Finding, Integer> found = new EnumMap<>(Finding.class);
  private Limit limit = Limit.RPM;
  private long grain = 1;
  private long now = SECOND;

  private Attempt leaves(int scope, long tokens) {
    Attempt attempt =
        new Attempt(now, new Charge(1, tokens, 0), 0, 1, new SendLog(), new long[0], new int[0]);
    kin[scope].sent(now, attempt);
    return attempt;
  }

  private Finding told(int scope, Attempt attempt, long remaining) {
    long shown = (remaining + grain / 2) / grain * grain;
    List<Sight> sights =
        List.of(
            new Sight(
                limit,
                attempt.sent,
                attempt.charge.of(limit),
                max[scope],
                shown,
                WINDOW - attempt.sent,
                1,
                Kind.FIXED,
                WINDOW,
                true,
                max[scope]));
    Finding finding = kinship.header(now, kin[scope], sights);
    Kinship.told(kin[scope], sights);
    found.merge(finding, 1, Integer::sum);
    return finding;
  }

  /** A call of one scope that draws on a bucket. */
  private Finding call(int scope, int bucket, long tokens) {
    now += SECOND;
    Attempt attempt = leaves(scope, tokens);
    left[bucket] -= attempt.charge.of(limit);
    return told(scope, attempt, left[bucket]);
  }

  private int count(Finding finding) {
    return found.getOrDefault(finding, 0);
  }

  @Test
  void twentyFiveFallsThatOnlyBothExplainAreProof() {
    while (!kinship.proved()) {
      call(0, 0, 0);
      call(1, 0, 0);
      assertThat(now).isLessThan(90 * SECOND);
    }
    assertThat(count(Finding.FOR)).isBetween(25, 26);
    assertThat(count(Finding.AGAINST) + count(Finding.DOUBTFUL)).isZero();
  }

  @Test
  void twoThatAreUsedInStepWithBucketsOfTheirOwnAreToldApart() {
    Finding finding = Finding.NOTHING;
    for (int i = 0; i < 20 && finding != Finding.AGAINST; i++) {
      call(0, 0, 0);
      finding = call(1, 1, 0);
    }
    assertThat(count(Finding.FOR)).isZero();
    assertThat(finding).isEqualTo(Finding.AGAINST);
  }

  @Test
  void bucketsThatDoNotStandAtTheSameLevelAreToldApartAtOnce() {
    left[1] = 900;
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      findings.add(call(0, 0, 0));
      findings.add(call(1, 1, 0));
    }
    assertThat(findings).contains(Finding.AGAINST);
  }

  @Test
  void somebodyElsesUseIsNoProof() {
    for (int seed = 0; seed < 200; seed++) {
      Kinship fresh = new KinshipTest().withSomebodyElse(new Random(seed));
      assertThat(fresh.proved()).isFalse();
    }
  }

  /** Each has its own, and somebody takes about as much of each as the other scope would. */
  private Kinship withSomebodyElse(Random random) {
    for (int i = 0; i < 300; i++) {
      int scope = random.nextInt(2);
      left[1 - scope] -= random.nextInt(10) < 9 ? 1 : 2;
      call(scope, scope, 0);
    }
    return kinship;
  }

  @Test
  void aContradictionIsNotLookedIntoAgainForTenMinutesThenTwenty() {
    for (long pause : new long[] {600, 1_200, 2_400}) {
      while (call(0, 0, 0) != Finding.AGAINST && call(1, 1, 0) != Finding.AGAINST) {
        assertThat(kinship.proved()).isFalse();
      }
      assertThat(kinship.shown()).isZero();
      now += (pause - 10) * SECOND;
      assertThat(kinship.open(now)).isFalse();
      call(0, 0, 0);
      call(1, 0, 0);
      now += 10 * SECOND;
      assertThat(kinship.open(now)).isTrue();
      if (now > 2_000 * SECOND) {
        return; // the window would end
      }
      left[1] = left[0];
    }
  }

  @Test
  void theHeadersOfOneSideAloneAreNoProof() {
    call(1, 0, 0);
    for (int i = 0; i < 40; i++) {
      call(0, 0, 0);
      now += SECOND;
      leaves(1, 0); // and its answer never comes
      left[0]--;
    }
    assertThat(count(Finding.FOR)).isGreaterThan(10);
    assertThat(kinship.proved()).isFalse();
  }

  @Test
  void anIntervalWithAFailedAttemptTellsNothing() {
    for (int i = 0; i < 40; i++) {
      call(0, 0, 0);
      now += SECOND;
      Attempt failed = leaves(1, 0);
      now += SECOND / 2;
      kin[1].doubt(now, failed); // not charged
      call(1, 0, 0);
      if (i % 2 == 0) {
        left[0]--; // or charged
      }
    }
    assertThat(count(Finding.FOR)).isZero();
    assertThat(count(Finding.AGAINST)).isZero();
  }

  @Test
  void limitsThatDifferAreNoFamily() {
    max[1] = 2_000;
    for (int i = 0; i < 40; i++) {
      call(0, 0, 0);
      call(1, 0, 0);
    }
    assertThat(count(Finding.FOR)).isZero();
    assertThat(kinship.proved()).isFalse();
  }

  @Test
  void whoIsToldAnotherLimitThanTheOtherIsUnlike() {
    while (!kinship.proved()) {
      call(0, 0, 0);
      call(1, 0, 0);
    }
    max[0] = 2_000;
    assertThat(call(0, 0, 0))
        .as("the other may not have heard of it yet")
        .isEqualTo(Finding.NOTHING);
    assertThat(call(1, 0, 0)).isEqualTo(Finding.UNLIKE);
    assertThat(kinship.proved()).isFalse();
  }

  @Test
  void whatIsLostInRoundingTellsNothing() {
    limit = Limit.TPM;
    grain = 1_000;
    max[0] = 1_000_000;
    max[1] = 1_000_000;
    left[0] = 900_000;
    for (int i = 0; i < 200; i++) {
      call(0, 0, 100);
      call(1, 0, 100);
    }
    assertThat(count(Finding.FOR)).isZero();
    assertThat(count(Finding.AGAINST)).isZero();
  }

  @Test
  void largePromptsAreProofAlsoWhereRemainingIsRounded() {
    limit = Limit.ITPM;
    grain = 1_000;
    max[0] = 1_000_000;
    max[1] = 1_000_000;
    left[0] = 1_000_000;
    for (int i = 0; i < 40 && !kinship.proved(); i++) {
      call(0, 0, 8_000);
      call(1, 0, 8_000);
    }
    assertThat(kinship.proved()).isTrue();
  }

  @Test
  void oneThatArrivesHalfASecondLateIsNoContradiction() {
    for (int i = 0; i < 60; i++) {
      call(0, 0, 0);
      now += SECOND;
      Attempt late = leaves(0, 0);
      now += 400 * MILLI;
      Attempt early = leaves(1, 0);
      told(1, early, --left[0]);
      now += 100 * MILLI;
      told(0, late, --left[0]);
      call(1, 0, 0);
    }
    assertThat(count(Finding.AGAINST)).isZero();
  }
}
