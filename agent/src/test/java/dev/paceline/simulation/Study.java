package dev.paceline.simulation;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** All scenarios with all strategies: what the report and the assertions are made of. */
final class Study {
  /** One scenario's outcomes. */
  record Row(Scenario scenario, Map<Strategy, Outcome> outcomes) {
    Outcome of(Strategy strategy) {
      Outcome outcome = outcomes.get(strategy);
      if (outcome == null) {
        throw new AssertionError(scenario.name() + " was not run with " + strategy);
      }
      return outcome;
    }

    /** Goodput as a part of the oracle's. */
    double goodput(Strategy strategy) {
      double oracle = of(Strategy.ORACLE).good();
      return oracle == 0 ? 1 : of(strategy).good() / oracle;
    }

    /** Time until all is answered, as a multiple of the oracle's. */
    double makespan(Strategy strategy) {
      double oracle = of(Strategy.ORACLE).makespan();
      return oracle == 0 ? 1 : of(strategy).makespan() / oracle;
    }

    /** Calls that failed though the oracle had them served. */
    int failedBeyondOracle(Strategy strategy) {
      return Math.max(0, of(strategy).failed() - of(Strategy.ORACLE).failed());
    }
  }

  private static final long SEED = 1;

  private Study() {}

  static List<Row> run() {
    return Scenarios.all().parallelStream().map(Study::row).toList();
  }

  private static Row row(Scenario scenario) {
    return row(
        scenario,
        Arrays.stream(Strategy.values()).filter(strategy -> strategy.runs(scenario)).toList(),
        SEED);
  }

  /** The same with the means of several seeds: one is a draw. */
  static Row means(Scenario scenario, List<Strategy> strategies, int seeds) {
    return row(scenario, strategies, SEED + seeds - 1);
  }

  private static Row row(Scenario scenario, List<Strategy> strategies, long lastSeed) {
    Map<Strategy, Outcome> outcomes = new EnumMap<>(Strategy.class);
    for (Strategy strategy : strategies) {
      outcomes.put(
          strategy,
          Outcome.mean(
              LongStream.rangeClosed(SEED, lastSeed)
                  .parallel()
                  .mapToObj(seed -> strategy.run(scenario, seed))
                  .toList()));
    }
    return new Row(scenario, outcomes);
  }
}
