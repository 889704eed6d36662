package dev.paceline.agent;

import dev.paceline.call.Calls;
import dev.paceline.config.Keys;
import dev.paceline.config.Settings;
import dev.paceline.fleet.FleetKeys;
import dev.paceline.metrics.CallMetrics;
import java.net.URI;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Begins the agreement with other processes, where it is configured; nothing is loaded else. */
final class FleetSetup {
  private final Optional<URI> redis;
  private final ToLongFunction<String> hash;
  private final @Nullable FleetKeys keys;

  /**
   * @param hash of credentials, under a key that does not leave the process
   */
  FleetSetup(Settings settings, ToLongFunction<String> hash) {
    this.hash = hash;
    redis = settings.get(Keys.FLEET);
    keys = redis.isEmpty() ? null : new FleetKeys(settings.get(Keys.FLEET_NAME), hash);
  }

  /** The hash of credentials: the same in all processes that agree. */
  ToLongFunction<String> hash() {
    return keys == null ? hash : keys;
  }

  /** Whatever goes wrong with it, the agent works alone. */
  void start(Calls calls, SystemClock clock, CallMetrics metrics, Log log, FirstCall firstCall) {
    if (keys == null) {
      return;
    }
    try {
      FleetRounds rounds = new FleetRounds(redis.orElseThrow(), keys, calls, clock, log::warn);
      rounds.counting(metrics.fleet(rounds::view));
      rounds.start(t -> metrics.fault("fleet", t));
      firstCall.shares(rounds::view);
    } catch (RuntimeException | LinkageError e) {
      metrics.fault("fleet", e);
      log.warn("paceline.fleet is ignored: " + e.getClass().getSimpleName());
    }
  }
}
