package dev.paceline.call;

import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.provider.Signatures;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Scope;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a call when it begins and does not change. Not the request itself: adapters keep
 * executions for longer than calls last, and its headers hold credentials.
 */
final class CallContext {
  final Calls calls;
  final ScopeHandle queue;

  /** Provider, model, client: what every event of the call carries. */
  final CallInfo info;

  final Policy policy;
  final String host;

  /** Whether the adapter can send the same bytes again. */
  final boolean replayable;

  /** Whether a second attempt does no harm where the first was perhaps processed. */
  final boolean repeatable;

  /** Whether an SDK that counts its retries sent it: it obeys {@code x-should-retry}. */
  final boolean sdkSendsRetryCount;

  /** Whether an SDK or an interceptor repeats a call that had its end. */
  final boolean externalRetry;

  /**
   * When its caller stops waiting, on {@link Clock#nanos()}; none, too, where a typed max-wait
   * replaces the request's own timeout.
   */
  final long deadline;

  /** The last millisecond since 1970 in which its signature is taken. */
  final long signedUntil;

  final long fingerprint;

  /** When it began, on {@link Clock#nanos()}. */
  final long began;

  /** Order of arrival; a continuation keeps that of the call it continues. */
  final long order;

  final int bodyBytes;

  /** What decides its place among those that wait. */
  final CallClass kind;

  CallContext(
      Calls calls,
      ScopeHandle queue,
      RequestInfo request,
      RequestContent body,
      BodyFacts facts,
      Policy policy,
      @Nullable CallProgress earlier,
      long began) {
    this.calls = calls;
    this.queue = queue;
    this.info = queue.info(request.client(), facts.model());
    this.policy = policy;
    this.kind = calls.classes.of(request, body, policy);
    this.host = request.host();
    this.replayable = request.replayable();
    this.repeatable =
        request.method().equals("GET")
            || request.headers().first("Idempotency-Key") != null
            || (request.endpoint().operation().repeatableWhenPerhapsProcessed()
                && !facts.tools()
                && !facts.serverState()
                // It may be another service's: a POST of an SMS gateway was sent three times.
                && (!facts.model().equals(BodyFacts.UNKNOWN_MODEL)
                    || !calls.byStarOnly(request.host())));
    String sdkRetries = request.headers().first("X-Stainless-Retry-Count");
    this.sdkSendsRetryCount = sdkRetries != null;
    this.externalRetry =
        (sdkRetries != null && !sdkRetries.equals("0")) || (earlier != null && earlier.hasEnded());
    this.deadline =
        request.softDeadline() && policy.maxWaitTyped()
            ? RequestInfo.NO_DEADLINE
            : request.deadlineNanos();
    this.signedUntil = Signatures.signatureValidUntilEpochMillis(request.headers());
    this.fingerprint = RequestFingerprint.of(request, body, calls.keyedHash);
    this.order = earlier == null ? calls.nextOrder() : earlier.call.order;
    this.bodyBytes = body.length();
    this.began = began;
  }

  /** Whose limits the call draws on: the queue's own object, since calls may wait in thousands. */
  Scope scope() {
    return queue.scope;
  }

  boolean enforced() {
    return policy.mode() == Mode.ENFORCE;
  }

  boolean observed() {
    return policy.mode() == Mode.OBSERVE;
  }

  /** Whether its attempts would be answered 403 by now, whatever the limits say. */
  boolean signatureOver() {
    return signedUntil != Signatures.ALWAYS && signedUntil - calls.clock.epochMillis() <= 0;
  }

  /** Whether a person has asked for waits beyond the request's own timeout. */
  boolean waitsBeyondDeadline() {
    return deadline == RequestInfo.NO_DEADLINE;
  }

  /** In whose terms its answers are read. */
  String dialect() {
    return calls.dialects.of(scope().provider(), host);
  }

  /** Whether both are the same request of the same owner. */
  boolean sameRequest(CallContext other) {
    return fingerprint == other.fingerprint && scope().equals(other.scope());
  }
}
