package dev.paceline.call;

import dev.paceline.config.Mode;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;

/**
 * The barrier in front of the listener, and the count of faults: a listener that fails must not
 * fail a call.
 */
final class CallEvents {
  private final CallListener listener;
  private final Faults faults;

  CallEvents(CallListener listener, Faults faults) {
    this.listener = listener;
    this.faults = faults;
  }

  void callStarted(CallInfo call) {
    try {
      FaultPoint.pass("metrics");
      listener.callStarted(call);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void attemptSent(CallInfo call, int attempt) {
    try {
      FaultPoint.pass("metrics");
      listener.attemptSent(call, attempt);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void attemptEnded(CallInfo call, int attempt, int status) {
    try {
      FaultPoint.pass("metrics");
      listener.attemptEnded(call, attempt, status);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void limited(CallInfo call, Limit limit, CallListener.Source source) {
    try {
      FaultPoint.pass("metrics");
      listener.limited(call, limit, source);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void tooLarge(CallInfo call) {
    try {
      FaultPoint.pass("metrics");
      listener.tooLarge(call);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void repeated(CallInfo call) {
    try {
      FaultPoint.pass("metrics");
      listener.repeated(call);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void avoidable(CallInfo call, Limit limit, CallListener.Remedy by) {
    try {
      FaultPoint.pass("metrics");
      listener.avoidable(call, limit, by);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void waited(CallInfo call, Limit limit, CallListener.WaitReason reason, long nanos) {
    try {
      FaultPoint.pass("metrics");
      listener.waited(call, limit, reason, nanos);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void retried(CallInfo call, CallListener.RetryReason reason) {
    try {
      FaultPoint.pass("metrics");
      listener.retried(call, reason);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void gaveUp(CallInfo call, CallListener.GiveUpReason reason) {
    try {
      FaultPoint.pass("metrics");
      listener.gaveUp(call, reason);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void tokensEstimated(CallInfo call, long input, long output) {
    try {
      FaultPoint.pass("metrics");
      listener.tokensEstimated(call, input, output);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void tokensUsed(CallInfo call, long input, long cached, long output, double promptByEstimate) {
    try {
      FaultPoint.pass("metrics");
      listener.tokensUsed(call, input, cached, output, promptByEstimate);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void handled(CallInfo call, Mode mode) {
    try {
      FaultPoint.pass("metrics");
      listener.handled(call, mode);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void failed(CallInfo call, Failure failure) {
    try {
      FaultPoint.pass("metrics");
      listener.failed(call, failure);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void served(CallInfo call, long nanos, long waitedNanos) {
    try {
      FaultPoint.pass("metrics");
      listener.served(call, nanos, waitedNanos);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void bypassed(CallListener.BypassReason reason) {
    try {
      listener.bypassed(reason);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }

  void callEnded(CallInfo call, CallListener.Outcome outcome, long overheadNanos) {
    try {
      FaultPoint.pass("metrics");
      listener.callEnded(call, outcome, overheadNanos);
    } catch (Throwable t) {
      faults.add("metrics", t);
    }
  }
}
