package dev.paceline.replay;

import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The limits of each model in a replay.
 *
 * @param perMinute units a minute of rpm, tpm, itpm and otpm, each positive; none means unlimited
 * @param window how they are counted
 * @param hidden whether no header tells of them
 */
public record ReplayLimits(Map<Limit, Long> perMinute, Window window, boolean hidden) {
  /** How a limit is counted. */
  public enum Window {
    /** A token bucket that holds a minute's worth and is refilled without pause. */
    BUCKET,
    /** A counter that is set back every minute. */
    FIXED,
    /** What was charged during the last minute. */
    SLIDING
  }

  static final long MINUTE_NANOS = 60_000_000_000L;

  public ReplayLimits {
    perMinute = Map.copyOf(perMinute);
  }

  /** This limit alone, counted likewise. */
  ReplayLimits only(Limit limit, long amount) {
    return new ReplayLimits(Map.of(limit, amount), window, hidden);
  }

  /** Whether input and output tokens have limits of their own, as Anthropic's have. */
  boolean apart() {
    return perMinute.containsKey(Limit.ITPM) || perMinute.containsKey(Limit.OTPM);
  }

  Plan plan() {
    List<LimitRule> rules = new ArrayList<>();
    new EnumMap<>(Map.<Limit, Long>copyOf(perMinute))
        .forEach(
            (limit, amount) -> {
              Duration minute = Duration.ofMinutes(1);
              LimitRule rule =
                  switch (window) {
                    case BUCKET -> LimitRule.continuous(limit, amount, minute);
                    case FIXED -> LimitRule.fixed(limit, amount, minute);
                    case SLIDING -> LimitRule.rolling(limit, amount, minute);
                  };
              rules.add(rule);
            });
    return new Plan(rules);
  }

  /** What one call is charged. */
  static long charge(Limit limit, Arrivals calls, int call) {
    return switch (limit) {
      case TPM -> calls.requested(call);
      case ITPM -> calls.input(call);
      case OTPM -> calls.output(call);
      default -> 1;
    };
  }
}
