package dev.paceline.call;

import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Remedy;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.provider.BodyFacts;
import dev.paceline.provider.LocalLimit;
import dev.paceline.provider.Signatures;
import dev.paceline.provider.error.LimitsInBody;
import dev.paceline.provider.error.SlowDown;
import dev.paceline.provider.error.StreamErrors;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.retry.CallSoFar;
import dev.paceline.retry.RetryRules;
import dev.paceline.tokens.Usage;
import dev.paceline.tokens.UsageScanner;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Failure;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import dev.paceline.words.RetryDecision;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The course of one call, from admission to delivery. An adapter drives it: {@link #start}, then
 * whatever {@link Step} says; after each attempt {@link #served}, {@link #answered} or {@link
 * #failed}; after each wait {@link #resumed}. It belongs to one thread at a time (an adapter hands
 * it from thread to thread, never shares it).
 *
 * <p>No method throws: what fails in here is counted, and the call goes on as without the agent.
 */
public final class CallExecution {
  /** At most so many bytes of an error body are read before deciding. */
  public static final int MOST_BODY = 64 * 1024;

  /** At most so long an error body is waited for before status and headers decide. */
  public static final long MOST_BODY_NANOS = 1_000_000_000L;

  /** The gate of all opens at most this part of the hint later than it says. */
  private static final double GATE_JITTER = 0.05;

  /**
   * An answer that comes at the last instant must still be handed to its caller, who began to count
   * before we did: under overload, where all are sent as late as is allowed, answers were there 1
   * to 12 ms too late, and eight of 1,200 calls were ended by their client. At most a twentieth of
   * what is left.
   */
  private static final long HANDING_BACK = 50_000_000L;

  private static final Step DELIVER = new Step.Deliver(false);

  private static final Pattern GZIP = Pattern.compile("(?i)\\s*(?:x-)?gzip\\s*");

  private final Calls calls;
  private final String host;
  private final boolean replayable;
  private final long deadline;
  private final boolean softDeadline;
  private final CallInfo info;
  private final Scope scope;
  private final AdmissionQueue lane;
  private final Policy policy;
  private final boolean repeatable;
  private final boolean stainless;
  private final boolean repeats;
  private final long order;
  private final long began;
  private final long fingerprint;
  private final CallCost price;
  private final Cost charge;
  private final int bodyBytes;
  private final long signedUntil;

  private int maxAttempts;
  private int attempts;
  private int limited;
  private int perhaps;
  private long firstLimitedAt;
  private long waited;
  private long sentAt;

  /** When the attempt left the client's own queue, as far as is known. */
  private long leftAt;

  private long overhead;
  private boolean gaveUp;
  private boolean priced;

  /** The call was given up because no wait can help: not one attempt more is worth its while. */
  private boolean hopeless;

  /** Its answer is handed out again for a while without a request. */
  private boolean remembered;

  /** What would end the wait that was asked for last. */
  private LocalLimit.Bound waitBound = LocalLimit.Bound.MAX_WAIT;

  /** The last wait was not begun because too many calls wait already. */
  private boolean queueFull;

  /** What the newest answer would be called if the call ended with it. */
  private @Nullable Failure failure;

  private boolean announced;
  private boolean ended;
  private boolean inFlight;
  private @Nullable ProviderResponse kept;

  /** Whether the kept answer is a limit's. */
  private boolean keptIsLimits;

  private @Nullable ProviderResponse replay;
  private Limit waitLimit = Limit.UNKNOWN;
  private WaitReason waitReason = WaitReason.PACING;
  private @Nullable RetryReason retryReason;
  private @Nullable Permit attempt;
  private @Nullable Permit lastAttempt;
  private @Nullable Ticket place;
  private boolean holdsPlace;

  /** The error in the stream of this attempt was counted when its first event was judged. */
  private boolean refusedInStream;

  /** Observe mode: enforcing would have held the call before it was sent. */
  private boolean wouldWait;

  /** A course of the same call that has begun and not ended; this one takes its place. */
  private @Nullable CallExecution replaced;

  /** Null before the call is announced. */
  private @Nullable Tracing trace;

  CallExecution(
      Calls calls,
      RequestInfo request,
      RequestContent body,
      BodyFacts facts,
      AdmissionQueue lane,
      Policy policy,
      @Nullable CallExecution earlier,
      long began) {
    this.calls = calls;
    // Not the request itself: adapters keep courses for longer than calls last, and its headers
    // hold
    // credentials.
    this.host = request.host();
    this.replayable = request.replayable();
    this.deadline = request.deadlineNanos();
    this.softDeadline = request.softDeadline();
    // The lane's own, which is equal to each call's: calls may wait in thousands.
    this.scope = lane.scope;
    this.lane = lane;
    this.policy = policy;
    String model = scope.model().equals(facts.model()) ? scope.model() : facts.model();
    this.info = new CallInfo(request.client(), scope.provider(), model);
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
    this.stainless = sdkRetries != null;
    this.repeats =
        (sdkRetries != null && !sdkRetries.equals("0")) || (earlier != null && earlier.ended);
    this.fingerprint = RequestFingerprint.of(request, body, calls.keyedHash);
    this.price = CallCost.of(calls.pricer, lane, request.endpoint(), model, body);
    this.charge = price.charge();
    this.bodyBytes = body.length();
    this.signedUntil = Signatures.signatureValidUntilEpochMillis(request.headers());
    this.maxAttempts = policy.maxAttempts();
    this.began = began;
    if (earlier == null) {
      this.order = calls.nextOrder();
    } else {
      this.order = earlier.order;
      this.waited = earlier.waited;
      this.attempts = earlier.attempts;
      this.limited = earlier.limited;
      this.perhaps = earlier.perhaps;
      this.firstLimitedAt = earlier.firstLimitedAt;
      // Only a call that was given up hands its answer out again; one that was served may send as
      // often as its interceptors like.
      this.replay = earlier.gaveUp ? earlier.kept : null;
      // An interceptor may have put another credential or model in place: that is worth a try.
      this.hopeless =
          earlier.hopeless && earlier.fingerprint == fingerprint && earlier.scope.equals(scope);
      this.replaced = earlier.ended ? null : earlier;
    }
  }

  /** Provider, model, client: what every event of this call carries. */
  public CallInfo info() {
    return info;
  }

  /** Whose limits this call draws on. */
  public Scope scope() {
    return scope;
  }

  /**
   * Whether the call may have to wait when it is started now. Has no effect: a course that was
   * begun only to ask this is dropped.
   */
  public boolean wouldWait() {
    return policy.mode() == Mode.ENFORCE && lane.holds();
  }

  /** The first step of the call: {@link Step.Send}, {@link Step.Wait} or {@link Step.Replay}. */
  public Step start() {
    long entered = calls.clock.nanos();
    try {
      FaultPoint.pass("admit");
      announce();
      if (policy.mode() == Mode.OBSERVE) {
        long held = lane.wouldHold(charge);
        if (held > 0 && entered + held - latest(entered, 0) <= 0) {
          wouldWait = true;
          calls.events.waited(info, lane.limit(), WaitReason.PACING, held);
        }
        return send();
      }
      ProviderResponse again = replay;
      if (again != null && (hopeless || attempts >= maxAttempts)) {
        failure = Failure.REPEATED;
        gaveUp(GiveUpReason.ATTEMPTS, again);
        end(Outcome.GAVE_UP);
        return new Step.Replay(again, stainless && limited > 0);
      }
      GiveUps.Found recorded = calls.giveUps.find(scope, fingerprint);
      if (recorded != null) {
        // A loop above the client sends the request of a call that was given up: its continuation,
        // not a new call with a new allowance.
        if (!repeats) {
          calls.events.repeated(info);
        }
        if (recorded.hopeless() || lane.closed()) {
          failure = Failure.REPEATED;
          gaveUp(GiveUpReason.CONTINUATION, recorded.answer());
          end(Outcome.GAVE_UP);
          return new Step.Replay(recorded.answer(), stainless);
        }
        maxAttempts = attempts + 1;
      }
      waitReason = WaitReason.PACING;
      waitLimit = lane.limit();
      Ticket ticket =
          calls.released()
              ? null
              : lane.enter(order, charge, bodyBytes, entered, latest(entered, 0), true);
      if (ticket == null) {
        return send();
      }
      if (ticket.state() == Ticket.State.EXPIRED) {
        return tooLate(ticket);
      }
      if (ticket.state() != Ticket.State.ADMITTED) {
        return hold(ticket);
      }
      attempt = ticket.take();
      return send();
    } catch (Throwable t) {
      calls.fault("admit", t);
      return sendAnyway();
    } finally {
      overhead += calls.clock.nanos() - entered;
    }
  }

  /** The call leaves, whatever fails: what failed once may fail again. */
  private Step sendAnyway() {
    try {
      return send();
    } catch (Throwable t) {
      calls.fault("admit", t);
      return new Step.Send();
    }
  }

  /**
   * The ticket of the last {@link Step.Wait} is ready. For a cancelled one either this or {@link
   * #cancelled}.
   */
  public Step resumed(Ticket ticket) {
    long entered = calls.clock.nanos();
    try {
      FaultPoint.pass("wait");
      waited(ticket, entered);
      ProviderResponse answer = kept;
      attempt = ticket.take();
      place = null;
      if (ticket.state() == Ticket.State.CANCELLED) {
        end(Outcome.CANCELLED);
        return new Step.Cancel();
      }
      if (ticket.state() == Ticket.State.EXPIRED && answer == null && attempts == 0) {
        return tooLate(ticket);
      }
      if (ticket.state() == Ticket.State.ADMITTED || answer == null) {
        return resend();
      }
      GiveUpReason reason =
          ticket.state() == Ticket.State.RELEASED ? GiveUpReason.RELEASED : GiveUpReason.DEADLINE;
      gaveUp(reason, answer);
      end(Outcome.GAVE_UP);
      return new Step.Replay(answer, stainless && keptIsLimits && reason == GiveUpReason.DEADLINE);
    } catch (Throwable t) {
      calls.fault("admit", t);
      return keptOrSend();
    } finally {
      overhead += calls.clock.nanos() - entered;
    }
  }

  /**
   * An unsent call whose wait would not fit. Sent past the queue it would take the place of one
   * that has waited: under twice the limit nearly all of those then get a 429.
   */
  private Step tooLate(Ticket ticket) {
    boolean reject =
        switch (policy.onDeadline()) {
          case SEND -> false;
          case REJECT -> true;
          case AUTO -> lane.wordOfProvider() || lane.closed();
        };
    boolean signatureOver =
        signedUntil != Signatures.ALWAYS && signedUntil - calls.clock.epochMillis() <= 0;
    if (!reject || signatureOver) {
      return resend(); // the provider's own 403 says more than a 429 of ours
    }
    Limit limit = lane.limit();
    ProviderResponse answer = LocalLimit.answer(scope.provider(), refusal(ticket, limit));
    calls.events.limited(info, limit, Source.LOCAL);
    calls.events.gaveUp(info, ticket.full ? GiveUpReason.QUEUE_FULL : GiveUpReason.DEADLINE);
    gaveUp = true;
    kept = answer;
    failure = ticket.full ? Failure.QUEUE_FULL : Failure.WAIT_TOO_LONG;
    end(Outcome.RATE_LIMITED);
    return new Step.Replay(answer, stainless);
  }

  private LocalLimit.Refusal refusal(Ticket ticket, Limit limit) {
    LocalLimit.Bound bound = ticket.full ? LocalLimit.Bound.QUEUE : waitBound;
    long allowed =
        switch (bound) {
          case MAX_WAIT -> policy.maxWaitNanos();
          case MAX_CALL_WAIT -> policy.maxCallWaitNanos();
          case TIMEOUT -> deadline - began;
          case CALLER -> lane.callers.shortest();
          case SIGNATURE, QUEUE -> 0;
        };
    long wait = Math.max(0, ticket.expected - calls.clock.nanos());
    return new LocalLimit.Refusal(
        limit, wait / 1_000_000, ticket.waiting, bound, allowed / 1_000_000);
  }

  /**
   * The adapter cannot hold the call, since too many of its threads wait already: the call goes on
   * as if the wait had been too long.
   *
   * @return {@link Step.Send} when nothing was answered yet, else {@link Step.Deliver} for what is
   *     in hand
   */
  public Step refused(Ticket ticket) {
    ticket.cancel();
    attempt = ticket.take(); // admitted in this instant
    place = null;
    RetryReason reason = retryReason;
    if (reason == null) {
      return sendAnyway();
    }
    retryReason = null;
    ProviderResponse answer = kept;
    if (answer != null) {
      gaveUp(GiveUpReason.QUEUE_FULL, answer);
    }
    end(reason == RetryReason.NOT_SENT ? Outcome.IO_ERROR : Outcome.GAVE_UP);
    return DELIVER; // a later call of the SDK's may well be held
  }

  /** The headers of an answer are here: what the adapter says first of all. */
  public void arrived() {
    Permit sent = attempt;
    if (sent != null) {
      try {
        lane.reading(sent);
      } catch (Throwable t) {
        calls.fault("response", t);
      }
    }
  }

  /**
   * Whether an answer is judged by its body: an error, or a short JSON answer of a dialect that
   * tells its errors inside a 200. For such a 2xx the adapter reads the body (at most 2 KiB, as the
   * answer declares) and reports {@link #answered} in place of {@link #served}. Of an error up to
   * {@link #MOST_BODY} bytes are wanted, for at most {@link #MOST_BODY_NANOS}.
   */
  public boolean wantsBody(int status, Headers headers) {
    if (status >= 400) {
      return true;
    }
    try {
      String type = headers.first("content-type");
      String length = headers.first("content-length");
      return type != null
          && length != null
          && length.length() <= 4
          && calls.classifier.mayHideError(dialect(), status, type, Long.parseLong(length));
    } catch (Throwable t) {
      return false; // a length that is no number
    }
  }

  /** Whose words the answers are read in. */
  private String dialect() {
    return calls.dialects.of(scope.provider(), host);
  }

  /**
   * What looks at the body of an answer that goes to the application as it comes; null when there
   * is nothing to look for: the adapter wraps nothing then. To be asked once, before {@link
   * #served} or after {@link #answered} said to deliver. The adapter feeds it the body, and tells
   * it the end however the body ends: a stream counts as in flight until then.
   *
   * @param headers headers of the answer; the bytes that the adapter feeds are in their {@code
   *     content-encoding} (OkHttp takes it away where it decodes by itself)
   */
  public @Nullable BodyTap tap(int status, Headers headers) {
    try {
      if (status < 200 || status > 299) {
        return null;
      }
      FaultPoint.pass("tap");
      StreamErrors errors = StreamErrors.of(dialect(), headers);
      List<BodySink> sinks = new ArrayList<>(2);
      boolean gzip = isGzip(headers);
      if (errors != null && !refusedInStream && (gzip || isPlain(headers))) {
        sinks.add(new StreamErrorSink(errors, this, calls.clock));
      }
      UsageScanner usage = UsageScanner.of(headers, gzip || isPlain(headers));
      if (usage != null) {
        sinks.add(new UsageSink(usage, this, attempt, errors != null));
      }
      OpenStreams.Place open = errors == null ? null : openStream();
      if (sinks.isEmpty() && open == null) {
        return null;
      }
      Tracing follower = trace;
      if (follower != null) {
        follower.bodyBegins();
      }
      return new Tap(calls, sinks, gzip ? new Gunzip() : null, open, follower);
    } catch (Throwable t) {
      calls.fault("tap", t);
      return null;
    }
  }

  private static boolean isPlain(Headers headers) {
    String encoding = headers.first("content-encoding");
    return encoding == null || encoding.trim().equalsIgnoreCase("identity");
  }

  private static boolean isGzip(Headers headers) {
    String encoding = headers.first("content-encoding");
    return encoding != null && GZIP.matcher(encoding).matches();
  }

  /**
   * What an event stream is held back for until its first event, when a person asked for it; null
   * for an answer that goes on at once. Otherwise the adapter reads the head of the body until it
   * is {@link FirstEvent#enough}, or {@link #MOST_BODY} bytes, or for {@link #MOST_BODY_NANOS}, and
   * asks {@link #refused(FirstEvent, Answer, int)}.
   */
  public @Nullable FirstEvent firstEvent(int status, Headers headers) {
    if (!policy.retryFirstEvent()
        || policy.mode() != Mode.ENFORCE
        || !replayable
        || status < 200
        || status > 299) {
      return null;
    }
    try {
      StreamErrors errors = StreamErrors.of(dialect(), headers);
      boolean gzip = isGzip(headers);
      return errors == null || !(gzip || isPlain(headers))
          ? null
          : new FirstEvent(calls, errors, gzip ? new Gunzip() : null);
    } catch (Throwable t) {
      calls.fault("tap", t);
      return null;
    }
  }

  /**
   * A stream that was held back has begun, or the time for it is up.
   *
   * @param head status, headers and what was read
   * @return as {@link #answered} when its first event is a limit's error; null for an answer that
   *     goes to the application, as one that was not held back
   */
  public @Nullable Step refused(FirstEvent first, ProviderResponse head, int hidden) {
    long entered = calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      Classification error = first.end(head.complete());
      if (error == null || error.kind() != Kind.LIMITED) {
        return null;
      }
      refusedInStream = true;
      attempts += 1 + hidden;
      attemptEnded(head.status());
      return decide(head, error, entered);
    } catch (Throwable t) {
      calls.fault("response", t);
      return null;
    } finally {
      overhead += calls.clock.nanos() - entered;
    }
  }

  /**
   * The provider has said what this call did cost.
   *
   * @param sent the attempt that was answered; null when the budget knows none
   * @param stream whether the answer's headers were written before its output was known
   */
  void used(Usage usage, @Nullable Permit sent, boolean stream) {
    try {
      calls.events.tokensUsed(
          info, usage.input(), usage.cached(), usage.output(), price.ratio(usage));
      Tracing follower = trace;
      if (follower != null) {
        follower.used(usage);
      }
      price.learn(usage);
      if (sent != null && stream && price.settles()) {
        lane.settled(sent, usage.output());
      }
    } catch (Throwable t) {
      calls.fault("tap", t);
    }
  }

  private OpenStreams.@Nullable Place openStream() {
    Permit sent = attempt;
    if (sent == null) {
      return null;
    }
    holdPlace();
    return calls.streams.opened(lane, sent, calls.clock.nanos());
  }

  /**
   * A served stream turned out to hold an error ({@link dev.paceline.provider.error.StreamErrors}).
   * It is counted with its limit and closes the gate for the calls to come; it is not repeated, for
   * the application has the beginning already.
   */
  public void errorInStream(Classification judgement) {
    try {
      Limit limit = judgement.limit();
      if (judgement.kind() != Kind.LIMITED || limit == null) {
        return;
      }
      calls.events.limited(info, limit, Source.UPSTREAM);
      if (policy.mode() == Mode.ENFORCE && limit != Limit.QUOTA) {
        Permit sent = lastAttempt;
        if (sent != null) {
          lane.rejectedLater(
              sent,
              limit,
              hint(judgement),
              policy.backoffInitialNanos(),
              policy.backoffCapNanos(),
              calls.random.getAsDouble());
        }
      }
    } catch (Throwable t) {
      calls.fault("response", t);
    }
  }

  /** The attempt was answered below 400: the answer goes to the application as it comes. */
  public void served(int status, Headers headers, int hidden) {
    long entered = calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      attempts += 1 + hidden;
      attemptEnded(status);
      lane.times.add(entered - sentAt);
      learn(headers, null, 0, null);
      calls.giveUps.forget(scope, fingerprint);
      calls.dialects.learn(scope.provider(), host, headers);
      calls.organisations.seen(lane, headers);
    } catch (Throwable t) {
      calls.fault("response", t);
    } finally {
      overhead += calls.clock.nanos() - entered;
      end(Outcome.SUCCESS);
    }
  }

  /**
   * What came is no answer of the provider to this request: the client's cache gave it, or the
   * target of a redirect that the provider had answered with. It goes to the application as it
   * comes, and nothing is learned from it.
   */
  public void elsewhere(int status) {
    try {
      attempts++;
      attemptEnded(status);
    } catch (Throwable t) {
      calls.fault("response", t);
    } finally {
      end(
          status < 400
              ? Outcome.SUCCESS
              : status < 500 ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR);
    }
  }

  /**
   * The attempt was answered with 400 or above.
   *
   * @param answer status, headers and what was read of the body
   * @param hidden requests beyond this one that the client made on its own (OkHttp's follow-ups)
   * @return {@link Step.Deliver} to hand out this answer, {@link Step.Replay} for an earlier one,
   *     {@link Step.Wait} or {@link Step.Send} for a further attempt: this answer must be discarded
   *     then
   */
  public Step answered(ProviderResponse answer, int hidden) {
    long entered = calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      attempts += 1 + hidden;
      attemptEnded(answer.status());
      FaultPoint.pass("classifier");
      calls.dialects.learn(scope.provider(), host, answer.headers());
      calls.organisations.seen(lane, answer.headers());
      Classification judgement =
          calls.classifier.judge(
              dialect(), answer, calls.clock.epochMillis(), policy.retryProvisioned());
      return decide(answer, judgement, entered);
    } catch (Throwable t) {
      calls.fault("response", t);
      end(Outcome.SERVER_ERROR);
      return new Step.Deliver(false);
    } finally {
      overhead += calls.clock.nanos() - entered;
    }
  }

  private Step decide(ProviderResponse answer, Classification judgement, long now) {
    ProviderResponse earlier = kept;
    if (earlier != null
        && (answer.status() == 401 || answer.status() == 403)
        && judgement.kind() != Kind.LIMITED) {
      // A credential that expired during our wait: the application would not have seen this answer
      // without the agent.
      gaveUp(GiveUpReason.DEADLINE, earlier);
      end(Outcome.GAVE_UP);
      return new Step.Replay(earlier, false);
    }
    Limit limit = judgement.limit();
    failure = FailureCause.of(answer.status(), judgement);
    if (judgement.kind() == Kind.LIMITED && limit != null) {
      limited++;
      if (limited == 1) {
        firstLimitedAt = now;
      }
      calls.events.limited(info, limit, Source.UPSTREAM);
    } else if (judgement.kind() == Kind.TOO_LARGE) {
      calls.events.tooLarge(info);
    } else if (judgement.kind() == Kind.PERHAPS_PROCESSED) {
      perhaps++;
      if (limit != null) { // a gateway's 500 around a limit answer
        calls.events.limited(info, limit, Source.UPSTREAM);
      }
    } else if (judgement.kind() == Kind.SERVED) {
      lane.times.add(now - sentAt);
      calls.giveUps.forget(scope, fingerprint);
    }
    RetryDecision verdict =
        RetryRules.decide(limits(), soFar(now), judgement, calls.random.getAsDouble());
    if (judgement.kind() == Kind.LIMITED && limit != null && limit != Limit.QUOTA) {
      price.requested(answer.body());
      learn(answer.headers(), limit, hint(judgement), answer);
    } else {
      learn(answer.headers(), null, 0, null);
    }
    if (policy.mode() == Mode.OBSERVE) {
      observe(verdict, judgement);
      end(outcome(answer.status(), judgement));
      return new Step.Deliver(false);
    }
    if (verdict instanceof RetryDecision.Retry retry) {
      waitLimit = limit == null ? Limit.UNKNOWN : limit;
      waitReason = retry.hinted() ? WaitReason.RETRY_AFTER : WaitReason.BACKOFF;
      retryReason = reason(answer.status(), judgement);
      Step step = waitFor(retry, now, StoredResponse.bytes(answer), answer.complete());
      if (step != null) {
        kept = answer.complete() ? answer : null;
        keptIsLimits = judgement.kind() == Kind.LIMITED;
        return step;
      }
      verdict = new RetryDecision.GiveUp(RetryDecision.Reason.DEADLINE);
    }
    if (verdict instanceof RetryDecision.GiveUp giveUp) {
      hopeless = judgement.kind() == Kind.LIMITED && !judgement.retryable();
      remembered = spent(judgement);
      gaveUp(queueFull ? GiveUpReason.QUEUE_FULL : reason(giveUp.reason()), answer);
      end(limited == 1 && attempts == 1 ? outcome(answer.status(), judgement) : Outcome.GAVE_UP);
      return new Step.Deliver(stainless && incurable(giveUp, judgement));
    }
    if (judgement.kind() == Kind.TOO_LARGE && (answer.status() == 429 || answer.status() == 413)) {
      calls.giveUps.record(scope, fingerprint, answer, true);
    }
    end(outcome(answer.status(), judgement));
    // A request that is larger than its limit can never pass; the SDK would send it twice more.
    return new Step.Deliver(stainless && judgement.kind() == Kind.TOO_LARGE);
  }

  /** Whether a quota is used up, and the answer does not say that it comes back soon. */
  private static boolean spent(Classification judgement) {
    return judgement.kind() == Kind.LIMITED
        && judgement.limit() == Limit.QUOTA
        && !judgement.retryable()
        && (judgement.waitMillis() <= 0
            || judgement.waitMillis() > GiveUps.HOPELESS_MEMORY / 1_000_000);
  }

  /**
   * Whether an SDK above must not start over. A failure that was perhaps processed, and a limit
   * answer that only this call could not wait for, are repeated by it with success: openai-java
   * with five retries rides out three 500s.
   */
  private boolean incurable(RetryDecision.GiveUp giveUp, Classification judgement) {
    return judgement.kind() == Kind.LIMITED
        && giveUp.reason() != RetryDecision.Reason.NOT_REPLAYABLE
        && !queueFull;
  }

  /**
   * The attempt ended without an answer.
   *
   * @param nothingSent whether the provider surely saw nothing of it: one of the client's named
   *     exceptions
   * @return {@link Step.Deliver} to throw what the client threw; otherwise as for {@link #answered}
   */
  public Step failed(boolean nothingSent) {
    long entered = calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      attempts++;
      attemptEnded(0);
      ended();
      ProviderResponse earlier = kept;
      if (earlier != null) {
        gaveUp(GiveUpReason.ATTEMPTS, earlier);
        end(Outcome.GAVE_UP);
        return new Step.Replay(earlier, false);
      }
      if (nothingSent && policy.mode() == Mode.ENFORCE) {
        perhaps++;
        RetryDecision verdict =
            RetryRules.nothingSent(limits(), soFar(entered), calls.random.getAsDouble());
        if (verdict instanceof RetryDecision.Retry retry) {
          waitLimit = Limit.UNKNOWN;
          waitReason = WaitReason.BACKOFF;
          retryReason = RetryReason.NOT_SENT;
          Step step = waitFor(retry, entered, 0, false);
          if (step != null) {
            return step;
          }
        }
      }
      end(Outcome.IO_ERROR);
      return new Step.Deliver(false);
    } catch (Throwable t) {
      calls.fault("response", t);
      end(Outcome.IO_ERROR);
      return keptOr(new Step.Deliver(false));
    } finally {
      overhead += calls.clock.nanos() - entered;
    }
  }

  /**
   * The application cancelled the call or interrupted its thread. Gives back what the call holds;
   * idempotent.
   */
  public void cancelled() {
    try {
      long now = calls.clock.nanos();
      // A timeout that the request carries is known, and needs no learning.
      if (!ended && (deadline == RequestInfo.NO_DEADLINE || deadline - now > (now - began) / 10)) {
        lane.callers.cancelled(info.client(), now, now - began);
      }
      Ticket held = place;
      if (inFlight) {
        attempts++;
        attemptEnded(0);
      } else if (held != null && !ended) {
        waited(held, calls.clock.nanos()); // for nothing, but it was held
      }
    } catch (Throwable t) {
      calls.fault("admit", t);
    }
    end(Outcome.CANCELLED);
  }

  /**
   * An adapter sends an attempt on this thread until it closes the result, also on this thread;
   * neither throws.
   */
  public CallTrace.Sending sending() {
    try {
      leftAt = calls.clock.nanos();
      Permit sent = attempt;
      if (sent != null) {
        lane.departed(sent);
      }
      Tracing t = trace;
      return t == null ? CallTrace.Sending.NONE : t.sending();
    } catch (Throwable t) {
      calls.fault("admit", t);
      return CallTrace.Sending.NONE;
    }
  }

  /**
   * The attempt was redirected before it was answered, so that its first address may have processed
   * it: a repeat, which would begin there, is not made after all.
   *
   * @param decided what was to follow: a wait, or another attempt at once
   */
  public Step mayBeProcessed(Step decided) {
    if (decided instanceof Step.Wait wait) {
      wait.ticket().cancel();
    }
    ProviderResponse answer = kept;
    if (answer == null || decided instanceof Step.Replay) {
      return decided;
    }
    if (inFlight) {
      attemptEnded(0);
    }
    gaveUp(GiveUpReason.NOT_REPLAYABLE, answer);
    end(Outcome.GAVE_UP);
    return new Step.Replay(answer, stainless);
  }

  /** Whether a person has asked for waits beyond the request's own timeout. */
  public boolean waitsBeyondDeadline() {
    return softDeadline && policy.maxWaitTyped();
  }

  /** The kept answer, when there is one: what an adapter delivers when it fails itself. */
  public @Nullable ProviderResponse kept() {
    return kept;
  }

  /**
   * The answer is a stream: it counts as in flight until it ends. To be said before {@link
   * #served}; without it an answer ends with its headers. {@link #tap} says it by itself.
   */
  public void holdPlace() {
    holdsPlace = true;
  }

  /**
   * The answer of which {@link #holdPlace} spoke was read to its end, or closed before; idempotent.
   */
  public void ended() {
    Permit sent = attempt;
    attempt = null;
    if (sent != null) {
      try {
        lane.ended(sent);
      } catch (Throwable t) {
        calls.fault("response", t);
      }
    }
  }

  /** Tells the budget what an answer says. */
  private void learn(
      Headers headers, @Nullable Limit limit, long hint, @Nullable ProviderResponse limitAnswer) {
    Permit sent = attempt;
    if (sent == null) {
      return;
    }
    long onTheWay = (calls.clock.nanos() - leftAt) / 1_000_000;
    List<LimitReading> readings =
        LimitHeaders.read(dialect(), headers, calls.clock.epochMillis(), onTheWay);
    if (limit != null && limitAnswer != null) {
      if (SlowDown.asked(limitAnswer)) {
        lane.slowDown(sent);
      }
      readings = withFigures(readings, limit, limitAnswer);
    }
    price.queryCost(headers.first("x-ratelimit-tokens-query-cost"));
    lane.answered(
        sent,
        readings,
        limit,
        hint,
        policy.backoffInitialNanos(),
        policy.backoffCapNanos(),
        calls.random.getAsDouble());
    lastAttempt = sent;
    if (limit != null || !holdsPlace) {
      ended();
    }
  }

  /** With the figures in a limit answer's message, when its headers are silent about that limit. */
  private List<LimitReading> withFigures(
      List<LimitReading> readings, Limit limit, ProviderResponse limitAnswer) {
    for (LimitReading reading : readings) {
      if (reading.limit() == limit && reading.remaining() >= 0) {
        return readings;
      }
    }
    LimitReading said = LimitsInBody.read(limitAnswer, limit, charge.of(limit));
    if (said == null) {
      return readings;
    }
    List<LimitReading> all = new ArrayList<>(readings);
    all.add(said);
    return all;
  }

  /**
   * How long the answer says that the scope is closed, with jitter. Hints beyond the limit's own
   * window are bounded in {@code limit}, which knows that window.
   */
  private long hint(Classification judgement) {
    long hint =
        Math.max(0, Math.min(judgement.waitMillis(), Long.MAX_VALUE / 4_000_000)) * 1_000_000;
    double jitter = Math.min(policy.jitter(), GATE_JITTER);
    return hint + (long) (hint * jitter * calls.random.getAsDouble());
  }

  /**
   * Takes the retry's place in the queue; null when the wait does not fit.
   *
   * @param answerBytes what the answer that is kept meanwhile takes
   * @param keeps whether it can be handed out when the wait is ended
   */
  private @Nullable Step waitFor(
      RetryDecision.Retry retry, long now, long answerBytes, boolean keeps) {
    if (calls.released()) {
      return null;
    }
    Ticket ticket =
        lane.enter(
            order,
            charge,
            bodyBytes + answerBytes,
            now + retry.waitNanos(),
            latest(now, retry.waitNanos()),
            !keeps);
    queueFull = ticket.full;
    if (ticket.state() == Ticket.State.ADMITTED) {
      attempt = ticket.take();
      return resend();
    }
    return ticket.state() == Ticket.State.EXPIRED ? null : hold(ticket);
  }

  private Step hold(Ticket ticket) {
    place = ticket;
    return new Step.Wait(calls.held(ticket));
  }

  /** The instant after which a wait that begins now is too long (rule 3 of the design). */
  private long latest(long now, long wait) {
    // The queue behind the gate may add a little to a wait that is as long as allowed.
    long most = Math.max(policy.maxWaitNanos(), wait + policy.maxWaitNanos() / 4);
    waitBound = LocalLimit.Bound.MAX_WAIT;
    most =
        tighter(
            most, Math.max(policy.maxCallWaitNanos() - waited, 0), LocalLimit.Bound.MAX_CALL_WAIT);
    boolean bound = deadline != RequestInfo.NO_DEADLINE && !(softDeadline && policy.maxWaitTyped());
    if (bound) {
      long left = deadline - now;
      long spare = Math.min(HANDING_BACK, Math.max(0, left) / 20);
      most = tighter(most, left - lane.times.usual() - spare, LocalLimit.Bound.TIMEOUT);
    }
    long callers = lane.callers.of(info.client(), now);
    if (callers != CallerDeadlines.NONE) {
      long left = began + callers - now;
      long spare = Math.min(HANDING_BACK, Math.max(0, left) / 20);
      most = tighter(most, left - lane.times.usual() - spare, LocalLimit.Bound.CALLER);
    }
    if (signedUntil != Signatures.ALWAYS) {
      // All attempts carry the same signature: after its end they would be answered 403.
      long left = Math.max(0, signedUntil - calls.clock.epochMillis());
      most =
          tighter(
              most,
              Math.min(left, Long.MAX_VALUE / 4_000_000) * 1_000_000,
              LocalLimit.Bound.SIGNATURE);
    }
    return now + most;
  }

  /** The shorter one; notes who sets it. */
  private long tighter(long most, long other, LocalLimit.Bound bound) {
    if (other < most) {
      waitBound = bound;
      return other;
    }
    return most;
  }

  private Policy limits() {
    return policy.withMaxAttempts(maxAttempts);
  }

  private CallSoFar soFar(long now) {
    return new CallSoFar(
        attempts,
        Math.max(1, limited),
        Math.max(1, perhaps),
        limited > 0 ? now - firstLimitedAt : 0,
        waited,
        replayable,
        repeatable);
  }

  /** Each call is announced once, also when its scope has changed while it was parked. */
  private void announce() {
    CallExecution other = replaced;
    replaced = null;
    if (other != null && !other.ended) {
      if (other.info.equals(info)) {
        other.ended = true;
        inFlight = other.inFlight;
        other.ended(); // it may be another scope's, and this one takes its own
        announced = other.announced;
        trace = other.trace;
        return;
      }
      other.cancelled();
    }
    announced = true;
    calls.ledger.callStarted();
    calls.events.callStarted(info);
    calls.events.handled(info, policy.mode());
    trace = calls.trace(info);
    if (repeats) {
      calls.events.repeated(info);
    }
  }

  private Step send() {
    refusedInStream = false;
    sentAt = calls.clock.nanos();
    leftAt = sentAt;
    // In observe mode too: its budgets are what the console shows, and what pacing would start
    // from.
    if (attempt == null) {
      attempt = lane.sent(charge);
    }
    if (!inFlight) {
      inFlight = true;
      if (!priced) {
        priced = true;
        calls.events.tokensEstimated(info, price.input(), price.output());
        if (trace != null) {
          trace.estimated(price.input(), price.output());
        }
      }
      calls.ledger.attemptSent();
      calls.events.attemptSent(info, attempts + 1);
    }
    return new Step.Send();
  }

  private void waited(Ticket ticket, long now) {
    long nanos = now - ticket.since;
    waited += nanos;
    calls.events.waited(info, waitLimit, waitReason, nanos);
    if (trace != null) {
      trace.waited(waitLimit, waitReason, nanos);
    }
  }

  private void attemptEnded(int status) {
    if (inFlight) {
      inFlight = false;
      calls.ledger.attemptEnded();
    }
    calls.events.attemptEnded(info, attempts, status);
    if (trace != null) {
      trace.attempted(attempts, status);
    }
  }

  private Step resend() {
    RetryReason reason = retryReason;
    if (reason != null) {
      retryReason = null;
      calls.events.retried(info, reason);
      if (trace != null) {
        trace.retried(reason, waitLimit, attempts);
      }
    }
    return send();
  }

  private Step keptOr(Step otherwise) {
    ProviderResponse answer = kept;
    return answer == null ? otherwise : new Step.Replay(answer, false);
  }

  /** After a fault: the answer in hand ends the call, without one it goes on. */
  private Step keptOrSend() {
    ProviderResponse answer = kept;
    if (answer == null) {
      return sendAnyway();
    }
    end(Outcome.GAVE_UP);
    return new Step.Replay(answer, false);
  }

  private void gaveUp(GiveUpReason reason, ProviderResponse answer) {
    gaveUp = true;
    kept = answer.complete() ? answer : null;
    calls.events.gaveUp(info, reason);
    if (reason != GiveUpReason.CONTINUATION && reason != GiveUpReason.RELEASED) {
      calls.giveUps.record(scope, fingerprint, answer, remembered);
    }
  }

  private void observe(RetryDecision verdict, Classification judgement) {
    Limit limit = judgement.limit();
    Limit hit = judgement.kind() == Kind.LIMITED ? limit : null;
    if (wouldWait && hit != null && hit != Limit.QUOTA && hit != Limit.CAPACITY) {
      // Held until there was room it would not have met this answer, so no retry either.
      calls.events.avoidable(info, hit, Remedy.PACING);
    } else if (verdict instanceof RetryDecision.Retry retry) {
      if (hit != null) {
        calls.events.avoidable(info, hit, Remedy.RETRY);
      }
      calls.events.retried(info, reason(0, judgement));
      calls.events.waited(
          info,
          limit == null ? Limit.UNKNOWN : limit,
          retry.hinted() ? WaitReason.RETRY_AFTER : WaitReason.BACKOFF,
          retry.waitNanos());
    } else if (verdict instanceof RetryDecision.GiveUp giveUp) {
      calls.events.gaveUp(info, reason(giveUp.reason()));
    }
  }

  private void end(Outcome outcome) {
    if (ended && outcome == Outcome.CANCELLED && !holdsPlace) {
      ended(); // another thread cancelled it while this one took a permit over
    }
    if (!ended) {
      ended = true;
      if (outcome != Outcome.CANCELLED) {
        lane.callers.ended(info.client(), calls.clock.nanos() - began);
      }
      Ticket waiting = place;
      place = null;
      if (waiting != null) {
        waiting.cancel();
        // From now on the lane takes a permit back by itself.
        Permit granted = waiting.take();
        attempt = granted == null ? attempt : granted;
      }
      if (outcome != Outcome.SUCCESS || !holdsPlace) {
        ended(); // such as a call that was cancelled while its attempt was on the way
      }
      if (announced) {
        calls.ledger.callEnded();
        if (outcome == Outcome.SUCCESS) {
          calls.events.served(info, calls.clock.nanos() - began, waited);
        } else {
          calls.events.failed(info, FailureCause.of(outcome, failure));
        }
        calls.events.callEnded(info, outcome, overhead);
      }
      if (trace != null) {
        trace.ended(outcome, attempts);
      }
    }
  }

  private static Outcome outcome(int status, Classification judgement) {
    return switch (judgement.kind()) {
      case SERVED -> Outcome.SUCCESS;
      case LIMITED -> Outcome.RATE_LIMITED;
      default -> status >= 500 ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR;
    };
  }

  private static RetryReason reason(int status, Classification judgement) {
    if (judgement.kind() != Kind.LIMITED) {
      return RetryReason.SERVER_ERROR;
    }
    return judgement.limit() == Limit.CAPACITY && status != 429
        ? RetryReason.OVERLOADED
        : RetryReason.RATE_LIMITED;
  }

  private static GiveUpReason reason(RetryDecision.Reason reason) {
    return switch (reason) {
      case ATTEMPTS, FORBIDDEN -> GiveUpReason.ATTEMPTS;
      case DEADLINE -> GiveUpReason.DEADLINE;
      case QUOTA -> GiveUpReason.QUOTA;
      case NOT_REPLAYABLE -> GiveUpReason.NOT_REPLAYABLE;
    };
  }

  /** When the call began, on {@link Clock#nanos()}. */
  public long began() {
    return began;
  }
}
