package dev.paceline.call;

import dev.paceline.provider.Signatures;

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
   * The instant after which a wait that begins now is too long: the least of {@code max-wait}, what
   * is left of {@code max-call-wait}, the caller's deadline less the usual time of an answer, and
   * the end of the request's signature.
   *
   * @param now on {@link Clock#nanos()}
   * @param wait nanoseconds that the call must wait in any case
   * @param waited nanoseconds that it has waited before
   */
  static long latest(CallContext call, long now, long wait, long waited) {
    // The queue behind the gate may add a little to a wait that is as long as allowed.
    long most = Math.max(call.policy.maxWaitNanos(), wait + call.policy.maxWaitNanos() / 4);
    most = Math.min(most, Math.max(call.policy.maxCallWaitNanos() - waited, 0));
    if (call.deadline != RequestInfo.NO_DEADLINE && !call.waitsBeyondDeadline()) {
      long left = call.deadline - now;
      long spare = Math.min(HANDING_BACK, Math.max(0, left) / 20);
      most = Math.min(most, left - call.queue.times.p97() - spare);
    }
    if (call.signedUntil != Signatures.ALWAYS) {
      // All attempts carry the same signature: after its end they would be answered 403.
      long left = Math.max(0, call.signedUntil - call.calls.clock.epochMillis());
      most = Math.min(most, Math.min(left, Long.MAX_VALUE / 4_000_000) * 1_000_000);
    }
    return now + most;
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
          case AUTO -> call.queue.limitConfirmed() || call.queue.closed();
        };
    // The provider's own 403 says more than a 429 of ours.
    return reject && !call.signatureOver();
  }
}
