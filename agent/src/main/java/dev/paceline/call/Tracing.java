package dev.paceline.call;

import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.tokens.Usage;
import dev.paceline.words.Limit;

/**
 * The barrier in front of those who follow a call, its trace and its record: a library that fails
 * must not fail a call, and neither of the two the other.
 */
final class Tracing {
  private final CallTrace trace;
  private final CallTrace record;
  private final Calls calls;

  Tracing(CallTrace trace, CallTrace record, Calls calls) {
    this.trace = trace;
    this.record = record;
    this.calls = calls;
  }

  static Tracing begin(CallTracer tracer, CallTracer recorder, CallInfo call, Calls calls) {
    CallTrace trace = CallTrace.NONE;
    CallTrace record = CallTrace.NONE;
    try {
      trace = tracer.begin(call);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
    try {
      record = recorder.begin(call);
    } catch (Throwable t) {
      calls.recordingFailed(t);
    }
    return trace == CallTrace.NONE && record == CallTrace.NONE
        ? calls.untraced
        : new Tracing(trace, record, calls);
  }

  // No lambdas from here on: calls before the first one that waits would pay for them.

  void estimated(long input, long output) {
    if (record != CallTrace.NONE) {
      try {
        record.estimated(input, output);
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
    }
  }

  void bodyBegins() {
    if (record != CallTrace.NONE) {
      try {
        record.bodyBegins();
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
    }
  }

  void used(Usage usage) {
    if (record != CallTrace.NONE) {
      try {
        record.used(usage.prompt(), usage.cached(), usage.output());
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
    }
  }

  void bodyEnded() {
    if (record != CallTrace.NONE) {
      try {
        record.bodyEnded();
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
    }
  }

  void waited(Limit limit, WaitReason reason, long nanos) {
    try {
      trace.waited(limit, reason, nanos);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
    if (record != CallTrace.NONE) {
      try {
        record.waited(limit, reason, nanos);
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
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
    if (record != CallTrace.NONE) {
      try {
        record.attempted(attempts, status);
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
    }
  }

  void ended(Outcome outcome, int attempts) {
    try {
      trace.ended(outcome, attempts);
    } catch (Throwable t) {
      calls.tracingFailed(t);
    }
    if (record != CallTrace.NONE) {
      try {
        record.ended(outcome, attempts);
      } catch (Throwable t) {
        calls.recordingFailed(t);
      }
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
