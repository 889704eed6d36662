package dev.paceline.call;

import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.provider.LocalLimit;
import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/** The waits of one call: its place in the queue, and what it waits for. */
final class CallWaits {
  private final CallContext call;
  private @Nullable Ticket ticket;
  private Limit limit = Limit.UNKNOWN;
  private WaitReason reason = WaitReason.PACING;
  private @Nullable RetryReason retry;

  /** What would end the wait that was asked for last. */
  private LocalLimit.Bound bound = LocalLimit.Bound.MAX_WAIT;

  /** The wait for the last retry was not begun because too many calls wait already. */
  private boolean queueFull;

  CallWaits(CallContext call) {
    this.call = call;
  }

  /** What it waits for from now on. */
  void become(Limit limit, WaitReason reason, @Nullable RetryReason retry) {
    this.limit = limit;
    this.reason = reason;
    this.retry = retry;
  }

  Limit limit() {
    return limit;
  }

  WaitReason reason() {
    return reason;
  }

  /** Why it is sent again, when it is; null for a call that was never sent. Asked once a retry. */
  @Nullable RetryReason takeRetry() {
    RetryReason why = retry;
    retry = null;
    return why;
  }

  boolean queueFull() {
    return queueFull;
  }

  /**
   * Enters the queue.
   *
   * @param rough whether {@link Ticket#COUNT_EXACTLY} may be the answer
   * @param end when the wait would be too long
   * @param notBefore the call's own earliest instant
   * @param answerBytes what the answer that is kept meanwhile takes
   * @param unsent whether no answer is kept that could end the call
   */
  Ticket enter(
      CallCost cost,
      boolean rough,
      Deadlines.End end,
      long notBefore,
      long answerBytes,
      boolean unsent) {
    long bytes = call.bodyBytes + answerBytes;
    Ticket entered =
        call.queue.enter(
            new Ticket(
                call.order, cost.charge(), call.kind, bytes, notBefore, end.latest(), unsent),
            rough ? cost.ample() : null);
    bound = end.bound();
    queueFull = entered.full && retry != null;
    return entered;
  }

  /** What an unsent call is told whose wait is too long. */
  LocalLimit.Refusal refusal(Ticket waiting, Limit by) {
    return Deadlines.refusal(call, waiting, by, bound);
  }

  /** The call waits until the ticket is ready. */
  Step hold(Ticket waiting) {
    ticket = waiting;
    return new Step.Wait(call.calls.held(waiting));
  }

  /** The wait for this ticket is over. */
  void over(Ticket waiting, long now, AttemptCounts counts, AttemptReporter reporter) {
    long nanos = now - waiting.since;
    counts.waitedFor(nanos);
    reporter.waited(limit, reason, nanos);
  }

  /** The ticket that it waits for; null for none. */
  @Nullable Ticket ticket() {
    return ticket;
  }

  /** It waits no more. */
  @Nullable Ticket leave() {
    Ticket waiting = ticket;
    ticket = null;
    return waiting;
  }
}
