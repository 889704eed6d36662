package dev.paceline.call;

import dev.paceline.provider.LocalLimit;
import dev.paceline.provider.Signatures;
import dev.paceline.words.Limit;

/** When a wait is too long (rule 3 of the design). */
final class Deadlines {
  /**
   * An answer that comes at the last instant must still be handed to its caller, who began to count
   * before we did: under overload, where all are sent as late as is allowed, answers were there 1
   * to 12 ms too late, and eight of 1,200 calls were ended by their client. At most a twentieth of
   * what is left.
   */
  private static final long HANDING_BACK = 50_000_000L;

  private Deadlines() {}

  /**
   * The end of a wait.
   *
   * @param latest the instant after which the wait is too long, on {@link Clock#nanos()}
   * @param bound what sets it
   */
  record End(long latest, LocalLimit.Bound bound) {
    /** The sooner one of the two. */
    End or(long other, LocalLimit.Bound of) {
      return other - latest < 0 ? new End(other, of) : this;
    }
  }

  /**
   * When a wait that begins now is too long: the least of {@code max-wait}, what is left of {@code
   * max-call-wait}, the caller's deadline, announced or learned, less the usual time of an answer,
   * and the end of the request's signature.
   *
   * @param now on {@link Clock#nanos()}
   * @param wait nanoseconds that the call must wait in any case
   * @param waited nanoseconds that it has waited before
   */
  static End of(CallContext call, long now, long wait, long waited) {
    // The queue behind the gate may add a little to a wait that is as long as allowed.
    long most = Math.max(call.policy.maxWaitNanos(), wait + call.policy.maxWaitNanos() / 4);
    long rest = Math.max(call.policy.maxCallWaitNanos() - waited, 0);
    End end =
        new End(now + most, LocalLimit.Bound.MAX_WAIT)
            .or(now + rest, LocalLimit.Bound.MAX_CALL_WAIT);
    if (!call.waitsBeyondDeadline()) {
      end = end.or(answered(call, now, call.deadline), LocalLimit.Bound.TIMEOUT);
    }
    long callers = call.queue.callers.of(call.info.client(), now);
    if (callers != CallerDeadlines.NONE) {
      end = end.or(answered(call, now, call.began + callers), LocalLimit.Bound.CALLER);
    }
    if (call.signedUntil != Signatures.ALWAYS) {
      // All attempts carry the same signature: after its end they would be answered 403.
      long left = Math.max(0, call.signedUntil - call.calls.clock.epochMillis());
      long nanos = Math.min(left, Long.MAX_VALUE / 4_000_000) * 1_000_000;
      end = end.or(now + nanos, LocalLimit.Bound.SIGNATURE);
    }
    return end;
  }

  /** When a call must be sent so that its answer is there by then. */
  private static long answered(CallContext call, long now, long by) {
    long spare = Math.min(HANDING_BACK, Math.max(0, by - now) / 20);
    return by - call.queue.times.p97() - spare;
  }

  /** What an unsent call that was waited for too long, or would be, is told. */
  static LocalLimit.Refusal refusal(
      CallContext call, Ticket ticket, Limit limit, LocalLimit.Bound ended) {
    LocalLimit.Bound bound = ticket.full ? LocalLimit.Bound.QUEUE : ended;
    long allowed =
        switch (bound) {
          case MAX_WAIT -> call.policy.maxWaitNanos();
          case MAX_CALL_WAIT -> call.policy.maxCallWaitNanos();
          case TIMEOUT -> call.deadline - call.began;
          case CALLER -> call.queue.callers.shortest();
          case SIGNATURE, QUEUE -> 0;
        };
    long wait = Math.max(0, ticket.expected - call.calls.clock.nanos());
    LocalLimit.Refusal refusal =
        new LocalLimit.Refusal(limit, wait / 1_000_000, ticket.waiting, bound, allowed / 1_000_000);
    return ticket.ofTenant()
        ? refusal.ofTenant(
            call.kind.sharing().tenantRule(), call.calls.classes.label(call.kind.tenant()))
        : refusal;
  }

  /**
   * Whether an unsent call whose wait would be too long is rejected by the agent; otherwise it is
   * sent past the queue.
   */
  static boolean rejects(CallContext call) {
    boolean reject =
        switch (call.policy.onDeadline()) {
          case SEND -> false;
          case REJECT -> true;
          case AUTO ->
              call.queue.limitConfirmed() || call.queue.closed() || call.kind.heldByRules();
        };
    // The provider's own 403 says more than a 429 of ours.
    return reject && !call.signatureOver();
  }
}
