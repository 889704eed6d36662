package dev.paceline.replay;

import dev.paceline.config.Policy;
import dev.paceline.words.Limit;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongPredicate;

/**
 * Runs a model's calls against limits, and finds the smallest that would do.
 *
 * @param agent whether the agent paces; else an SDK at its defaults retries
 * @param cold whether the agent knows nothing of the limits when the record begins, as in a process
 *     that has just begun
 * @param policy what the agent is told
 * @param queueMax calls that may wait at the same time
 */
public record Replayer(boolean agent, boolean cold, Policy policy, int queueMax) {
  /** With more calls, a limit that was found is confirmed by fewer runs. */
  private static final int MANY_CALLS = 100_000;

  /** No provider grants more a minute. */
  private static final long MOST_LIMIT = 1_000_000_000_000L;

  private static final double CLOSE = 0.005;
  private static final double STEP = 1.03;

  private Fates fates(Arrivals calls, ReplayLimits limits, double targetSeconds) {
    if (agent) {
      PacedRun run = new PacedRun(calls, limits, cold, policy, queueMax);
      run.fates.aimAt(targetSeconds);
      return run.ran();
    }
    RetryingRun run = new RetryingRun(calls, limits);
    run.fates.aimAt(targetSeconds);
    return run.run();
  }

  /** What becomes of the calls under these limits. */
  public ReplayResult run(Arrivals calls, ReplayLimits limits) {
    return ReplayResult.of(fates(calls, limits, Fates.FAILED));
  }

  /**
   * The smallest limit that keeps p95 of the waits, calls that fail counted as waiting for ever,
   * below a target; each alone, as if the others were out of the way.
   *
   * @param kinds of limits to look at: rpm, tpm, itpm, otpm
   * @param like how they are counted and told
   */
  public List<Need> needs(
      Arrivals calls, List<Limit> kinds, ReplayLimits like, double targetSeconds) {
    // A run is one thread, and reads the calls only.
    return kinds.parallelStream().map(kind -> need(calls, kind, like, targetSeconds)).toList();
  }

  private Need need(Arrivals calls, Limit kind, ReplayLimits like, double targetSeconds) {
    IdealQueue ideal = new IdealQueue(kind, calls, like.window());
    long target = (long) (targetSeconds * 1e9);
    long least = smallest(ideal.largest(), amount -> ideal.p95Within(amount, target), 64);
    LongPredicate holds =
        amount -> fates(calls, like.only(kind, amount), targetSeconds).p95Within(targetSeconds);
    int tries = calls.size() > MANY_CALLS ? 3 : 16;
    if (!agent) {
      long found = rounded(smallest(least, holds, calls.size() > MANY_CALLS ? 8 : 24));
      return new Need(kind, found, true);
    }
    // No pacing is better than the ideal queue's, and the product's is seldom much worse.
    long amount = rounded(least);
    long tooSmall = amount;
    for (int i = 0; i < tries && amount < MOST_LIMIT; i++) {
      if (holds.test(amount)) {
        long found = between(tooSmall, amount, holds, tries - i - 1);
        return new Need(kind, found, true);
      }
      tooSmall = amount;
      amount = rounded((long) Math.ceil(amount * Math.pow(STEP, i + 1)));
    }
    return new Need(kind, amount, false);
  }

  /** Halves what is between, as often as is allowed. */
  private static long between(long tooSmall, long enough, LongPredicate holds, int most) {
    long low = tooSmall;
    long high = enough;
    for (int asked = 0; asked < most && high - low > Math.max(1, high * CLOSE); asked++) {
      long middle = rounded(low + (high - low) / 2);
      if (middle >= high) {
        break;
      }
      if (holds.test(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /** By doubling, then halving what is between; {@code holds} for all beyond the answer. */
  private static long smallest(long least, LongPredicate holds, int most) {
    int asked = 0;
    long high = least;
    long low = 0;
    while (high < MOST_LIMIT && asked++ < most && !holds.test(high)) {
      low = high;
      high *= 2;
    }
    while (low > 0 && asked++ < most && high - low > Math.max(1, high * CLOSE)) {
      long middle = low + (high - low) / 2;
      if (holds.test(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /** Up to three digits that count: more are not in what was recorded. */
  static long rounded(long amount) {
    long unit = 1;
    while (amount / unit >= 1_000) {
      unit *= 10;
    }
    return (amount + unit - 1) / unit * unit;
  }

  /**
   * A limit that would do.
   *
   * @param amount units a minute
   * @param confirmed whether a run with it kept the target; else it may need some more
   */
  public record Need(Limit limit, long amount, boolean confirmed) {
    /** What a given limit is missing, as a part of it; empty when it is enough. */
    public OptionalDouble missing(long given) {
      return given >= amount
          ? OptionalDouble.empty()
          : OptionalDouble.of((double) (amount - given) / given);
    }
  }
}
