package dev.paceline.call;

import dev.paceline.call.CallListener.Outcome;
import dev.paceline.config.Policy;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.ProviderResponse;
import dev.paceline.words.Scope;
import org.jspecify.annotations.Nullable;

/**
 * One call, as an adapter drives it: {@link #start}, then whatever {@link Step} says; after each
 * attempt {@link #served}, {@link #answered} or {@link #failed}; after each wait {@link #resumed}.
 *
 * <p>Not thread-safe: it is confined to one thread at a time, and the adapter hands it over with a
 * happens-before edge. Exceptions are {@link #cancelled} and what {@link #tap} returns, which any
 * thread may call.
 *
 * <p>No method throws: what fails in here is counted, and the call goes on as without the agent.
 * What happens next is decided by {@link CallProgress}.
 */
public final class CallExecution {
  /** At most so many bytes of an error body are read before deciding. */
  public static final int MOST_BODY = 64 * 1024;

  /** At most so long an error body is waited for before status and headers decide. */
  public static final long MOST_BODY_NANOS = 1_000_000_000L;

  final CallProgress progress;

  CallExecution(
      Calls calls,
      RequestInfo request,
      RequestContent body,
      BodyFacts facts,
      ScopeHandle queue,
      Policy policy,
      @Nullable CallExecution earlier,
      long began) {
    CallProgress before = earlier == null ? null : earlier.progress;
    CallContext call = new CallContext(calls, queue, request, body, facts, policy, before, began);
    Endpoint endpoint = request.endpoint();
    String model = call.info.model();
    CallCost rough = CallCost.rough(calls.estimator, queue.calibration, endpoint, model, body);
    progress =
        new CallProgress(call, rough, rough.exact(calls.estimator, endpoint, model, body), before);
  }

  /** Provider, model, client: what every event of this call carries. */
  public CallInfo info() {
    return progress.call.info;
  }

  /** Whose limits this call draws on. */
  public Scope scope() {
    return progress.call.scope();
  }

  /** When the call began, on {@link Clock#nanos()}. */
  public long began() {
    return progress.call.began;
  }

  /**
   * Whether the call may have to wait when it is started now. Has no effect: an execution that was
   * begun only to ask this is dropped.
   */
  public boolean wouldWait() {
    return progress.call.enforced() && progress.call.queue.holds();
  }

  /** Whether a person has asked for waits beyond the request's own timeout. */
  public boolean waitsBeyondDeadline() {
    return progress.call.waitsBeyondDeadline();
  }

  /** The kept answer, when there is one: what an adapter delivers when it fails itself. */
  public @Nullable ProviderResponse kept() {
    return progress.last().get();
  }

  /** The first step of the call: {@link Step.Send}, {@link Step.Wait} or {@link Step.Replay}. */
  public Step start() {
    long entered = progress.call.calls.clock.nanos();
    try {
      FaultPoint.pass("admit");
      return progress.start(entered);
    } catch (Throwable t) {
      progress.call.calls.fault("admit", t);
      return progress.sendAnyway();
    } finally {
      worked(entered);
    }
  }

  /**
   * The ticket of the last {@link Step.Wait} is ready. For a cancelled one either this or {@link
   * #cancelled}.
   */
  public Step resumed(Ticket ticket) {
    long entered = progress.call.calls.clock.nanos();
    try {
      FaultPoint.pass("wait");
      return progress.resumed(ticket, entered);
    } catch (Throwable t) {
      progress.call.calls.fault("admit", t);
      return lastOrSend();
    } finally {
      worked(entered);
    }
  }

  /**
   * The adapter cannot hold the call, since too many of its threads wait already: the call goes on
   * as if the wait had been too long.
   *
   * @return {@link Step.Send} when nothing was answered yet, else {@link Step.Deliver} for what is
   *     in hand
   */
  public Step refused(Ticket ticket) {
    return progress.refused(ticket);
  }

  /**
   * An adapter sends an attempt on this thread until it closes the result, also on this thread;
   * neither throws.
   */
  public CallTrace.Sending sending() {
    try {
      progress.permit.departs(progress.call.calls.clock.nanos());
      return progress.reporter.sending();
    } catch (Throwable t) {
      progress.call.calls.fault("admit", t);
      return CallTrace.Sending.NONE;
    }
  }

