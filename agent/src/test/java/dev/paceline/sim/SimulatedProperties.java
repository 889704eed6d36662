package dev.paceline.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class SimulatedProperties {
  /** One request: how long after the one before, how many tokens. */
  record Step(long gapNanos, long tokens) {}

  private record Admission(long at, long tokens) {}

  @Provide
  Arbitrary<List<Step>> traffic() {
    Arbitrary<Long> gap =
        Arbitraries.oneOf(
            Arbitraries.just(0L),
            Arbitraries.longs().between(0, 2_000_000),
            Arbitraries.longs().between(0, 900_000_000));
    return Combinators.combine(gap, Arbitraries.longs().between(0, 60))
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(200);
  }

  private static List<Admission> run(LimitRule rule, List<Step> traffic) {
    Simulated model = new Simulated(Plan.of(rule), 0);
    List<Admission> admitted = new ArrayList<>();
    long now = 0;
    for (Step step : traffic) {
      now += step.gapNanos();
      if (model.arrive(now, "m", step.tokens()).accepted()) {
        admitted.add(new Admission(now, rule.charge(Load.of(step.tokens()))));
      }
    }
    return admitted;
  }

  private static long within(List<Admission> admitted, long from, long to) {
    return admitted.stream()
        .filter(a -> a.at() >= from && a.at() < to)
        .mapToLong(Admission::tokens)
        .sum();
  }

  @Property(tries = 300)
  void bucketNeverAdmitsMoreThanBurstPlusRefillInAnySpan(
      @ForAll("traffic") List<Step> traffic,
      @ForAll @IntRange(min = 1, max = 500) int amount,
      @ForAll @IntRange(min = 1, max = 80) int burst) {
    LimitRule rule =
        LimitRule.continuous(Limit.TPM, amount, Duration.ofSeconds(3)).withBurst(burst);
    List<Admission> admitted = run(rule, traffic);
    for (int i = 0; i < admitted.size(); i++) {
      long sum = 0;
      for (int j = i; j < admitted.size(); j++) {
        sum += admitted.get(j).tokens();
        long span = admitted.get(j).at() - admitted.get(i).at() + 1_000; // one tick of the bucket
        assertThat(sum * 3_000_000_000L)
            .isLessThanOrEqualTo(burst * 3_000_000_000L + span * amount);
      }
    }
  }

  @Property(tries = 300)
  void rollingNeverAdmitsMoreThanTheLimitInAnyWindow(
      @ForAll("traffic") List<Step> traffic, @ForAll @IntRange(min = 1, max = 200) int amount) {
    List<Admission> admitted =
        run(LimitRule.rolling(Limit.TPM, amount, Duration.ofSeconds(2)), traffic);
    for (Admission first : admitted) {
      assertThat(within(admitted, first.at(), first.at() + 2_000_000_000L))
          .isLessThanOrEqualTo(amount);
    }
  }

  @Property(tries = 300)
  void fixedNeverAdmitsMoreThanTheLimitInItsWindows(
      @ForAll("traffic") List<Step> traffic, @ForAll @IntRange(min = 1, max = 200) int amount) {
    List<Admission> admitted =
        run(LimitRule.fixed(Limit.TPM, amount, Duration.ofSeconds(2)), traffic);
    for (Admission any : admitted) {
      long start = any.at() / 2_000_000_000L * 2_000_000_000L;
      assertThat(within(admitted, start, start + 2_000_000_000L)).isLessThanOrEqualTo(amount);
    }
  }

  /** Conservation: nothing a model charges disappears, and nothing comes from nowhere. */
  @Property(tries = 300)
  void fixedRemainingIsTheLimitMinusWhatWasAdmitted(@ForAll("traffic") List<Step> traffic) {
    LimitRule rule = LimitRule.fixed(Limit.TPM, 100, Duration.ofDays(30));
    Simulated model = new Simulated(Plan.of(rule), 0);
    long now = 0;
    long admitted = 0;
    for (Step step : traffic) {
      now += step.gapNanos();
      boolean fits = admitted + step.tokens() <= 100;
      assertThat(model.arrive(now, "m", step.tokens()).accepted()).isEqualTo(fits);
      admitted += fits ? step.tokens() : 0;
      assertThat(model.levels(now, "m").get(0).remaining()).isEqualTo(100 - admitted);
    }
  }

  /**
   * Looking often must not change what is there: the bucket loses no fraction of a unit between two
   * looks.
   */
  @Property(tries = 200)
  void bucketFillsTheSameHoweverOftenItIsAsked(
      @ForAll("traffic") List<Step> traffic,
      @ForAll @LongRange(min = 1, max = 100_000) long amount) {
    LimitRule rule = LimitRule.continuous(Limit.TPM, amount, Duration.ofSeconds(60)).withInitial(0);
    Simulated often = new Simulated(Plan.of(rule), 0);
    long now = 0;
    for (Step step : traffic) {
      now += step.gapNanos();
      often.levels(now, "m");
    }
    assertThat(often.levels(now, "m")).isEqualTo(new Simulated(Plan.of(rule), 0).levels(now, "m"));
  }

  /** The wait is exact: it passes then, and not a nanosecond before. */
  @Property(tries = 300)
  void aRejectedRequestPassesAfterItsWaitAndNotBefore(
      @ForAll("traffic") List<Step> traffic,
      @ForAll @IntRange(min = 60, max = 500) int amount,
      @ForAll @IntRange(min = 0, max = 4) int kind) {
    for (boolean early : new boolean[] {true, false}) {
      LimitRule rule = rule(kind, amount);
      Simulated model = new Simulated(Plan.of(rule), 0);
      long now = 0;
      for (Step step : traffic) {
        now += step.gapNanos();
        if (model.arrive(now, "m", step.tokens()) instanceof Decision.Rejected rejected) {
          assertThat(rejected.waitNanos()).isPositive();
          long then = now + rejected.waitNanos() - (early ? 1 : 0);
          assertThat(model.arrive(then, "m", step.tokens()).accepted()).isEqualTo(!early);
          break;
        }
      }
    }
  }

  private static LimitRule rule(int kind, int amount) {
    Duration window = Duration.ofMillis(2_500);
    return switch (kind) {
      case 0 -> LimitRule.continuous(Limit.TPM, amount, window);
      case 1 -> LimitRule.fixed(Limit.TPM, amount, window);
      case 2 -> LimitRule.rolling(Limit.TPM, amount, window);
      case 3 ->
          LimitRule.continuous(Limit.TPM, amount, window).sliced(Duration.ofMillis(500), false);
      default -> LimitRule.rolling(Limit.TPM, amount, window).chargingRejected();
    };
  }
}
