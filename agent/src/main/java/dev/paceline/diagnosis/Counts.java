package dev.paceline.diagnosis;

import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import java.util.EnumMap;
import java.util.Map;

/**
 * What happened to the calls of one model within a span of time.
 *
 * @param calls calls of the application that ended
 * @param attempts HTTP requests on the wire that ended
 * @param limited answers of the provider judged to be a limit's, by limit
 * @param serverErrors attempts answered with 500 or above
 * @param repeated calls in which an SDK or a loop above the agent repeated an earlier one
 * @param waits waits that ended
 * @param minuteWaits those of them that took a minute or more
 * @param failed calls that failed, by why
 */
public record Counts(
    long calls,
    long attempts,
    Map<Limit, Long> limited,
    long serverErrors,
    long repeated,
    long waits,
    long minuteWaits,
    Map<Failure, Long> failed) {
  /** No call failed. */
  public Counts(
      long calls,
      long attempts,
      Map<Limit, Long> limited,
      long serverErrors,
      long repeated,
      long waits,
      long minuteWaits) {
    this(calls, attempts, limited, serverErrors, repeated, waits, minuteWaits, Map.of());
  }

  /** Nothing happened. */
  public static final Counts NONE = new Counts(0, 0, Map.of(), 0, 0, 0, 0);

  public Counts {
    limited = Map.copyOf(limited);
    failed = Map.copyOf(failed);
  }

  /** Calls that failed; what the application cancelled itself is left out. */
  public long failing() {
    return failed.entrySet().stream()
        .filter(count -> count.getKey().by() != Failure.By.APPLICATION)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Those of them to which one of these said no. */
  public long failedBy(Failure.By by) {
    return failed.entrySet().stream()
        .filter(count -> count.getKey().by() == by)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Answers by one limit. */
  public long limited(Limit limit) {
    return limited.getOrDefault(limit, 0L);
  }

  /** Answers by limits of ours: neither money nor the provider's own overload. */
  public long refused() {
    long refused = 0;
    for (Map.Entry<Limit, Long> hit : limited.entrySet()) {
      if (hit.getKey() != Limit.QUOTA && hit.getKey() != Limit.CAPACITY) {
        refused += hit.getValue();
      }
    }
    return refused;
  }

  /** Both together. */
  public Counts plus(Counts other) {
    EnumMap<Limit, Long> sum = new EnumMap<>(Limit.class);
    limited.forEach((limit, hits) -> sum.merge(limit, hits, Long::sum));
    other.limited.forEach((limit, hits) -> sum.merge(limit, hits, Long::sum));
    EnumMap<Failure, Long> both = new EnumMap<>(Failure.class);
    failed.forEach((why, count) -> both.merge(why, count, Long::sum));
    other.failed.forEach((why, count) -> both.merge(why, count, Long::sum));
    return new Counts(
        calls + other.calls,
        attempts + other.attempts,
        sum,
        serverErrors + other.serverErrors,
        repeated + other.repeated,
        waits + other.waits,
        minuteWaits + other.minuteWaits,
        both);
  }
}
