package dev.paceline.call;

import dev.paceline.limit.Cost;
import dev.paceline.limit.ScopeLimiter;
import org.jspecify.annotations.Nullable;

/**
 * Which later call may leave before the head of the queue. One prompt of 55,000 tokens in front of
 * fifty of 100 waits 49 s for its tokens and held all of them for as long, though letting them pass
 * costs it 5 s. So a much smaller one may pass that moves the head's predicted instant by less than
 * 5 %; all together may not move it by more than a quarter, or a stream of them would keep the head
 * waiting for ever.
 *
 * <p>Pure but for what it remembers of the head; its owner holds a lock.
 */
final class HeadOfLine {
  /** Calls of about one size keep their order: only one so many times smaller passes. */
  private static final long MUCH_SMALLER = 8;

  /** A head that leaves sooner is not worth passing. */
  private static final long LONG_WAIT = 1_000_000_000L;

  private static final double ONE_MAY_COST = 0.05;
  private static final double ALL_MAY_COST = 0.25;

  /** A part of its wait that a head's caller must have left: predictions are too early by less. */
  private static final long SPARE = 8;

  private @Nullable Ticket head;
  private long due;

  /** Whether one may pass the head at all, for want of size. */
  boolean concerns(Ticket head, Cost charge) {
    return tokens(head.charge) >= MUCH_SMALLER * Math.max(1, tokens(charge));
  }

  /** Whether a call of this charge, which has room now, may leave before the head. */
  boolean mayPass(long now, Ticket first, Cost charge, ScopeLimiter limiter) {
    Cost large = first.charge;
    long alone = limiter.predict(now, large.requests(), large.inputTokens(), large.outputTokens());
    if (head != first) {
      head = first;
      due = alone;
    }
    if (alone - now < LONG_WAIT) {
      return false;
    }
    long after =
        limiter.predict(
            now,
            large.requests() + charge.requests(),
            large.inputTokens() + charge.inputTokens(),
            large.outputTokens() + charge.outputTokens());
    long whole = Math.max(1, due - first.since);
    return after - alone < ONE_MAY_COST * (alone - first.since)
        && after - due < ALL_MAY_COST * whole
        && after + whole / SPARE - first.latest < 0;
  }

  private static long tokens(Cost charge) {
    return charge.inputTokens() + charge.outputTokens();
  }
}
