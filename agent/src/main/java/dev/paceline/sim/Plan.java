package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.List;

/**
 * Every limit that one model of a provider is under; a request must pass all of them.
 *
 * @param rules in the order in which headers list them; none means unlimited
 */
public record Plan(List<LimitRule> rules) {
  public Plan {
    rules = List.copyOf(rules);
  }

  /** All of these together. */
  public static Plan of(LimitRule... rules) {
    return new Plan(List.of(rules));
  }

  /** Requests a minute, as a bucket refilled without pause that holds {@code burst} requests. */
  public static Plan requestsPerMinute(long rpm, long burst) {
    return of(LimitRule.continuous(Limit.RPM, rpm, Duration.ofMinutes(1)).withBurst(burst));
  }

  /** No limit at all. */
  public static Plan unlimited() {
    return of();
  }
}
