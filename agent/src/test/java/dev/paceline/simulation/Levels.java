package dev.paceline.simulation;

import dev.paceline.config.Bounds;
import dev.paceline.limit.LevelProbe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What limiters take for left, as an interval, against what is left: ten times a second of every
 * scenario in which headers tell the truth and nobody else uses the limit.
 */
final class Levels {
  private static final int MOST_SECONDS = 600;

  private Levels() {}

  static Map<String, LevelProbe> measure(int seeds) {
    Map<String, LevelProbe> probes = new LinkedHashMap<>();
    for (Scenario scenario : Bands.scenarios()) {
      if (scenario.truthful() && scenario.announced()) {
        LevelProbe all = new LevelProbe();
        LongStream.rangeClosed(1, seeds)
            .parallel()
            .mapToObj(seed -> measure(scenario, seed))
            .forEachOrdered(all::add);
        probes.put(scenario.name(), all);
      }
    }
    return probes;
  }

  private static LevelProbe measure(Scenario scenario, long seed) {
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
        (long) Math.min(MOST_SECONDS, scenario.span()));
    wire.run(clients);
    return probe;
  }

  static LevelProbe all(Map<String, LevelProbe> probes) {
    LevelProbe all = new LevelProbe();
    probes.values().forEach(all::add);
    return all;
  }

  /** A table for the page. */
  static String table(Map<String, LevelProbe> probes) {
    StringBuilder table = new StringBuilder();
    LevelProbe all = all(probes);
    table.append("| scenario | samples | within the interval | mean width, of the limit |\n");
    table.append("|---|---|---|---|\n");
    probes.forEach((name, probe) -> table.append(row(name, probe)));
    return table.append(row("all", all)).toString();
  }

  private static String row(String name, LevelProbe probe) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.2f %% | %.3f |%n",
        name,
        probe.samples(),
        100 * (1 - probe.missed()),
        probe.width());
  }
}
