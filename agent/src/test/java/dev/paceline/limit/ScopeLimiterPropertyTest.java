package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

/** A budget that is alone on its limits, over random schedules, reorderings, losses and lies. */
class ScopeLimiterPropertyTest {
  private static final long SECOND = OneClient.SECOND;

  /** Losses and all: an answer that never comes leaves its charge in place. */
  @Property(tries = 60)
  void aSynchronisedBudgetAdmitsNoMoreThanTheProviderAccepts(
      @ForAll("buckets") LimitRule rule,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 0.3) double lost) {
    OneClient client =
        new OneClient(Plan.of(rule), seed, 40 * OneClient.MILLI, lost, 200, (truth, r) -> truth)
            .run();

    assertThat(client.accepted).isPositive();
    // Before the first headers nothing is synchronised: a bucket that is emptied at the third
    // second
    // met one 429 then, in one run of two thousand.
    assertThat(client.rejections.stream().filter(at -> at > 4 * SECOND)).isEmpty();
  }

  /**
   * Which kind a window is, and when it ends, answers show only after a while: synchronised is a
   * budget that has seen three of them. A unit at the edge of one may be misjudged, a herd never.
   */
  @Property(tries = 60)
  void inWindowsItAdmitsNextToNoMoreOnceItKnowsThem(
      @ForAll("windows") LimitRule rule,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 0.1) double lost) {
    OneClient client =
        new OneClient(Plan.of(rule), seed, 40 * OneClient.MILLI, lost, 480, (truth, r) -> truth)
            .run();

    assertThat(client.accepted).isGreaterThan((int) (5 * rule.amount()));
    // Seven at most in 26,000 runs, but in one: a fixed window of 11, a tenth of the answers lost.
    assertThat(client.rejections.stream().filter(at -> at > 180 * SECOND))
        .as("429s of %s accepted, after three windows", client.accepted)
        .hasSizeLessThanOrEqualTo(8);
  }

  /** A burst that had left the window was given back twice: 9 to 11 were refused in each. */
  @Test
  void whatLeavesARollingWindowComesBackOnce() {
    rolling(166, -3042582126075835097L, 0.022994795045914895);
    rolling(217, 4063098832402106966L, 0.01890439395270084);
    rolling(287, -5760918211522134011L, 0.01304798205946085);
  }

  /** A 429 whose answer was lost came back each minute again: 15 and 16 were refused. */
  @Test
  void whatWasNeverCountedDoesNotComeBack() {
    rolling(261, -2708780370276753168L, 0.09819799052676015);
    rolling(254, 1083670282755598829L, 0.08775904387425228);
  }

  /** Taken for a bucket of an hour for five minutes, it used half of the window. */
  @Test
  void aBurstIntoARollingWindowIsNoBucketOfAnHour() {
    rolling(121, 3132921710176146502L, 0.051509205717035766);
  }

  private void rolling(int amount, long seed, double lost) {
    inWindowsItAdmitsNextToNoMoreOnceItKnowsThem(
        LimitRule.rolling(Limit.RPM, amount, Duration.ofSeconds(60)), seed, lost);
  }

  @Property(tries = 60)
  void itNeverStopsForMuchLongerThanTheProviderWouldMakeItWait(
      @ForAll("rules") LimitRule rule, @ForAll long seed) {
    OneClient client =
        new OneClient(Plan.of(rule), seed, 150 * OneClient.MILLI, 0.1, 200, (truth, r) -> truth)
            .run();

    // A window of 60 s taken for one of an hour held a budget for 110 s, in one run of 400.
    assertThat(client.longestStop).isLessThanOrEqualTo(10 * SECOND + distance(rule));
    // A fixed window of ten seconds that begins with the first call looks like a rolling one for a
    // while when a tenth of the answers is lost: one run in a thousand met a tenth 429s.
    int part = rule.windowNanos() >= 60 * SECOND ? 20 : 8;
    assertThat(client.rejections.size())
        .as("429s of %s accepted", client.accepted)
        .isLessThanOrEqualTo(10 + client.accepted / part);
  }

  @Property(tries = 60)
  void headersThatLieDoNotStopIt(
      @ForAll("buckets") LimitRule rule, @ForAll("lies") Lie lie, @ForAll long seed) {
    OneClient client =
        new OneClient(Plan.of(rule), seed, 40 * OneClient.MILLI, 0, 200, lie::say).run();

    assertThat(client.longestStop).as(lie.name()).isLessThanOrEqualTo(10 * SECOND + distance(rule));
  }

  /** The distance to empty that a budget keeps after 429s: two requests, or 15 % of the limit. */
  private static long distance(LimitRule rule) {
    if (rule.kind() != LimitRule.Kind.CONTINUOUS) {
      // A unit that a lost answer leaves in doubt comes back with the window.
      return rule.windowNanos();
    }
    return Math.max(2, rule.amount() * 15 / 100) * rule.windowNanos() / rule.amount() + SECOND;
  }

  /** Headers that say something else than the truth. */
  enum Lie {
    NOTHING_LEFT {
      @Override
      LimitReading say(LimitReading truth, Random random) {
        return new LimitReading(truth.limit(), truth.limitValue(), 0, truth.resetMillis(), 60_000);
      }
    },
    UNKNOWN_LEFT {
      @Override
      LimitReading say(LimitReading truth, Random random) {
        return new LimitReading(truth.limit(), truth.limitValue(), -1, truth.resetMillis(), 60_000);
      }
    },
    RESET_IN_YEARS {
      @Override
      LimitReading say(LimitReading truth, Random random) {
        return new LimitReading(
            truth.limit(), truth.limitValue(), truth.remaining(), 100_000_000_000L, 60_000);
      }
    },
    NOTHING_LEFT_FOR_YEARS {
      @Override
      LimitReading say(LimitReading truth, Random random) {
        return new LimitReading(truth.limit(), truth.limitValue(), 0, 100_000_000_000L, 60_000);
      }
    },
    ANOTHER_LIMIT {
      @Override
      LimitReading say(LimitReading truth, Random random) {
        return new LimitReading(Limit.RPD, 1_000_000, 900_000, 3_600_000, 86_400_000);
      }
    },
    NOW_AND_THEN_ZERO {
      @Override
      LimitReading say(LimitReading truth, Random random) {
        return random.nextInt(10) == 0
            ? new LimitReading(truth.limit(), truth.limitValue(), 0, 0, 60_000)
            : truth;
      }
    };

    abstract LimitReading say(LimitReading truth, Random random);
  }

  @Provide
  Arbitrary<Lie> lies() {
    return Arbitraries.of(Lie.values());
  }

  @Provide
  Arbitrary<LimitRule> buckets() {
    return Combinators.combine(Arbitraries.longs().between(10, 300), Arbitraries.of(10, 60))
        .as(
            (amount, window) ->
                LimitRule.continuous(Limit.RPM, amount, Duration.ofSeconds(window)));
  }

  @Provide
  Arbitrary<LimitRule> windows() {
    return Combinators.combine(Arbitraries.of(true, false), Arbitraries.longs().between(10, 300))
        .as(
            (fixed, amount) ->
                fixed
                    ? LimitRule.fixed(Limit.RPM, amount, Duration.ofSeconds(60))
                    : LimitRule.rolling(Limit.RPM, amount, Duration.ofSeconds(60)));
  }

  @Provide
  Arbitrary<LimitRule> rules() {
    return Combinators.combine(
            Arbitraries.of(0, 1, 2), Arbitraries.longs().between(10, 300), Arbitraries.of(10, 60))
        .as(
            (kind, amount, window) ->
                switch (kind) {
                  case 0 -> LimitRule.continuous(Limit.RPM, amount, Duration.ofSeconds(window));
                  case 1 -> LimitRule.fixed(Limit.RPM, amount, Duration.ofSeconds(window));
                  default -> LimitRule.rolling(Limit.RPM, amount, Duration.ofSeconds(window));
                });
  }
}
