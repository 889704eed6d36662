package dev.paceline.call;

import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Remedy;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.tokens.Usage;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import dev.paceline.words.RetryDecision;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listener, the trace and the ledger what becomes of one call: it begins once and ends
 * once, and so does each of its attempts.
 */
final class AttemptReporter {
  private static final Failure[] FAILURES = Failure.values();
  private static final byte NO_FAILURE = -1;

  private final CallContext call;
  private boolean announced;
  private boolean inFlight;
  private boolean estimateTold;
  private long overhead;

  /** The ordinal of its last failure; a byte, for thousands of calls may wait. */
  private byte failure = NO_FAILURE;

  /** Null before the call is announced. */
  private @Nullable Tracing trace;

  AttemptReporter(CallContext call) {
    this.call = call;
  }

  /** The call begins. */
  void announce() {
    announced = true;
    call.calls.ledger.callStarted();
    call.calls.events.callStarted(call.info);
    call.calls.events.handled(call.info, call.policy.mode());
    trace = call.calls.trace(call.info);
    if (call.externalRetry) {
      repeated();
    }
  }

  /** The call has been announced by another execution, of which this one takes the place. */
  void takeOver(AttemptReporter other) {
    inFlight = other.inFlight;
    announced = other.announced;
    trace = other.trace;
  }

  /** An SDK or a loop above the client repeats a call that was given up. */
  void repeated() {
    call.calls.events.repeated(call.info);
  }

  /** Nanoseconds of the agent's own work, waits left out. */
  void worked(long nanos) {
    overhead += nanos;
  }

  boolean inFlight() {
    return inFlight;
  }

  /**
   * An attempt is let go; says nothing when the last one has not ended.
   *
   * @param number which one of the call, from 1
   */
  void sent(int number, CallCost cost) {
    if (inFlight) {
      return;
    }
    inFlight = true;
    if (!estimateTold) {
      estimateTold = true;
      call.calls.events.tokensEstimated(call.info, cost.input(), cost.output());
      if (trace != null) {
        trace.estimated(cost.input(), cost.output());
      }
    }
    call.calls.ledger.attemptSent();
    call.calls.events.attemptSent(call.info, number);
  }

  /**
   * The attempt is over.
   *
   * @param attempts how many were sent, this one included
   * @param status the answer's; 0 for none
   */
  void attemptEnded(int attempts, int status) {
    if (inFlight) {
      inFlight = false;
      call.calls.ledger.attemptEnded();
    }
    call.calls.events.attemptEnded(call.info, attempts, status);
    if (trace != null) {
      trace.attempted(attempts, status);
    }
  }

  /** No attempt follows; one that is on the way has no answer. */
  void attemptDropped(int attempts) {
    if (inFlight) {
      attemptEnded(attempts, 0);
    }
  }

  /** The call was answered by the agent: its wait would not fit, or the queue is full. */
  void refused(Limit limit, boolean full) {
    limited(limit, Source.LOCAL);
    gaveUp(full ? GiveUpReason.QUEUE_FULL : GiveUpReason.DEADLINE);
    failure(full ? Failure.QUEUE_FULL : Failure.WAIT_TOO_LONG);
  }

  void waited(Limit limit, WaitReason reason, long nanos) {
    call.calls.events.waited(call.info, limit, reason, nanos);
    if (trace != null) {
      trace.waited(limit, reason, nanos);
    }
  }

  /** Observe mode: enforcing would have held the call for about so long. */
  void wouldHaveWaited(Limit limit, WaitReason reason, long nanos) {
    call.calls.events.waited(call.info, limit, reason, nanos);
  }

  void retried(RetryReason reason, Limit limit, int attempts) {
    call.calls.events.retried(call.info, reason);
    if (trace != null) {
      trace.retried(reason, limit, attempts);
    }
  }

  void limited(Limit limit, Source source) {
    call.calls.events.limited(call.info, limit, source);
  }

  /**
   * The provider has said what the call did cost.
   *
   * @param ratio the prompt as a multiple of its estimate; 0 for none
   */
  void used(Usage usage, double ratio) {
    call.calls.events.tokensUsed(call.info, usage.input(), usage.cached(), usage.output(), ratio);
    if (trace != null) {
      trace.used(usage);
    }
  }

  /** The answer's body will be looked at; who is to be told its end. */
  @Nullable Tracing bodyBegins() {
    if (trace != null) {
      trace.bodyBegins();
    }
    return trace;
  }

  /** The attempt was answered so. */
  void classified(Classification answer) {
    Limit limit = answer.limit();
    boolean limited = answer.kind() == Kind.LIMITED;
    // Also a gateway's 500 around a limit answer.
    if (limit != null && (limited || answer.kind() == Kind.PERHAPS_PROCESSED)) {
      limited(limit, Source.UPSTREAM);
    } else if (answer.kind() == Kind.TOO_LARGE) {
      call.calls.events.tooLarge(call.info);
    }
  }

  void gaveUp(GiveUpReason reason) {
    call.calls.events.gaveUp(call.info, reason);
  }

  /**
   * Observe mode: what enforcing would have done after an answer.
   *
   * @param wouldWait whether it would have held the call before it was sent
   */
  void observed(RetryDecision decision, Classification error, boolean wouldWait) {
    Limit limit = error.limit();
    Limit hit = error.kind() == Kind.LIMITED ? limit : null;
    if (wouldWait && hit != null && hit != Limit.QUOTA && hit != Limit.CAPACITY) {
      // Held until there was room it would not have met this answer, so no retry either.
      call.calls.events.avoidable(call.info, hit, Remedy.PACING);
    } else if (decision instanceof RetryDecision.Retry retry) {
      if (hit != null) {
        call.calls.events.avoidable(call.info, hit, Remedy.RETRY);
      }
      call.calls.events.retried(call.info, Outcomes.retryReason(0, error));
      call.calls.events.waited(
          call.info,
          limit == null ? Limit.UNKNOWN : limit,
          Outcomes.waitReason(retry),
          retry.waitNanos());
    } else if (decision instanceof RetryDecision.GiveUp giveUp) {
      call.calls.events.gaveUp(call.info, Outcomes.giveUpReason(giveUp.reason()));
    }
  }

  /** What the calling thread sends until the result is closed belongs to the call. */
  CallTrace.Sending sending() {
    Tracing t = trace;
    return t == null ? CallTrace.Sending.NONE : t.sending();
  }

  /** What the newest answer would be called if the call ended with it. */
  void failure(@Nullable Failure newest) {
    failure = newest == null ? NO_FAILURE : (byte) newest.ordinal();
  }

  /** The call is over; to be said once. */
  void ended(Outcome outcome, AttemptCounts counts) {
    long age = call.calls.clock.nanos() - call.began;
    if (outcome != Outcome.CANCELLED) {
      call.queue.callers.ended(call.info.client(), age);
    }
    if (announced) {
      call.calls.ledger.callEnded();
      if (outcome == Outcome.SUCCESS) {
        call.calls.events.served(call.info, age, counts.waited());
      } else {
        call.calls.events.failed(
            call.info, FailureCause.of(outcome, failure == NO_FAILURE ? null : FAILURES[failure]));
      }
      call.calls.events.callEnded(call.info, outcome, overhead);
    }
    if (trace != null) {
      trace.ended(outcome, counts.attempts());
    }
  }
}
