package dev.paceline.okhttp.beside;

import dev.paceline.call.BodyTap;
import dev.paceline.call.CallExecution;
import dev.paceline.call.CallTrace;
import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.FirstEvent;
import dev.paceline.call.Step;
import dev.paceline.call.Ticket;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * One pass of a recognised call through the interceptor: does what the course says until there is a
 * response or an exception for the application. Lives on the call's own thread.
 *
 * <p>Whatever fails in here is counted, and the pass ends with the kept answer, else with what is
 * in hand, else with a request as without the agent.
 */
final class Pass implements Leg {
  private static final byte[] NOTHING = {};

  /**
   * A connection that took longer to fail is not tried again: the application has waited for it
   * already. Refused ones fail within a round trip.
   */
  private static final long QUICK_NANOS = 1_000_000_000L;

  private final Calls calls;
  private final Executor bodies;
  private final Holding holding;
  private final Interceptor.Chain chain;
  private final Upload upload;
  private final CallState state;
  private final CallExecution course;
  private final Step first;

  // In hand: at most one of response and failure.
  private @Nullable Response response;
  private @Nullable OkHttpErrorBody body;
  private @Nullable Throwable failure;

  /** The response that the course's kept answer was read from: a replay keeps its other parts. */
  private @Nullable Response keptFrom;

  private @Nullable Wire wire;
  private long begun;
  private boolean sent;

  /** Something of ours failed: the next answer is delivered as it comes. */
  private boolean broken;

  Pass(
      Calls calls,
      Executor bodies,
      Holding holding,
      Interceptor.Chain chain,
      Upload upload,
      CallState state,
      CallExecution course,
      Step first) {
    this.calls = calls;
    this.bodies = bodies;
    this.holding = holding;
    this.chain = chain;
    this.upload = upload;
    this.state = state;
    this.course = course;
    this.first = first;
  }

  @Override
  public Response run() throws IOException {
    try {
      return walk();
    } finally {
      upload.end();
    }
  }

  private Response walk() throws IOException {
    Step step = first;
    while (true) {
      if (step instanceof Step.Send) {
        step = send();
      } else if (step instanceof Step.Wait wait) {
        step = hold(wait.ticket());
      } else if (step instanceof Step.Replay replay) {
        return replay(replay);
      } else {
        return deliver(step instanceof Step.Deliver deliver && deliver.stopSdk());
      }
    }
  }

  private Step send() throws IOException {
    if (sent && !upload.repeatable()) {
      course.cancelled();
      return new Step.Deliver(false);
    }
    if (!prepare()) {
      course.cancelled();
      return new Step.Deliver(false);
    }
    failure = null;
    try (CallTrace.Sending sending = course.sending()) {
      response = upload.proceed(chain);
    } catch (Throwable e) { // also what Kotlin need not declare
      failure = e;
      return failed(e);
    }
    if (broken) {
      return new Step.Deliver(false);
    }
    try {
      return judged(response);
    } catch (RuntimeException | Error e) {
      return barrier(e);
    }
  }

  /** False when OkHttp would not send, since the last response cannot be closed. */
  private boolean prepare() {
    if (!discard()) {
      return false;
    }
    try {
      if (sent) {
        holding.sendingAgain(chain.call());
      }
    } catch (RuntimeException | Error e) {
      calls.fault("okhttp", e);
    }
    sent = true;
    begun = calls.clock().nanos();
    Wire below = Wire.of(chain);
    wire = below;
    if (below != null) {
      below.begin();
    }
    return true;
  }

  private Step failed(Throwable e) throws IOException {
    if (chain.call().isCanceled()) {
      course.cancelled();
      throw Thrown.io(e);
    }
    return broken ? new Step.Deliver(false) : course.failed(nothingSent(e));
  }

  private boolean nothingSent(Throwable e) {
    Wire below = wire;
    try {
      return below != null
          && !below.sent()
          && OkHttpNothingSent.by(e)
          && calls.clock().nanos() - begun <= QUICK_NANOS
          && holding.mayConnectAgain(chain.call());
    } catch (RuntimeException | Error fault) {
      calls.fault("okhttp", fault);
      return false;
    }
  }

  private Step judged(Response in) {
    FaultPoint.pass("okhttp");
    if (Answers.isCached(in) || Answers.isOfAnotherRequest(in, upload.theirs)) {
      course.elsewhere(in.code());
      return new Step.Deliver(false);
    }
    course.arrived();
    int hidden = Answers.hidden(in);
    Response network = in.networkResponse();
    if (network != null && Answers.isRevalidated(in)) {
      course.served(in.code(), new OkHeaders(network.headers()), hidden);
      return new Step.Deliver(false);
    }
    OkHeaders headers = new OkHeaders(in.headers());
    FirstEvent first =
        Answers.length(in.body()) == 0 ? null : course.firstEvent(in.code(), headers);
    if (first == null && !course.wantsBody(in.code(), headers)) {
      return served(in, headers, hidden);
    }
    ProviderResponse read = read(in, first);
    Step step = first == null ? course.answered(read, hidden) : course.refused(first, read, hidden);
    if (step == null) {
      return served(response == null ? in : response, headers, hidden);
    }
    if (step instanceof Step.Deliver && response != null) {
      response = tapped(response, tap(response, headers));
    }
    if (course.kept() == read) {
      keptFrom = in;
    }
    return step;
  }

