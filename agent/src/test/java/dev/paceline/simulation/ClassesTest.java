package dev.paceline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.Sharing;
import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.simulation.Classed.Load;
import dev.paceline.simulation.Classed.Result;
import dev.paceline.words.Limit;
import dev.paceline.words.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Classes and tenants before a simulated provider, twenty seeds each. */
class ClassesTest {
  private static final int SEEDS = 20;
  private static final int SECONDS = 240;

  /** What a bucket of a minute holds at the beginning is used in the first seconds. */
  private static final Plan REQUESTS = Plan.requestsPerMinute(600, 30);

  private static final Plan TOKENS =
      Plan.of(LimitRule.continuous(Limit.TPM, 2_000_000, Duration.ofMinutes(1)).withBurst(100_000));

  private static Load requests(Priority priority, double perSecond) {
    return new Load(priority, "", perSecond, 10, 10);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElse(0);
  }

  @Test
  void aFloodInTheBackgroundDoesNotDelayInteractiveCalls() {
    Load interactive = requests(Priority.INTERACTIVE, 5);
    Load background = requests(Priority.BACKGROUND, 30);
    List<Double> alone = new ArrayList<>();
    List<Double> beside = new ArrayList<>();
    List<Double> ofInteractive = new ArrayList<>();
    List<Double> ofLimit = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Classed quiet = new Classed(REQUESTS, SECONDS, seed, Sharing.NONE);
      quiet.run(List.of(interactive), seed);
      alone.add(quiet.result(interactive).p95());
      Classed both = new Classed(REQUESTS, SECONDS, seed, Sharing.NONE);
      both.run(List.of(interactive, background), seed);
      Result urgent = both.result(interactive);
      beside.add(urgent.p95());
      ofInteractive.add((double) (urgent.calls - urgent.failed) / urgent.calls);
      ofLimit.add((urgent.served + both.result(background).served) / (10.0 * SECONDS + 30));
    }
    ClassBands.check("background flood", "interactive p95 wait alone in s", alone);
    ClassBands.check("background flood", "interactive p95 wait beside in s", beside);
    ClassBands.check("background flood", "interactive served of asked", ofInteractive);
    ClassBands.check("background flood", "both served of the limit", ofLimit);
    for (int i = 0; i < SEEDS; i++) {
      assertThat(beside.get(i) - alone.get(i)).isLessThan(1);
      assertThat(ofInteractive.get(i)).isGreaterThanOrEqualTo(0.98);
    }
    assertThat(mean(ofLimit)).isGreaterThanOrEqualTo(0.98);
  }

  @Test
  void theFloorHoldsWhileInteractiveCallsFlood() {
    Load interactive = requests(Priority.INTERACTIVE, 30);
    Load background = requests(Priority.BACKGROUND, 2);
    List<Double> parts = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Classed run = new Classed(REQUESTS, SECONDS, seed, Sharing.NONE);
      run.run(List.of(interactive, background), seed);
      double served = run.result(interactive).served + run.result(background).served;
      parts.add(run.result(background).served / served);
    }
    ClassBands.check("interactive flood", "background of what is served", parts);
    assertThat(parts).allMatch(part -> part >= 0.045);
    assertThat(mean(parts)).isBetween(0.05, 0.21);
  }

  @Test
  void tenTenantsShareTokensFairlyWhateverTheyAskFor() {
    int[] demands = {1, 1, 2, 3, 5, 8, 13, 20, 35, 50};
    double rate = 2_000_000 / 60.0;
    double unit = 3 * rate / 138; // three times the limit together
    List<Double> fairness = new ArrayList<>();
    List<Double> oneCall = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Classed run = new Classed(TOKENS, SECONDS, seed, Sharing.NONE);
      List<Load> loads = new ArrayList<>();
      for (int i = 0; i < demands.length; i++) {
        Load shape = new Load(Priority.NORMAL, "tenant" + i, 1, 100, 20_000);
        double perSecond = demands[i] * unit / shape.meanTokens();
        loads.add(new Load(Priority.NORMAL, "tenant" + i, perSecond, 100, 20_000));
      }
      Load single = new Load(Priority.NORMAL, "single", 1, 2_000, 2_000);
      run.time.at(150 * Wire.SECOND, () -> run.arrive(single, 2_000));
      run.run(loads, seed);
      // The share of each is rate / 10 and what the small ones leave: the last five want more.
      fairness.add(
          jain(loads.subList(5, 10).stream().map(load -> run.result(load).tokens).toList()));
      oneCall.addAll(run.result(single).waits);
    }
    ClassBands.check("ten tenants", "Jain of tokens of the backlogged", fairness);
    ClassBands.check("ten tenants", "wait of a tenant's only call in s", oneCall);
    assertThat(fairness).allMatch(index -> index >= 0.97);
    assertThat(oneCall).hasSize(SEEDS);
    // One call of each other tenant, the largest there is, at the limit's rate.
    assertThat(oneCall).allMatch(wait -> wait <= 11 * 20_000 / rate + 1);
  }

  private static double jain(List<Long> values) {
    double sum = values.stream().mapToDouble(v -> v).sum();
    double squares = values.stream().mapToDouble(v -> (double) v * v).sum();
    return sum * sum / (values.size() * squares);
  }

  @Test
  void headroomKeepsARoomFreeForInteractiveCalls() {
    Plan plan = Plan.requestsPerMinute(600, 600);
    Sharing sharing =
        new Sharing(Priority.NORMAL, 1, "", 0.2, Sharing.USUAL_FLOOR, Bounds.NONE, "");
    List<Double> waits = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Classed run = new Classed(plan, 120, seed, sharing);
      Load background = requests(Priority.BACKGROUND, 30);
      Load burst = requests(Priority.INTERACTIVE, 0.01);
      for (int i = 0; i < 100; i++) {
        run.time.at(100 * Wire.SECOND, () -> run.arrive(burst, 10));
      }
      run.run(List.of(background), seed);
      assertThat(run.result(burst).waits.size()).isGreaterThanOrEqualTo(100);
      waits.add(run.result(burst).p95());
    }
    ClassBands.check("headroom 20 %", "p95 wait of a burst of 100 in s", waits);
    assertThat(waits)
        .as("a burst of a sixth of the limit finds its room")
        .allMatch(wait -> wait < 2);
  }
}
