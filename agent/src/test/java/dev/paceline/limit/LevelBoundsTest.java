package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is left is between the bounds that headers give, wherever they tell the truth. */
class LevelBoundsTest {
  private static final Duration MINUTE = Duration.ofSeconds(60);

  private static void hold(String kind, Function<Long, LimitRule> rule, long... amounts) {
    long samples = 0;
    long outside = 0;
    double widths = 0;
    for (long amount : amounts) {
      for (long seed = 1; seed <= 4; seed++) {
        OneClient client =
            new OneClient(
                Plan.of(rule.apply(amount)), seed, 40 * OneClient.MILLI, 0, 480, (t, r) -> t);
        client.boundsFrom = 180 * OneClient.SECOND;
        client.run();
        samples += client.samples;
        outside += client.outside;
        widths += client.widths;
      }
    }
    assertThat(samples).isGreaterThan(40_000);
    assertThat((double) outside / samples).as(kind).isLessThanOrEqualTo(0.001);
    assertThat(widths / samples).as("mean width of " + kind).isLessThan(0.05);
  }

  @Test
  void ofATokenBucket() {
    hold(
        "token bucket",
        amount -> LimitRule.continuous(Limit.RPM, amount, MINUTE),
        10,
        30,
        60,
        121,
        300);
  }

  @Test
  void ofAFixedWindow() {
    hold(
        "fixed window", amount -> LimitRule.fixed(Limit.RPM, amount, MINUTE), 10, 30, 60, 121, 300);
  }

  /** One of 10 that a burst uses up is taken for a fixed window now and then: .3 % outside. */
  @Test
  void ofASlidingWindow() {
    hold(
        "sliding window", amount -> LimitRule.rolling(Limit.RPM, amount, MINUTE), 30, 60, 121, 300);
  }
}
