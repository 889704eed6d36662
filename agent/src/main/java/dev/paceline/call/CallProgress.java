package dev.paceline.call;

import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.limit.Permit;
import dev.paceline.provider.LocalLimit;
import dev.paceline.retry.RetryRules;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import dev.paceline.words.RetryDecision;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one call: new, queued, in flight, ended. Each transition takes an event (a
 * start, a ready ticket, an answer, a failure, a cancellation) and returns the next {@link Step}.
 * May throw; {@link CallExecution} is the barrier.
 */
final class CallProgress {
  static final Step DELIVER = new Step.Deliver(false);

  final CallContext call;
  final AttemptReporter reporter;
  final HeldPermit permit;

  /** Null before the first answer: thousands of calls may wait for their first attempt. */
  private @Nullable LastResponse last;

  private final Calls calls;
  private final AttemptCounts counts;
  private final CallWaits waits;
  private CallCost cost;

  /** Counts the cost exactly; null when it is, or cannot be. Gone before a wait: holds the body. */
  private @Nullable Supplier<CallCost> exact;

  private long sentAt;
  private boolean ended;

  /** The error in the stream of this attempt was counted when its first event was judged. */
  boolean refusedInStream;

  /** Observe mode: enforcing would have held the call before it was sent. */
  private boolean wouldWait;

  /** An execution of the same call that has begun and not ended; this one takes its place. */
  private @Nullable CallProgress replaced;

  CallProgress(
      CallContext call,
      CallCost rough,
      @Nullable Supplier<CallCost> exact,
      @Nullable CallProgress earlier) {
    this.calls = call.calls;
    this.call = call;
    this.cost = rough;
    this.exact = exact;
    this.reporter = new AttemptReporter(call);
    this.permit = new HeldPermit(call);
    this.waits = new CallWaits(call);
    if (earlier == null) {
      this.counts = new AttemptCounts(call.policy);
    } else {
      this.counts = new AttemptCounts(call.policy, earlier.counts);
      this.last = LastResponse.before(earlier.last, earlier.call.sameRequest(call));
      this.replaced = earlier.ended ? null : earlier;
    }
  }

  /** For reading only. */
  LastResponse last() {
    return last == null ? LastResponse.NONE : last;
  }

  private LastResponse answered() {
    last = last == null ? new LastResponse() : last;
    return last;
  }

  CallCost cost() {
    return cost;
  }

  boolean hasEnded() {
    return ended;
  }

  /** The call begins. */
  Step start(long now) {
    Supplier<CallCost> count = exact;
    exact = null;
    announce();
    return call.observed() ? observe(now, count) : admit(now, count);
  }

  /** Each call is announced once, also when its scope has changed while it was parked. */
  private void announce() {
    CallProgress other = replaced;
    replaced = null;
    if (other != null && !other.ended) {
      if (other.call.info.equals(call.info)) {
        other.ended = true;
        other.permit.release(); // it may be another scope's, and this one takes its own
        reporter.takeOver(other.reporter);
        return;
      }
      other.cancelled(calls.clock.nanos());
    }
    reporter.announce();
  }

  private Step observe(long now, @Nullable Supplier<CallCost> count) {
    if (count != null && !call.queue.admits(cost.ample())) {
      cost = count.get();
    }
    long held = call.queue.wouldHold(cost.charge());
    if (held > 0 && now + held - Deadlines.of(call, now, 0, counts.waited()).latest() <= 0) {
      wouldWait = true;
      reporter.wouldHaveWaited(call.queue.limit(), WaitReason.PACING, held);
    }
    return send();
  }

