package dev.paceline.limit;

import static dev.paceline.limit.Exact.MILLI;

/**
 * What may have reached the provider before a request that was sent earlier, or after one that was
 * sent later: ways differ. Units of one limit.
 */
final class ArrivalOrder {
  /** Requests sent within this time of each other may arrive in any order: one round trip. */
  static final long UNKNOWN = 100 * MILLI;

  /** Hardly any way is longer than that by more: bounds hold for these, too. */
  static final long LONGER = 200 * MILLI;

  private final LimitLevel level;

  ArrivalOrder(LimitLevel level) {
    this.level = level;
  }

  /** Sent before the permit, and perhaps later at the provider. */
  long before(Permit permit) {
    long earlier = level.sentUpTo(permit.sent - UNKNOWN - 1);
    return Math.max(0, permit.total(level.limit) - permit.charge.of(level.limit) - earlier);
  }

  /** Sent after it, and perhaps earlier there. */
  long after(Permit permit) {
    return Math.max(0, level.sentUpTo(permit.sent + UNKNOWN) - permit.total(level.limit));
  }

  /** What was sent still earlier, and took a long way. */
  long longBefore(Permit permit) {
    long to = permit.sent - UNKNOWN - 1;
    return level.sentUpTo(to) - level.sentUpTo(to - LONGER);
  }

  /** What was sent still later, while the permit's request took a long way. */
  long longAfter(Permit permit) {
    long from = permit.sent + UNKNOWN;
    return level.sentUpTo(from + LONGER) - level.sentUpTo(from);
  }
}
