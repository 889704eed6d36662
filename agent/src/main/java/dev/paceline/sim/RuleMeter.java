package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.Optional;

/**
 * One counter under one rule: lets what the rule schedules (changes, a neighbour's takes) happen in
 * order of time.
 */
final class RuleMeter {
  /**
   * A debt of this long a refill is the most that rejected requests can pile up: deeper, a provider
   * would lock its callers out for good.
   */
  private static final long DEBT_NANOS = 2_000_000_000L;

  private final LimitRule rule;
  private final Counter counter;
  private final Optional<LimitRule.Slice> sliceOf;
  private final long origin;
  private long amount;
  private int nextChange;
  private long nextTake;

  private RuleMeter(
      LimitRule rule, Counter counter, Optional<LimitRule.Slice> sliceOf, long origin) {
    this.rule = rule;
    this.counter = counter;
    this.sliceOf = sliceOf;
    this.origin = origin;
    this.amount = rule.amount();
    this.nextTake = origin;
  }

  static RuleMeter main(LimitRule rule, long origin) {
    Counter counter =
        switch (rule.kind()) {
          case CONTINUOUS ->
              new BucketCounter(
                  origin, rule.amount(), rule.windowNanos(), rule.burst(), rule.initial());
          case FIXED -> new FixedCounter(origin, rule.amount(), rule.windowNanos(), rule.initial());
          case ROLLING ->
              new RollingCounter(origin, rule.amount(), rule.windowNanos(), rule.initial());
          case CONCURRENCY -> new ConcurrencyCounter(rule.amount(), rule.initial());
        };
    return new RuleMeter(rule, counter, Optional.empty(), origin);
  }

  /**
   * The same rate over a slice. A bucket keeps the rate exactly; aligned windows round it down, but
   * grant at least one unit.
   */
  static RuleMeter slice(LimitRule rule, LimitRule.Slice slice, long origin) {
    long units = sliceUnits(rule.amount(), rule, slice);
    Counter counter =
        slice.aligned()
            ? new FixedCounter(origin, units, slice.nanos(), units)
            : new BucketCounter(origin, rule.amount(), rule.windowNanos(), units, units);
    return new RuleMeter(rule, counter, Optional.of(slice), origin);
  }

  private static long sliceUnits(long amount, LimitRule rule, LimitRule.Slice slice) {
    return Math.max(
        1, Math.multiplyExact(amount, slice.nanos() / 1_000) / (rule.windowNanos() / 1_000));
  }

  void advance(long to) {
    skipOldTakes(to);
    while (true) {
      long change =
          nextChange < rule.changes().size()
              ? origin + rule.changes().get(nextChange).atNanos()
              : Long.MAX_VALUE;
      long take = rule.neighbour().isPresent() ? nextTake : Long.MAX_VALUE;
      long next = Math.min(change, take);
      if (next > to) {
        break;
      }
      counter.advance(next);
      if (change <= take) {
        resize(rule.changes().get(nextChange).amount());
        nextChange++;
      } else {
        rule.neighbour().ifPresent(this::takeFor);
      }
    }
    counter.advance(to);
  }

  /**
   * After a long idle time only the last two windows matter: what a neighbour took before has come
   * back.
   */
  private void skipOldTakes(long to) {
    rule.neighbour()
        .ifPresent(
            n -> {
              long from = to - 2 * rule.windowNanos();
              if (nextTake < from) {
                nextTake += ((from - nextTake) / n.periodNanos()) * n.periodNanos();
              }
            });
  }

  private void takeFor(Neighbour neighbour) {
    if (neighbour.takesAt(nextTake - origin)) {
      long units = Math.min(neighbour.units(), counter.available());
      if (units > 0) {
        counter.take(units);
      }
    }
    nextTake += neighbour.periodNanos();
  }

  private void resize(long newAmount) {
    amount = newAmount;
    long units = newAmount;
    if (sliceOf.isPresent() && sliceOf.get().aligned()) {
      units = sliceUnits(newAmount, rule, sliceOf.get());
    }
    counter.resize(units);
  }

  Limit limit() {
    return rule.limit();
  }

  /**
   * What the request is charged here. A slice is no bar of its own to a request that is larger than
   * it: that one takes the whole slice.
   */
  long charge(Load load) {
    long charge = rule.charge(load);
    return sliceOf.isPresent() ? Math.min(charge, counter.capacity()) : charge;
  }

  boolean canEverHold(long charge) {
    // A concurrency limit that somebody else fills is full for now, not too small.
    return charge <= counter.capacity();
  }

  boolean fits(long charge) {
    return charge <= counter.available();
  }

  long nanosUntil(long charge) {
    return counter.nanosUntil(charge);
  }

  void take(long charge) {
    counter.take(charge);
  }

  void takeRejected(long charge) {
    if (!rule.chargeRejected() || rule.kind() == LimitRule.Kind.CONCURRENCY) {
      return;
    }
    long floor =
        -Math.max(1, Math.multiplyExact(amount, DEBT_NANOS / 1_000) / (rule.windowNanos() / 1_000));
    long units = Math.min(charge, counter.available() - floor);
    if (units > 0) {
      counter.take(units);
    }
  }

  void release() {
    counter.release();
  }

  boolean shown() {
    return sliceOf.isEmpty() && !rule.hidden();
  }

  /** The level of a limit in its own right that no header shows. */
  Optional<ShownLevel> unseen() {
    return rule.hidden() && sliceOf.isEmpty() ? Optional.of(level()) : Optional.empty();
  }

  ShownLevel level() {
    return new ShownLevel(
        rule.limit(),
        amount,
        rule.windowNanos(),
        Math.max(0, counter.available()),
        counter.resetNanos());
  }
}
