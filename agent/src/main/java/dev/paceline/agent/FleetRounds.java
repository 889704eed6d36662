package dev.paceline.agent;

import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.fleet.Fleet;
import dev.paceline.fleet.FleetKeys;
import dev.paceline.fleet.redis.RedisTable;
import dev.paceline.metrics.FleetMeters;
import dev.paceline.words.FleetView;
import java.net.URI;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Drives the fleet on a thread of its own: no call ever waits for Redis. */
final class FleetRounds {
  /** How often it looks whether there is something to exchange; that costs no round trip. */
  private static final long LOOK_NANOS = 50_000_000L;

  private final SystemClock clock;
  private final Fleet fleet;
  private final RedisTable table;
  private final Consumer<String> warn;
  private @Nullable FleetMeters meters;
  private boolean told;
  private boolean toldUseless;

  FleetRounds(URI address, FleetKeys keys, Calls calls, SystemClock clock, Consumer<String> warn) {
    this.clock = clock;
    this.warn = warn;
    table = new RedisTable(address);
    fleet =
        new Fleet(
            calls::shared,
            keys::table,
            () -> ThreadLocalRandom.current().nextLong(),
            () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Round trips are counted there. To be said before the start. */
  void counting(FleetMeters counted) {
    meters = counted;
  }

  void start(Consumer<Throwable> faults) {
    Rounds.start("fleet", LOOK_NANOS, this::round, faults);
  }

  private void round() {
    FaultPoint.pass("fleet");
    Fleet.Batch batch = fleet.next(clock.nanos());
    if (batch == null) {
      return;
    }
    try {
      if (table.connect()) {
        fleet.connected(clock.nanos());
      }
      RedisTable.Result result = table.exchange(batch.requests());
      fleet.answered(clock.nanos(), batch, result.answers(), result.serverMillis());
      count(true);
      if (told) {
        told = false;
        warn.accept("the fleet's Redis answers again");
      }
      if (fleet.useless() && !toldUseless) {
        toldUseless = true;
        warn.accept(
            "a table of the fleet is of no use (more than 600 entries, or others claim all of it):"
                + " its limits are not shared");
      }
    } catch (RedisTable.Failed e) {
      fleet.failed(clock.nanos(), batch);
      count(false);
      if (!told) {
        told = true;
        warn.accept(
            "the fleet's Redis does not answer ("
                + e.getMessage()
                + "): shares stay as they are for two minutes, then headers tell more and more");
      }
    }
  }

  private void count(boolean ok) {
    FleetMeters counted = meters;
    if (counted != null) {
      counted.exchanged(ok, view());
    }
  }

  FleetView view() {
    return fleet.view(clock.nanos());
  }
}
