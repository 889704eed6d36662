package dev.paceline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.limit.LevelProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is left is within the interval that the limiter keeps, wherever headers tell the truth. */
class LevelsTest {
  private static final int SEEDS = Integer.getInteger("paceline.levels.seeds", 3);

  private static LevelProbe probe(Scenario scenario) {
    LevelProbe all = new LevelProbe();
    LongStream.rangeClosed(1, SEEDS)
        .parallel()
        .mapToObj(seed -> probe(scenario, seed))
        .forEachOrdered(all::add);
    return all;
  }

  private static LevelProbe probe(Scenario scenario, long seed) {
    LevelProbe probe = new LevelProbe();
    Wire wire = new Wire(scenario, scenario.plan(), seed);
    List<Paceline> clients = new ArrayList<>();
    for (int jvm = 0; jvm < scenario.clients(); jvm++) {
      clients.add(new Paceline(wire, jvm, seed, Bounds.NONE));
    }
    wire.watch(
        () -> {
          for (Paceline client : clients) {
            client.compare(probe, wire.provider.levels(wire.time.nanos(), Wire.MODEL));
          }
        },
        (long) Math.min(600, scenario.span()));
    wire.run(clients);
    return probe;
  }

  @Test
  void theLevelIsWithinItsInterval() {
    LevelProbe all = new LevelProbe();
    for (Scenario scenario : Bands.scenarios()) {
      if (scenario.truthful() && scenario.announced() && scenario.name().matches(System.getProperty("only",".*"))) {
        LevelProbe probe = probe(scenario);
        all.add(probe);
        System.out.printf(
            Locale.ROOT,
            "%-40s %8d samples, missed %.4f, width %.3f lows %d highs %d%n",
            scenario.name(),
            probe.samples(),
            probe.missed(),
            probe.width(), probe.lows, probe.highs);
      }
    }
    System.out.printf(Locale.ROOT, "all %d %.5f %.3f%n", all.samples(), all.missed(), all.width());
    assertThat(all.missed()).isLessThanOrEqualTo(0.001);
  }
}