  /** The headers of an answer are here: what the adapter says first of all. */
  public void arrived() {
    progress.permit.arrived();
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
          && progress.call.calls.classifier.mayHideError(
              progress.call.dialect(), status, type, Long.parseLong(length));
    } catch (Throwable t) {
      return false; // a length that is no number
    }
  }

  private ResponseFeedback feedback() {
    return new ResponseFeedback(progress.call, progress.reporter, progress.cost(), progress.permit);
  }

  private void worked(long since) {
    progress.reporter.worked(progress.call.calls.clock.nanos() - since);
  }

  /** Which dialect the host speaks, and whose limits the key draws on. */
  private void learnOwner(Headers headers) {
    CallContext call = progress.call;
    call.calls.dialects.learn(call.scope().provider(), call.host, headers);
    call.calls.organisations.seen(call.queue, headers);
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
      return new ResponseTaps(progress.call)
          .tap(
              status,
              headers,
              progress.refusedInStream,
              progress.permit,
              progress.reporter,
              feedback());
    } catch (Throwable t) {
      progress.call.calls.fault("tap", t);
      return null;
    }
  }

  /**
   * What an event stream is held back for until its first event, when a person asked for it; null
   * for an answer that goes on at once. Otherwise the adapter reads the head of the body until it
   * is {@link FirstEvent#enough}, or {@link #MOST_BODY} bytes, or for {@link #MOST_BODY_NANOS}, and
   * asks {@link #refused(FirstEvent, ProviderResponse, int)}.
   */
  public @Nullable FirstEvent firstEvent(int status, Headers headers) {
    if (!progress.call.policy.retryFirstEvent()
        || !progress.call.enforced()
        || !progress.call.replayable
        || status < 200
        || status > 299) {
      return null;
    }
    try {
      return new ResponseTaps(progress.call).firstEvent(headers);
    } catch (Throwable t) {
      progress.call.calls.fault("tap", t);
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
    long entered = progress.call.calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      Classification error = first.end(head.complete());
      if (error == null || error.kind() != Kind.LIMITED) {
        return null;
      }
      progress.refusedInStream = true;
      progress.attemptEnded(hidden, head.status());
      return progress.decide(head, error, entered);
    } catch (Throwable t) {
      progress.call.calls.fault("response", t);
      return null;
    } finally {
      worked(entered);
    }
  }

  /** As the sink of {@link #tap} reports it: {@link ResponseFeedback#errorInStream}. */
  public void errorInStream(Classification error) {
    feedback().errorInStream(error);
  }

  /** The attempt was answered below 400: the answer goes to the application as it comes. */
  public void served(int status, Headers headers, int hidden) {
    long entered = progress.call.calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      progress.attemptEnded(hidden, status);
      progress.served(entered);
      feedback().accepted(headers);
      learnOwner(headers);
    } catch (Throwable t) {
      progress.call.calls.fault("response", t);
    } finally {
      worked(entered);
      progress.end(Outcome.SUCCESS);
    }
  }

  /**
   * What came is no answer of the provider to this request: the client's cache gave it, or the
   * target of a redirect that the provider had answered with. It goes to the application as it
   * comes, and nothing is learned from it.
   */
  public void elsewhere(int status) {
    try {
      progress.attemptEnded(0, status);
    } catch (Throwable t) {
      progress.call.calls.fault("response", t);
    } finally {
      progress.end(Outcomes.ofStatus(status));
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
    long entered = progress.call.calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      progress.attemptEnded(hidden, answer.status());
      FaultPoint.pass("classifier");
      learnOwner(answer.headers());
      Classification error =
          progress.call.calls.classifier.judge(
              progress.call.dialect(),
              answer,
              progress.call.calls.clock.epochMillis(),
              progress.call.policy.retryProvisioned());
      return progress.decide(answer, error, entered);
    } catch (Throwable t) {
      progress.call.calls.fault("response", t);
      progress.end(Outcome.SERVER_ERROR);
      return CallProgress.DELIVER;
    } finally {
      worked(entered);
    }
  }

  /**
   * The attempt ended without an answer.
   *
   * @param nothingSent whether the provider surely saw nothing of it: one of the client's named
   *     exceptions
   * @return {@link Step.Deliver} to throw what the client threw; otherwise as for {@link #answered}
   */
  public Step failed(boolean nothingSent) {
    long entered = progress.call.calls.clock.nanos();
    try {
      FaultPoint.pass("response");
      return progress.failed(nothingSent, entered);
    } catch (Throwable t) {
      progress.call.calls.fault("response", t);
      return progress.lastOr(Outcome.IO_ERROR, CallProgress.DELIVER);
    } finally {
      worked(entered);
    }
  }

  /**
   * The application cancelled the call or interrupted its thread. Gives back what the call holds;
   * idempotent.
   */
  public void cancelled() {
    progress.cancelled(progress.call.calls.clock.nanos());
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
    ProviderResponse answer = progress.last().get();
    return answer == null || decided instanceof Step.Replay ? decided : progress.endWith(answer);
  }

  /**
   * The answer is a stream: it counts as in flight until it ends. To be said before {@link
   * #served}; without it an answer ends with its headers. {@link #tap} says it by itself.
   */
  public void holdPlace() {
    progress.permit.stream();
  }

  /**
   * The answer of which {@link #holdPlace} spoke was read to its end, or closed before; idempotent.
   */
  public void ended() {
    progress.permit.release();
  }

  /** After a fault: the answer in hand ends the call, without one it goes on. */
  private Step lastOrSend() {
    return progress.last().get() == null
        ? progress.sendAnyway()
        : progress.lastOr(Outcome.GAVE_UP, CallProgress.DELIVER);
  }
}