  private Step admit(long now, @Nullable Supplier<CallCost> count) {
    ProviderResponse again = last().earlier();
    if (again != null && (last().nonRetryable() || counts.exhausted())) {
      reporter.failure(Failure.REPEATED);
      return replay(GiveUpReason.ATTEMPTS, again, call.sdkSendsRetryCount && counts.limited() > 0);
    }
    GiveUps.Found recorded = calls.giveUps.find(call.scope(), call.fingerprint);
    if (recorded != null) {
      // A loop above the client sends the request of a call that was given up: its continuation,
      // not a new call with a new allowance.
      if (!call.externalRetry) {
        reporter.repeated();
      }
      if (recorded.nonRetryable() || call.queue.closed()) {
        reporter.failure(Failure.REPEATED);
        return replay(GiveUpReason.CONTINUATION, recorded.answer(), call.sdkSendsRetryCount);
      }
      counts.allowOneMore();
    }
    if (calls.released()) {
      return send();
    }
    Deadlines.End end = Deadlines.of(call, now, 0, counts.waited());
    Ticket ticket = waits.enter(cost, count != null, end, now, 0, true);
    if (count != null && ticket == Ticket.COUNT_EXACTLY) {
      cost = count.get();
      ticket = waits.enter(cost, false, end, now, 0, true);
    }
    if (ticket.state() == Ticket.State.EXPIRED) {
      return tooLate(ticket);
    }
    if (ticket.state() != Ticket.State.ADMITTED) {
      waits.become(ticket.limit(), WaitReason.PACING, null);
      return waits.hold(ticket);
    }
    permit.take(ticket.take());
    return send();
  }

  private Step send() {
    refusedInStream = false;
    sentAt = calls.clock.nanos();
    permit.sent(sentAt);
    // In observe mode too: its limiters are what the console shows, and what pacing starts from.
    if (permit.get() == null) {
      permit.take(call.queue.sent(cost.charge()));
    }
    reporter.sent(counts.attempts() + 1, cost);
    return new Step.Send();
  }

  /** The call leaves, whatever fails: what failed once may fail again. */
  Step sendAnyway() {
    try {
      return send();
    } catch (Throwable t) {
      calls.fault("admit", t);
      return new Step.Send();
    }
  }

  private Step resend() {
    RetryReason reason = waits.takeRetry();
    if (reason != null) {
      reporter.retried(reason, waits.limit(), counts.attempts());
    }
    return send();
  }

  /** A ticket is ready. */
  Step resumed(Ticket ticket, long now) {
    waits.over(ticket, now, counts, reporter);
    permit.take(ticket.take());
    waits.leave();
    ProviderResponse answer = last().get();
    if (ticket.state() == Ticket.State.CANCELLED) {
      end(Outcome.CANCELLED);
      return new Step.Cancel();
    }
    if (ticket.state() == Ticket.State.EXPIRED && answer == null && counts.attempts() == 0) {
      return tooLate(ticket);
    }
    if (ticket.state() == Ticket.State.ADMITTED || answer == null) {
      return resend();
    }
    GiveUpReason reason =
        ticket.state() == Ticket.State.RELEASED ? GiveUpReason.RELEASED : GiveUpReason.DEADLINE;
    boolean stopSdk =
        call.sdkSendsRetryCount && last().isLimits() && reason == GiveUpReason.DEADLINE;
    return replay(reason, answer, stopSdk);
  }

  /**
   * An unsent call whose wait would not fit. Sent past the queue it would take the place of one
   * that has waited: under twice the limit nearly all of those then get a 429.
   */
  private Step tooLate(Ticket ticket) {
    if (!Deadlines.rejects(call)) {
      return resend();
    }
    Limit limit = ticket.ofTenant() ? ticket.limit() : call.queue.limit();
    ProviderResponse answer =
        LocalLimit.answer(call.scope().provider(), waits.refusal(ticket, limit));
    reporter.refused(limit, ticket.full);
    answered().giveUp(answer);
    end(Outcome.RATE_LIMITED);
    return new Step.Replay(answer, call.sdkSendsRetryCount);
  }

  /** The adapter cannot hold the call: it goes on as if the wait had been too long. */
  Step refused(Ticket ticket) {
    ticket.cancel();
    permit.take(ticket.take()); // admitted in this instant
    waits.leave();
    RetryReason reason = waits.takeRetry();
    if (reason == null) {
      return sendAnyway();
    }
    ProviderResponse answer = last().get();
    if (answer != null) {
      giveUp(GiveUpReason.QUEUE_FULL, answer);
    }
    end(reason == RetryReason.NOT_SENT ? Outcome.IO_ERROR : Outcome.GAVE_UP);
    return DELIVER; // a later call of the SDK's may well be held
  }

