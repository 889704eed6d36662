package dev.paceline.call;

import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.words.Limit;

/** The barrier in front of a call's trace: a tracing library that fails must not fail a call. */
final class Tracing {
  private final CallTrace trace;
  private final Calls calls;

  Tracing(CallTrace trace, Calls calls) {
    this.trace = trace;
    this.calls = calls;
  }

  static Tracing begin(CallTracer tracer, CallInfo call, Calls calls) {
    try {
      CallTrace trace = tracer.begin(call);
      return trace == CallTrace.NONE ? calls.untraced : new Tracing(trace, calls);
    } catch (Throwable t) {
      calls.tracingFailed(t);
      return calls.untraced;
    }
  }

  void waited(Limit limit, WaitReason reason, long nanos) {
    try {
      trace.waited(limit, reason, nanos);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
  }

  void retried(RetryReason reason, Limit limit, int attempts) {
    try {
      trace.retried(reason, limit, attempts);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
  }

  void attempted(int attempts, int status) {
    try {
      trace.attempted(attempts, status);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
  }

  void ended(Outcome outcome, int attempts) {
    try {
      trace.ended(outcome, attempts);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
  }

  /** Never throws, and neither does closing what it returns. */
  CallTrace.Sending sending() {
    if (trace == CallTrace.NONE) {
      return CallTrace.Sending.NONE;
    }
    try {
      CallTrace.Sending sending = trace.sending();
      return sending == CallTrace.Sending.NONE ? sending : new Guarded(sending, calls);
    } catch (Throwable t) {
      calls.tracingFailed(t);
      return CallTrace.Sending.NONE;
    }
  }

  private record Guarded(CallTrace.Sending sending, Calls calls) implements CallTrace.Sending {
    @Override
    public void close() {
      try {
        sending.close();
      } catch (Throwable t) {
        calls.tracingFailed(t);
      }
    }
  }
}
