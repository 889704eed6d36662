package dev.paceline.simulation;

import dev.paceline.call.Calls;
import dev.paceline.fleet.Fleet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A Redis in virtual time: what it does with an exchange, and how messages get lost. */
final class ModelledRedis {
  private static final long TICK = 50 * Wire.MILLI;
  private static final long TIME_OUT = 250 * Wire.MILLI;

  private final Wire wire;
  private final Random chance;
  private final double loss;
  private final Map<String, Map<String, String>> tables = new HashMap<>();

  /** Until then nobody is answered. */
  long downUntil;

  int trips;

  ModelledRedis(Wire wire, long seed, double loss) {
    this.wire = wire;
    this.loss = loss;
    this.chance = new Random(seed * 17 + 3);
  }

  void at(long seconds, Runnable event) {
    wire.time.at(seconds * Wire.SECOND, event);
  }

  void flush() {
    tables.clear();
  }

  /** A process asks from now on what to exchange, until then. */
  void join(Calls calls, long seed, long until) {
    Random random = new Random(seed);
    Fleet fleet =
        new Fleet(
            calls::shared, scope -> scope.scope().toString(), random::nextLong, random::nextDouble);
    tick(fleet, until);
  }

  private void tick(Fleet fleet, long until) {
    long now = wire.time.nanos();
    if (now > until) {
      return;
    }
    Fleet.Batch batch = fleet.next(now);
    if (batch == null) {
      wire.time.at(now + TICK, () -> tick(fleet, until));
      return;
    }
    trips++;
    long there = (long) (0.3 * Wire.MILLI + chance.nextDouble() * Wire.MILLI);
    boolean lost = chance.nextDouble() < loss;
    boolean answerLost = chance.nextDouble() < loss;
    wire.time.at(
        now + there,
        () -> {
          boolean down = wire.time.nanos() < downUntil;
          List<Fleet.Answer> answers = lost || down ? List.of() : carryOut(batch);
          if (lost || down || answerLost) {
            wire.time.at(
                now + TIME_OUT,
                () -> {
                  long at = wire.time.nanos();
                  fleet.failed(at, batch);
                  fleet.connected(at);
                  tick(fleet, until);
                });
          } else {
            long server = wire.time.epochMillis();
            wire.time.at(
                now + 2 * there,
                () -> {
                  fleet.answered(wire.time.nanos(), batch, answers, server);
                  tick(fleet, until);
                });
          }
        });
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