  /**
   * The attempt on the way is over.
   *
   * @param hidden requests beyond it that the client made on its own
   * @param status the answer's; 0 for none
   */
  void attemptEnded(int hidden, int status) {
    counts.attempted(hidden);
    reporter.attemptEnded(counts.attempts(), status);
  }

  /** The attempt was served. */
  void served(long now) {
    call.queue.times.add(now - sentAt);
    calls.giveUps.forget(call.scope(), call.fingerprint);
  }

  /** The attempt was answered with an error, or with what is judged by its body. */
  Step decide(ProviderResponse answer, Classification error, long now) {
    ProviderResponse earlier = last().get();
    boolean limited = error.kind() == Kind.LIMITED;
    if (earlier != null && (answer.status() == 401 || answer.status() == 403) && !limited) {
      // A credential that expired during our wait: the application would not have seen this answer
      // without the agent.
      return replay(GiveUpReason.DEADLINE, earlier, false);
    }
    reporter.failure(FailureCause.of(answer.status(), error));
    reporter.classified(error);
    counts.classified(error, now);
    if (error.kind() == Kind.SERVED) {
      served(now);
    }
    RetryDecision decision =
        RetryRules.decide(
            counts.limits(call.policy), counts.soFar(now, call), error, calls.random.getAsDouble());
    Limit limit = error.limit();
    if (limited && limit != null && limit != Limit.QUOTA) {
      new ResponseFeedback(call, reporter, cost, permit).rejected(limit, error, answer);
    } else {
      new ResponseFeedback(call, reporter, cost, permit).accepted(answer.headers());
    }
    if (call.observed()) {
      reporter.observed(decision, error, wouldWait);
      end(Outcomes.of(answer.status(), error));
      return DELIVER;
    }
    if (decision instanceof RetryDecision.Retry retry) {
      waits.become(
          limit == null ? Limit.UNKNOWN : limit,
          Outcomes.waitReason(retry),
          Outcomes.retryReason(answer.status(), error));
      Step step = waitFor(retry, now, StoredResponse.bytes(answer), !answer.complete());
      if (step != null) {
        answered().keep(answer, limited);
        return step;
      }
      decision = new RetryDecision.GiveUp(RetryDecision.Reason.DEADLINE);
    }
    return decision instanceof RetryDecision.GiveUp giveUp
        ? giveUp(giveUp, answer, error)
        : deliver(answer, error);
  }

  /** Takes the retry's place in the queue; null when the wait does not fit. */
  private @Nullable Step waitFor(
      RetryDecision.Retry retry, long now, long answerBytes, boolean unsent) {
    if (calls.released()) {
      return null;
    }
    Deadlines.End end = Deadlines.of(call, now, retry.waitNanos(), counts.waited());
    Ticket ticket = waits.enter(cost, false, end, now + retry.waitNanos(), answerBytes, unsent);
    if (ticket.state() == Ticket.State.ADMITTED) {
      permit.take(ticket.take());
      return resend();
    }
    return ticket.state() == Ticket.State.EXPIRED ? null : waits.hold(ticket);
  }

  /** Hands out the answer, for no attempt more is made. */
  private Step giveUp(
      RetryDecision.GiveUp decision, ProviderResponse answer, Classification error) {
    answered().judged(error);
    GiveUpReason reason = Outcomes.giveUpReason(decision.reason());
    giveUp(waits.queueFull() ? GiveUpReason.QUEUE_FULL : reason, answer);
    boolean first = counts.limited() == 1 && counts.attempts() == 1;
    end(first ? Outcomes.of(answer.status(), error) : Outcome.GAVE_UP);
    return new Step.Deliver(
        call.sdkSendsRetryCount && !waits.queueFull() && Outcomes.incurable(decision, error));
  }

