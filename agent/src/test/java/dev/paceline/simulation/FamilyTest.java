package dev.paceline.simulation;

import static dev.paceline.simulation.FamilyWorld.MILLI;
import static dev.paceline.simulation.FamilyWorld.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.FamilyMode;
import dev.paceline.sim.Manners;
import dev.paceline.sim.Plan;
import dev.paceline.sim.Rule;
import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Models that draw on one bucket are found and paced as one; those that do not never are. */
class FamilyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long UNTIL = 300 * SECOND;
  private static final Rule CONTINUOUS = Rule.continuous(Limit.RPM, 300, MINUTE);
  private static final Rule FIXED = Rule.fixed(Limit.RPM, 300, MINUTE);
  private static final Rule ROLLING = Rule.rolling(Limit.RPM, 300, MINUTE);

  private static FamilyWorld world(FamilyMode mode, Rule rule, int... buckets) {
    return world(mode, rule, 1, buckets);
  }

  private static FamilyWorld world(FamilyMode mode, Rule rule, long seed, int[] buckets) {
    return new FamilyWorld(
        mode, Plan.of(rule), Manners.DOCUMENTED, buckets, 20 * MILLI, 800 * MILLI, 0, seed);
  }

  /** Five calls a second of each of two models. */
  private static FamilyWorld.Application twice() {
    return FamilyWorld.together(
        FamilyWorld.poisson(0, 5, 300, UNTIL), FamilyWorld.poisson(1, 5, 300, UNTIL));
  }

  private static FamilyWorld run(FamilyMode mode, Rule rule, FamilyWorld.Application calls) {
    return world(mode, rule, 0, 0).run(calls, UNTIL + 120 * SECOND);
  }

  @Test
  void twoModelsWithOneBucketArePacedAsOneAndLoseNothingByIt() {
    for (Rule rule : List.of(CONTINUOUS, FIXED, ROLLING)) {
      FamilyWorld apart = run(FamilyMode.OFF, rule, twice());
      FamilyWorld found = run(FamilyMode.AUTO, rule, twice());
      String which = rule.kind() + ": " + found.said;
      assertThat(found.joins).as(which).isEqualTo(1);
      assertThat(found.parts).as(which).isZero();
      assertThat(found.joinedAt).as(which).isLessThan(150 * SECOND);
      assertThat(found.lanes()).as(which).isEqualTo(1);
      // Of 2,000 calls each: a few more or fewer are the luck of a seed.
      assertThat(found.rejections).as(which).isLessThanOrEqualTo(apart.rejections + 4);
      assertThat(found.served).as(which).isGreaterThanOrEqualTo(apart.served * 99 / 100);
    }
  }

  /**
   * A full rolling window gives back what was used as it was used, in waves, and calls that leave
   * close together prove nothing: some families are found late, or not at all.
   */
  @Test
  void mostFamiliesOnARollingWindowAreFound() {
    long found =
        LongStream.rangeClosed(1, 8)
            .parallel()
            .mapToObj(seed -> world(FamilyMode.AUTO, ROLLING, seed, new int[] {0, 0}))
            .map(world -> world.run(twice(), UNTIL))
            .filter(world -> world.joins == 1 && world.parts == 0)
            .count();
    assertThat(found).isGreaterThanOrEqualTo(5);
  }

  @Test
  void onARollingWindowTheyTakeMoreOfTheirLimitThanApart() {
    FamilyWorld apart = run(FamilyMode.OFF, ROLLING, twice());
    FamilyWorld found = run(FamilyMode.AUTO, ROLLING, twice());
    assertThat(found.joins).isEqualTo(1);
    assertThat(found.served).isGreaterThan(apart.served);
  }

  @Test
  void oneThatIsUsedLittleIsFoundToo() {
    FamilyWorld.Application calls =
        FamilyWorld.together(
            FamilyWorld.poisson(0, 6, 300, UNTIL), FamilyWorld.poisson(1, 1, 300, UNTIL));
    for (Rule rule : List.of(FIXED, ROLLING)) {
      FamilyWorld apart = run(FamilyMode.OFF, rule, calls);
      FamilyWorld found = run(FamilyMode.AUTO, rule, calls);
      assertThat(found.joins).as(found.said.toString()).isEqualTo(1);
      assertThat(found.parts).isZero();
      assertThat(found.failed).isLessThanOrEqualTo(apart.failed);
    }
  }

  @Test
  void oneThreadThatCallsTwoModelsInTurnIsEnough() {
    for (Rule rule : List.of(FIXED, ROLLING)) {
      FamilyWorld found = run(FamilyMode.AUTO, rule, FamilyWorld.inTurn(2, 300, 0, UNTIL));
      assertThat(found.joinedAfter).as(found.said.toString()).isBetween(25, 60);
    }
  }

  @Test
  void aLimitOnTokensIsProofToo() {
    for (Rule rule :
        List.of(Rule.fixed(Limit.TPM, 100_000, MINUTE), Rule.rolling(Limit.TPM, 100_000, MINUTE))) {
      FamilyWorld found = run(FamilyMode.AUTO, rule, FamilyWorld.inTurn(2, 300, 0, UNTIL));
      assertThat(found.joins).as(found.said.toString()).isEqualTo(1);
      assertThat(found.parts).isZero();
    }
  }

  @Test
  void observingSaysItOnceAndTouchesNothing() {
    FamilyWorld seen = run(FamilyMode.OBSERVE, ROLLING, twice());
    FamilyWorld off = run(FamilyMode.OFF, ROLLING, twice());
    assertThat(seen.said).hasSize(1);
    assertThat(seen.said.get(0))
        .containsPattern("m0 and m1|m1 and m0")
        .contains("seem to draw on one limit");
    assertThat(seen.lanes()).isEqualTo(2);
    assertThat(seen.served).isEqualTo(off.served);
    assertThat(off.said).isEmpty();
  }

  @Test
  void aFamilyThatTheProviderSplitsIsParted() {
    for (Rule rule : List.of(CONTINUOUS, FIXED, ROLLING)) {
      FamilyWorld world = world(FamilyMode.AUTO, rule, 0, 0);
      long split = 150 * SECOND;
      // Beyond its limit a fixed window is emptied within a second, which tells hardly anything.
      FamilyWorld.Application calls =
          rule == FIXED
              ? FamilyWorld.together(
                  FamilyWorld.poisson(0, 2, 300, UNTIL), FamilyWorld.poisson(1, 2, 300, UNTIL))
              : twice();
      world.run(
          FamilyWorld.together(calls, all -> all.time.at(split, () -> all.moves(1, 1))),
          UNTIL + 120 * SECOND);
      String which = rule.kind() + ": " + world.said;
      assertThat(world.joins).as(which).isEqualTo(1);
      assertThat(world.joinedAt).as(which).isLessThan(split);
      assertThat(world.parts).as(which).isEqualTo(1);
      assertThat(world.partedAt).as(which).isBetween(split, split + 60 * SECOND);
      assertThat(world.lanes()).as(which).isEqualTo(2);
    }
  }

  /**
   * Worlds where each model has its own bucket with the same limits as the others: used in step, by
   * turns, in bursts; beside processes that do exactly the same.
   */
  @Test
  void noStrangersAreEverJoined() {
    List<Long> joined =
        LongStream.range(0, 1_000)
            .parallel()
            .filter(seed -> FamilyWorlds.run(seed, false, FamilyMode.AUTO).joins > 0)
            .boxed()
            .toList();
    assertThat(joined).isEmpty();
  }

  /** The same worlds, where all models draw on one bucket. */
  @Test
  void whatWasFoundRarelyParts() {
    List<FamilyWorld> worlds =
        LongStream.range(0, 200)
            .parallel()
            .mapToObj(seed -> FamilyWorlds.run(seed, true, FamilyMode.AUTO))
            .toList();
    assertThat(worlds.stream().filter(world -> world.joins > 0).count()).isGreaterThan(10);
    assertThat(worlds.stream().filter(world -> world.parts > 0).count()).isLessThan(3);
  }
}
