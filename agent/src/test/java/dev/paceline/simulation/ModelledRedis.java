package dev.paceline.simulation;

import dev.paceline.fleet.Fleet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A Redis in virtual time: what it does with an exchange, and how messages get lost. */
final class ModelledRedis {
  private static final long TICK = 50 * Wire.MILLI;
  private static final long TIME_OUT = 250 * Wire.MILLI;

  private final Wire wire;
  private final Random chance;
  private final double loss;
  final Map<String, Map<String, String>> tables = new HashMap<>();

  /** Until then nothing that is sent to it arrives. */
  long downUntil;

  /** Until then it does nothing; what has arrived meanwhile is carried out late. */
  long frozenUntil;

  /** Processes that cannot reach it. */
  final Set<ProcessTime> cutOff = new HashSet<>();

  /** What its clock is off by, in milliseconds. */
  long clockOff;

  int trips;
  int failures;

  ModelledRedis(Wire wire, long seed, double loss) {
    this.wire = wire;
    this.loss = loss;
    this.chance = new Random(seed * 17 + 3);
  }

  void at(double seconds, Runnable event) {
    wire.time.at((long) (seconds * Wire.SECOND), event);
  }

  void flush() {
    tables.clear();
  }

  /** A process asks from now on what to exchange, until then. */
  Fleet join(Paceline client, long seed, long until) {
    Random random = new Random(seed);
    Fleet fleet =
        new Fleet(
            client.calls::shared,
            scope -> scope.scope().toString(),
            random::nextLong,
            random::nextDouble);
    tick(fleet, client.process, until);
    return fleet;
  }

  private void tick(Fleet fleet, ProcessTime process, long until) {
    long now = wire.time.nanos();
    if (now > until || process.dead()) {
      return;
    }
    Fleet.Batch batch = fleet.next(now);
    if (batch == null) {
      process.at(now + TICK, () -> tick(fleet, process, until));
      return;
    }
    trips++;
    long there = (long) (0.3 * Wire.MILLI + chance.nextDouble() * Wire.MILLI);
    boolean lost = chance.nextDouble() < loss || cutOff.contains(process);
    boolean answerLost = chance.nextDouble() < loss;
    wire.time.at(
        now + there,
        () -> {
          long at = wire.time.nanos();
          boolean frozen = at < frozenUntil;
          boolean away = lost || at < downUntil;
          if (frozen && !away) {
            wire.time.at(frozenUntil, () -> carryOut(batch));
          }
          List<Fleet.Answer> answers = away || frozen ? List.of() : carryOut(batch);
          long server = wire.time.epochMillis() + clockOff;
          if (away || frozen || answerLost) {
            process.at(now + TIME_OUT, () -> failed(fleet, process, batch, until));
          } else {
            process.at(
                now + 2 * there,
                () -> {
                  fleet.answered(wire.time.nanos(), batch, answers, server);
                  tick(fleet, process, until);
                });
          }
        });
  }

  private void failed(Fleet fleet, ProcessTime process, Fleet.Batch batch, long until) {
    failures++;
    long now = wire.time.nanos();
    fleet.failed(now, batch);
    fleet.connected(now);
    tick(fleet, process, until);
  }

  private List<Fleet.Answer> carryOut(Fleet.Batch batch) {
    List<Fleet.Answer> answers = new ArrayList<>();
    for (Fleet.Request request : batch.requests()) {
      Map<String, String> table =
          tables.computeIfAbsent(request.key(), key -> new LinkedHashMap<>());
      boolean found = table.remove(request.previous()) != null;
      request.stale().forEach(table::remove);
      table.put(request.field(), request.value());
      answers.add(new Fleet.Answer(new HashMap<>(table), found));
    }
    return answers;
  }
}