  private Step deliver(ProviderResponse answer, Classification error) {
    boolean tooLarge = error.kind() == Kind.TOO_LARGE;
    if (tooLarge && (answer.status() == 429 || answer.status() == 413)) {
      calls.giveUps.record(call.scope(), call.fingerprint, answer, true);
    }
    end(Outcomes.of(answer.status(), error));
    // A request that is larger than its limit can never pass; the SDK would send it twice more.
    return new Step.Deliver(call.sdkSendsRetryCount && tooLarge);
  }

  /** The attempt ended without an answer. */
  Step failed(boolean nothingSent, long now) {
    attemptEnded(0, 0);
    permit.release();
    ProviderResponse earlier = last().get();
    if (earlier != null) {
      return replay(GiveUpReason.ATTEMPTS, earlier, false);
    }
    Step again = nothingSent && call.enforced() ? retryUnsent(now) : null;
    return again == null ? lastOr(Outcome.IO_ERROR, DELIVER) : again;
  }

  private @Nullable Step retryUnsent(long now) {
    counts.ambiguous();
    RetryDecision decision =
        RetryRules.nothingSent(
            counts.limits(call.policy), counts.soFar(now, call), calls.random.getAsDouble());
    if (!(decision instanceof RetryDecision.Retry retry)) {
      return null;
    }
    waits.become(Limit.UNKNOWN, WaitReason.BACKOFF, RetryReason.NOT_SENT);
    return waitFor(retry, now, 0, true);
  }

  /** Nobody waits for the call any more; idempotent. */
  void cancelled(long now) {
    try {
      if (!ended) {
        call.queue.callers.cancelled(call, now);
      }
      Ticket held = waits.ticket();
      if (reporter.inFlight()) {
        attemptEnded(0, 0);
      } else if (held != null && !ended) {
        waits.over(held, now, counts, reporter); // for nothing, but it was held
      }
    } catch (Throwable t) {
      calls.fault("admit", t);
    }
    end(Outcome.CANCELLED);
  }

  /** No attempt more may follow, though one was decided: the call ends with this answer. */
  Step endWith(ProviderResponse answer) {
    reporter.attemptDropped(counts.attempts());
    return replay(GiveUpReason.NOT_REPLAYABLE, answer, call.sdkSendsRetryCount);
  }

  /** The call ends with an answer that was received earlier. */
  private Step replay(GiveUpReason reason, ProviderResponse answer, boolean stopSdk) {
    giveUp(reason, answer);
    end(Outcome.GAVE_UP);
    return new Step.Replay(answer, stopSdk);
  }

  /** After a fault: the answer in hand ends the call, without one this. */
  Step lastOr(Outcome outcome, Step otherwise) {
    end(outcome);
    ProviderResponse answer = last().get();
    return answer == null ? otherwise : new Step.Replay(answer, false);
  }

  private void giveUp(GiveUpReason reason, ProviderResponse answer) {
    answered().giveUp(answer);
    reporter.gaveUp(reason);
    if (reason != GiveUpReason.CONTINUATION && reason != GiveUpReason.RELEASED) {
      calls.giveUps.record(call.scope(), call.fingerprint, answer, last().remembered());
    }
  }

  /** The call is over: gives back what it still holds, and says so once. */
  void end(Outcome outcome) {
    if (ended) {
      if (outcome == Outcome.CANCELLED && !permit.streaming()) {
        permit.release(); // another thread cancelled it while this one took a permit over
      }
      return;
    }
    ended = true;
    Ticket waiting = waits.leave();
    if (waiting != null) {
      waiting.cancel();
      // From now on the queue takes a permit back by itself.
      Permit granted = waiting.take();
      if (granted != null) {
        permit.take(granted);
      }
    }
    if (outcome != Outcome.SUCCESS || !permit.streaming()) {
      permit.release(); // such as a call that was cancelled while its attempt was on the way
    }
    reporter.ended(outcome, counts);
  }
}
