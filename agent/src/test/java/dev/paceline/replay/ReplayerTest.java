package dev.paceline.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.paceline.config.Settings;
import dev.paceline.record.CallRecord;
import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplayerTest {
  private static Replayer replayer(boolean agent) {
    return new Replayer(agent, false, Settings.defaults().policyFor("openai", "", ""), 10_000);
  }

  private static ReplayLimits limits(Map<Limit, Long> perMinute, ReplayLimits.Window window) {
    return new ReplayLimits(perMinute, window, false);
  }

  private static ReplayLimits bucket(Limit limit, long amount) {
    return limits(Map.of(limit, amount), ReplayLimits.Window.BUCKET);
  }

  @Test
  void aBurstWaitsForWhatTheBucketDoesNotHold() {
    // 120 leave at once, the other 60 at two a second: the 171st after 25.5 s.
    ReplayResult result = replayer(true).run(RecordedLoads.burst(180, 100), bucket(Limit.RPM, 120));

    assertThat(result.calls()).isEqualTo(180);
    assertThat(result.failed()).isZero();
    assertThat(result.limited()).isLessThanOrEqualTo(2);
    assertThat(result.waits().p50()).isLessThan(3);
    assertThat(result.waits().p95()).isCloseTo(25.5, within(1.5));
    assertThat(result.saturatedSeconds()).isBetween(28.0, 36.0);
  }

  @Test
  void tokensAreChargedAsTheProviderDoes() {
    // 60,000 tokens fit, 30,000 are left at 1,000 a second.
    ReplayResult result =
        replayer(true).run(RecordedLoads.burst(90, 1_000), bucket(Limit.TPM, 60_000));

    assertThat(result.failed()).isZero();
    assertThat(result.waits().p95()).isCloseTo(26, within(2.0));
  }

  @Test
  void aFixedWindowLetsTheRestLeaveAtItsEnd() {
    RecordedLoad load = new RecordedLoad(model -> true);
    load.accept(RecordedLoads.call(RecordedLoads.EPOCH, 100));
    for (int i = 0; i < 180; i++) {
      load.accept(RecordedLoads.call(RecordedLoads.EPOCH + 20_000, 100));
    }
    ReplayResult result =
        replayer(true)
            .run(
                load.models().get(0).arrivals(),
                limits(Map.of(Limit.RPM, 120L), ReplayLimits.Window.FIXED));

    assertThat(result.failed()).isZero();
    assertThat(result.waits().p95()).isBetween(39.0, 45.0);
  }

  @Test
  void withoutTheAgentCallsFailAfterTheirRetries() {
    Arrivals calls = RecordedLoads.poisson(8, 300, 100);
    ReplayResult without = replayer(false).run(calls, bucket(Limit.RPM, 240));
    ReplayResult with = replayer(true).run(calls, bucket(Limit.RPM, 240));

    assertThat(without.failed()).isGreaterThan(500);
    assertThat(without.limited()).isGreaterThan(3 * without.failed());
    assertThat(with.limited()).isLessThan(30);
  }

  @Test
  void whatIsLargerThanTheLimitFailsAndIsCountedApart() {
    ReplayResult result =
        replayer(true).run(RecordedLoads.burst(3, 5_000), bucket(Limit.TPM, 1_000));

    assertThat(result.failed()).isEqualTo(3);
    assertThat(result.tooLarge()).isEqualTo(3);
  }

  @Test
  void belowTheLimitNothingWaits() {
    ReplayResult result =
        replayer(true).run(RecordedLoads.poisson(2, 600, 100), bucket(Limit.RPM, 600));

    assertThat(result.failed()).isZero();
    assertThat(result.limited()).isZero();
    assertThat(result.waits().p99()).isLessThan(0.5);
  }

  @ParameterizedTest
  @EnumSource(ReplayLimits.Window.class)
  void theSmallestLimitKeepsTheTargetAndNineTenthsOfItDoNot(ReplayLimits.Window window) {
    Arrivals calls = RecordedLoads.poisson(5, 900, 1_000);
    ReplayLimits like = limits(Map.of(), window);
    Replayer.Need need = replayer(true).needs(calls, List.of(Limit.TPM), like, 2).get(0);

    assertThat(need.confirmed()).isTrue();
    assertThat(need.amount()).isBetween(270_000L, 480_000L);
    ReplayResult enough = replayer(true).run(calls, like.only(Limit.TPM, need.amount()));
    assertThat(enough.waits().p95()).isLessThanOrEqualTo(2);
    ReplayResult less = replayer(true).run(calls, like.only(Limit.TPM, need.amount() * 9 / 10));
    assertThat(less.waits().p95()).isGreaterThan(2);
  }

  @Test
  void withoutTheAgentMoreIsNeeded() {
    Arrivals calls = RecordedLoads.burst(300, 100);
    ReplayLimits like = limits(Map.of(), ReplayLimits.Window.BUCKET);
    long with = replayer(true).needs(calls, List.of(Limit.RPM), like, 20).get(0).amount();
    long without = replayer(false).needs(calls, List.of(Limit.RPM), like, 20).get(0).amount();

    assertThat(with).isLessThan(without);
  }

  @Test
  void theOrderOfLinesDoesNotMatter() {
    List<CallRecord> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(RecordedLoads.call(RecordedLoads.EPOCH + i * 97L, 100 + i));
    }
    RecordedLoad sorted = new RecordedLoad(model -> true);
    calls.forEach(sorted);
    Collections.shuffle(calls, new Random(3));
    RecordedLoad shuffled = new RecordedLoad(model -> true);
    calls.forEach(shuffled);

    assertThat(replayer(true).run(shuffled.models().get(0).arrivals(), bucket(Limit.TPM, 20_000)))
        .isEqualTo(
            replayer(true).run(sorted.models().get(0).arrivals(), bucket(Limit.TPM, 20_000)));
  }

  @Test
  void aRecordOfDaysWithLongPausesIsReplayed() {
    RecordedLoad load = new RecordedLoad(model -> true);
    for (int day = 0; day < 7; day++) {
      for (int i = 0; i < 100; i++) {
        load.accept(RecordedLoads.call(RecordedLoads.EPOCH + day * 86_400_000L + i * 10L, 100));
      }
    }
    ReplayResult result =
        replayer(true).run(load.models().get(0).arrivals(), bucket(Limit.RPM, 80));

    assertThat(result.failed()).isZero();
    // Each day 20 calls wait, at four in three seconds.
    assertThat(result.waits().p95()).isCloseTo(11.5, within(2.5));
    assertThat(result.saturatedSeconds()).isBetween(7 * 14.0, 7 * 22.0);
  }

  @Test
  void inputAndOutputMayHaveLimitsOfTheirOwn() {
    Arrivals calls = RecordedLoads.burst(90, 1_000);
    ReplayResult result =
        replayer(true)
            .run(
                calls,
                limits(
                    Map.of(Limit.ITPM, 60_000L, Limit.OTPM, 60_000L), ReplayLimits.Window.BUCKET));

    assertThat(result.failed()).isZero();
    assertThat(result.waits().p95()).isCloseTo(26, within(4.0));
  }

  @Test
  void aLimitThatNoHeaderShowsIsMetMoreOften() {
    Arrivals calls = RecordedLoads.poisson(8, 120, 100);
    ReplayLimits hidden =
        new ReplayLimits(Map.of(Limit.RPM, 240L), ReplayLimits.Window.BUCKET, true);

    assertThat(replayer(true).run(calls, hidden).limited()).isPositive();
  }

  @Test
  void anAgentThatHasJustBegunWaitsALittleToLearnTheLimit() {
    Arrivals calls = RecordedLoads.burst(180, 100);
    Replayer cold =
        new Replayer(true, true, Settings.defaults().policyFor("openai", "", ""), 10_000);

    assertThat(replayer(true).run(calls, bucket(Limit.RPM, 600)).waits().p95())
        .isLessThan(cold.run(calls, bucket(Limit.RPM, 600)).waits().p95());
  }

  @Test
  void noCallsNeedNothing() {
    Arrivals none = new Arrivals("openai", "m");

    assertThat(replayer(true).run(none, bucket(Limit.RPM, 1)).calls()).isZero();
  }
}
