package dev.paceline.call;

import dev.paceline.call.CallListener.Source;
import dev.paceline.limit.Permit;
import dev.paceline.provider.error.LimitsInBody;
import dev.paceline.provider.error.SlowDown;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.tokens.Usage;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the limiter of a call's scope what the call's answers say of limits and of tokens. */
final class ResponseFeedback {
  /** The gate of all opens at most this part of the hint later than it says. */
  private static final double GATE_JITTER = 0.05;

  private final Calls calls;
  private final CallContext call;
  private final AttemptReporter reporter;
  private final CallCost cost;
  private final HeldPermit permit;

  ResponseFeedback(CallContext call, AttemptReporter reporter, CallCost cost, HeldPermit permit) {
    this.calls = call.calls;
    this.call = call;
    this.reporter = reporter;
    this.cost = cost;
    this.permit = permit;
  }

  /** An answer that no limit has refused. */
  void accepted(Headers headers) {
    learn(headers, null, 0, null);
  }

  /** An answer that this limit has refused. */
  void rejected(Limit limit, Classification error, ProviderResponse answer) {
    cost.requested(answer.body());
    learn(answer.headers(), limit, hint(error), answer);
  }

  private void learn(
      Headers headers, @Nullable Limit limit, long hint, @Nullable ProviderResponse rejection) {
    Permit sent = permit.get();
    if (sent == null) {
      return;
    }
    long onTheWay = permit.onTheWay(calls.clock.nanos()) / 1_000_000;
    List<LimitReading> readings =
        LimitHeaders.read(call.dialect(), headers, calls.clock.epochMillis(), onTheWay);
    if (limit != null && rejection != null) {
      if (SlowDown.asked(rejection)) {
        call.queue.slowDown(sent);
      }
      readings = withFigures(readings, limit, rejection);
    }
    cost.queryCost(headers.first("x-ratelimit-tokens-query-cost"));
    call.queue.answered(
        sent,
        readings,
        limit,
        hint,
        call.policy.backoffInitialNanos(),
        call.policy.backoffCapNanos(),
        calls.random.getAsDouble());
    permit.answered(sent);
    if (limit != null || !permit.streaming()) {
      permit.release();
    }
  }

  /** With the figures in a limit answer's message, when its headers are silent about that limit. */
  private List<LimitReading> withFigures(
      List<LimitReading> readings, Limit limit, ProviderResponse rejection) {
    for (LimitReading reading : readings) {
      if (reading.limit() == limit && reading.remaining() >= 0) {
        return readings;
      }
    }
    LimitReading said = LimitsInBody.read(rejection, limit, cost.charge().of(limit));
    if (said == null) {
      return readings;
    }
    List<LimitReading> all = new ArrayList<>(readings);
    all.add(said);
    return all;
  }

  /**
   * How long the answer says that the scope is closed, in nanoseconds, with jitter. Hints beyond
   * the limit's own window are bounded in {@code limit}, which knows that window.
   */
  private long hint(Classification error) {
    long hint = Math.max(0, Math.min(error.waitMillis(), Long.MAX_VALUE / 4_000_000)) * 1_000_000;
    double jitter = Math.min(call.policy.jitter(), GATE_JITTER);
    return hint + (long) (hint * jitter * calls.random.getAsDouble());
  }

  /**
   * A served stream turned out to hold an error ({@link dev.paceline.provider.error.StreamErrors}).
   * It is counted with its limit and closes the gate for the calls to come; it is not repeated, for
   * the application has the beginning already.
   */
  void errorInStream(Classification error) {
    try {
      Limit limit = error.limit();
      if (error.kind() != Kind.LIMITED || limit == null) {
        return;
      }
      reporter.limited(limit, Source.UPSTREAM);
      Permit sent = permit.answered();
      if (call.enforced() && limit != Limit.QUOTA && sent != null) {
        call.queue.rejectedLater(
            sent,
            limit,
            hint(error),
            call.policy.backoffInitialNanos(),
            call.policy.backoffCapNanos(),
            calls.random.getAsDouble());
      }
    } catch (Throwable t) {
      calls.fault("response", t);
    }
  }

  /**
   * The provider has said what this call did cost.
   *
   * @param sent the permit of the attempt that was answered; null when it had none
   * @param stream whether the answer's headers were written before its output was known
   */
  void used(Usage usage, @Nullable Permit sent, boolean stream) {
    try {
      reporter.used(usage, cost.ratio(usage));
      cost.learn(usage);
      if (sent != null && stream && cost.settles()) {
        call.queue.settled(sent, usage.output());
      }
    } catch (Throwable t) {
      calls.fault("tap", t);
    }
  }
}