  private Step served(Response in, OkHeaders headers, int hidden) {
    BodyTap tap = tap(in, headers);
    course.served(in.code(), headers, hidden);
    response = tapped(in, tap);
    return new Step.Deliver(false);
  }

  /** Null also for an answer without a body, of which nobody would report the end. */
  private @Nullable BodyTap tap(Response in, OkHeaders headers) {
    return Answers.length(in.body()) == 0 ? null : course.tap(in.code(), headers);
  }

  private Response tapped(Response in, @Nullable BodyTap tap) {
    if (tap == null) {
      return in;
    }
    ResponseBody stream = in.body();
    BufferedSource source = source(stream);
    if (stream == null || source == null) {
      tap.end(false);
      return in;
    }
    try {
      return TappedSource.in(in, stream, source, tap);
    } catch (RuntimeException | Error e) {
      calls.fault("okhttp", e);
      tap.end(false);
      return in;
    }
  }

  /** Null when a body of the application's own fails: it will do so again when it is read. */
  private static @Nullable BufferedSource source(@Nullable ResponseBody body) {
    try {
      return body == null ? null : body.source();
    } catch (RuntimeException theirs) {
      return null;
    }
  }

  private ProviderResponse read(Response in, @Nullable FirstEvent first) {
    ResponseBody stream = in.body();
    if (stream == null || Answers.length(stream) == 0) {
      return Answers.answer(in, NOTHING, true);
    }
    BufferedSource source = source(stream);
    if (source == null) {
      return Answers.answer(in, NOTHING, false);
    }
    OkHttpErrorBody error;
    try {
      error =
          OkHttpErrorBody.begin(stream, source, bodies, holding.unblock(chain.call(), in), first);
    } catch (RejectedExecutionException nobodyFree) {
      return Answers.answer(in, NOTHING, false);
    }
    body = error;
    response = error.in(in);
    error.await();
    return Answers.answer(in, error.bytes(), error.complete());
  }

  private Step hold(Ticket ticket) throws IOException {
    if (sent && !upload.repeatable()) {
      return course.refused(ticket);
    }
    Place place;
    try {
      FaultPoint.pass("okhttp");
      place = holding.leave(chain.call());
    } catch (RuntimeException | Error e) {
      return barrier(e);
    }
    if (place == null) {
      return course.refused(ticket);
    }
    Ticket.State end;
    try {
      if (!discard()) {
        return course.refused(ticket);
      }
      end = holding.hold(chain.call(), ticket);
    } catch (InterruptedException e) {
      course.cancelled();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (RuntimeException | Error e) {
      return barrier(e);
    } finally {
      takeBack(place);
    }
    // At the JVM's end it would be paid for, and nobody could read the answer any more.
    boolean tooLate = end == Ticket.State.RELEASED && !sent && calls.isShutDown();
    if (end == Ticket.State.CANCELLED || tooLate) {
      course.cancelled();
      // OkHttp makes it "timeout" when it was the call's timeout that cancelled.
      throw new IOException("Canceled");
    }
    return course.resumed(ticket);
  }

  private void takeBack(Place place) {
    try {
      place.takeBack();
    } catch (RuntimeException | Error e) {
      calls.fault("okhttp", e);
    }
  }

  private Step barrier(Throwable fault) {
    broken = true;
    calls.fault("okhttp", fault);
    course.cancelled(); // nothing of what follows is told to it
    ProviderResponse kept = course.kept();
    if (kept != null) {
      return new Step.Replay(kept, false);
    }
    return response != null || failure != null ? new Step.Deliver(false) : new Step.Send();
  }

  private Response deliver(boolean stopSdk) throws IOException {
    Throwable thrown = failure;
    if (thrown != null) {
      throw Thrown.io(thrown);
    }
    Response in = response;
    if (in == null) {
      return upload.proceed(chain);
    }
    try {
      OkHttpErrorBody read = body;
      if (read != null && read.failure() instanceof IOException brokenOff) {
        state.broken = brokenOff;
      }
      return stopSdk ? Answers.stopSdk(in) : in;
    } catch (RuntimeException | Error e) {
      calls.fault("okhttp", e);
      return in;
    }
  }

  private Response replay(Step.Replay replay) throws IOException {
    Response built;
    try {
      built =
          Answers.response(
              replay.answer(), replay.answer() == course.kept() ? keptFrom : null, upload.theirs);
      built = replay.stopSdk() ? Answers.stopSdk(built) : built;
    } catch (RuntimeException | Error e) {
      calls.fault("okhttp", e);
      return deliver(false);
    }
    discard();
    return built;
  }

  /** Closes the response in hand; OkHttp does not send again while one is open. */
  private boolean discard() {
    Response in = response;
    OkHttpErrorBody reading = body;
    if (in == null) {
      return true;
    }
    if (reading != null) {
      if (!reading.discard()) {
        return false;
      }
    } else {
      try {
        in.close();
      } catch (RuntimeException theirs) {
        // a network interceptor's own body; the application does not see this response
      }
    }
    response = null;
    body = null;
    return true;
  }
}
