package dev.paceline.export.beside;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.call.CallTrace;
import dev.paceline.words.Limit;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call in the application's trace. A call that neither waits nor is repeated leaves nothing.
 * Else its waits and retries are events of the span that was current when it began, and a span of
 * our own reaches from there to its end. That one's children are the attempts, a span each, in
 * which the client's own spans lie.
 *
 * <p>Of an attempt that was sent before anything was the matter the span is made afterwards, with
 * the times that it had: OpenTelemetry knows no span that may turn out not to be wanted. What the
 * client has recorded of it by then lies beside, not within.
 */
final class SpanTrace implements CallTrace {
  private static final double NANOS = 1e9;

  /** OpenTelemetry's name (stable) for how often a request was sent again. */
  private static final AttributeKey<Long> RESEND_COUNT =
      AttributeKey.longKey("http.request.resend_count");

  private static final AttributeKey<String> PROVIDER =
      AttributeKey.stringKey("gen_ai.provider.name");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("paceline.client");
  private static final AttributeKey<String> LIMIT = AttributeKey.stringKey("paceline.limit");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("paceline.outcome");
  private static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("paceline.attempts");
  private static final AttributeKey<String> WAIT_REASON =
      AttributeKey.stringKey("paceline.wait.reason");
  private static final AttributeKey<Double> WAIT_DURATION =
      AttributeKey.doubleKey("paceline.wait.duration");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> RETRY_REASON =
      AttributeKey.stringKey("paceline.retry.reason");

  private final CallInfo call;
  private final Context context;
  private final @Nullable Tracer tracer;
  private final long began = wall();
  private final long beganNanos = System.nanoTime();
  private @Nullable Span own;
  private @Nullable Span attempt;

  /** When the attempt that is under way was sent; 0 when none is. */
  private long sentAt;

  /** What ended before there was a span of our own. */
  private @Nullable Earlier earlier;

  private long waited;
  private long retries;
  private Limit limit = Limit.UNKNOWN;

  /** Times are nanoseconds since the epoch. */
  private record Earlier(long sentAt, long endedAt, int attempts, int status) {}

  /**
   * @param context of the thread on which the call began
   * @param tracer makes the span of our own; null: there is none
   */
  SpanTrace(CallInfo call, Context context, @Nullable Tracer tracer) {
    this.call = call;
    this.context = context;
    this.tracer = tracer;
  }

  @Override
  public void waited(Limit heldBy, WaitReason reason, long nanos) {
    waited += nanos;
    limit = heldBy;
    Span.fromContext(context)
        .addEvent(
            "paceline.wait",
            Attributes.of(
                LIMIT, heldBy.tag(), WAIT_REASON, lower(reason), WAIT_DURATION, nanos / NANOS));
    begin();
  }

  @Override
  public void retried(RetryReason reason, Limit refusedBy, int attempts) {
    retries++;
    limit = refusedBy;
    Span.fromContext(context)
        .addEvent(
            "paceline.retry",
            Attributes.of(RETRY_REASON, reason.tag(), RESEND_COUNT, (long) attempts));
    begin();
  }

  @Override
  public void attempted(int attempts, int status) {
    Span open = attempt;
    attempt = null;
    if (open != null) {
      end(open, attempts, status, now());
    } else if (own == null && sentAt != 0) {
      earlier = new Earlier(sentAt, now(), attempts, status);
    }
    sentAt = 0;
  }

  @Override
  public void ended(Outcome outcome, int attempts) {
    Span span = own;
    Span open = attempt;
    attempt = null;
    if (open != null) {
      open.end(now(), TimeUnit.NANOSECONDS); // nobody said how it went
    }
    if (waited == 0 && retries == 0) {
      return;
    }
    tell(Span.fromContext(context), outcome, attempts);
    if (span != null) {
      tell(span, outcome, attempts);
      if (outcome != Outcome.SUCCESS && outcome != Outcome.CANCELLED) {
        span.setStatus(StatusCode.ERROR, lower(outcome));
      }
      span.end(now(), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // whoever asks closes what it gets
  public Sending sending() {
    Span span = own;
    sentAt = now();
    if (span == null) {
      return Sending.NONE; // the thread's own context holds
    }
    Span open = attempt(span, sentAt);
    attempt = open;
    Scope scope = context.with(open).makeCurrent();
    return scope::close;
  }

  private void begin() {
    if (own != null || tracer == null) {
      return;
    }
    Span span =
        tracer
            .spanBuilder("paceline.call")
            .setParent(context)
            .setStartTimestamp(began, TimeUnit.NANOSECONDS)
            .setAttribute(PROVIDER, GenAiProviderNames.of(call.provider()))
            .setAttribute(MODEL, call.model())
            .setAttribute(CLIENT, call.client().tag())
            .startSpan();
    own = span;
    Earlier before = earlier;
    earlier = null;
    if (before != null) {
      end(attempt(span, before.sentAt), before.attempts, before.status, before.endedAt);
    }
  }

  private Span attempt(Span parent, long at) {
    return Objects.requireNonNull(tracer)
        .spanBuilder("paceline.attempt")
        .setParent(context.with(parent))
        .setStartTimestamp(at, TimeUnit.NANOSECONDS)
        .startSpan();
  }

  private static void end(Span span, int attempts, int status, long at) {
    if (status > 0) {
      span.setAttribute(STATUS, (long) status);
    }
    if (attempts > 1) {
      span.setAttribute(RESEND_COUNT, attempts - 1L);
    }
    if (status == 0 || status >= 400) {
      String type = status == 0 ? "io_error" : Integer.toString(status);
      span.setAttribute(ERROR_TYPE, type).setStatus(StatusCode.ERROR);
    }
    span.end(at, TimeUnit.NANOSECONDS);
  }

  /**
   * By one clock that never goes back, from the beginning of the call on: with the wall's for some
   * ends and the SDK's for others, attempts ended milliseconds after their call while the wall's
   * was being set.
   */
  private long now() {
    return began + (System.nanoTime() - beganNanos);
  }

  private static long wall() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  private void tell(Span span, Outcome outcome, int attempts) {
    span.setAttribute(ATTEMPTS, (long) attempts);
    span.setAttribute(WAIT_DURATION, waited / NANOS);
    span.setAttribute(LIMIT, limit.tag());
    span.setAttribute(OUTCOME, lower(outcome));
    if (attempts > 1) {
      span.setAttribute(RESEND_COUNT, attempts - 1L);
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
