package dev.paceline.okhttp.beside;

import dev.paceline.call.CallExecution;
import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.ReplayPool;
import dev.paceline.call.RequestContent;
import dev.paceline.call.Step;
import dev.paceline.call.UnrecognisedCalls;
import dev.paceline.okhttp.Services;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Scope;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/** Where calls are recognised and their courses begin, at enqueue and in the interceptor. */
final class Desk {
  private final Services services;
  private final Inside inside;
  private final Readers readers;
  private final CallStates states = new CallStates();
  private final Owners owners = new Owners();
  private final Scratch scratch = new Scratch();
  private final ReplayPool pool;

  private volatile boolean hooked;

  /** Why there is no call room, until somebody who can say so has heard of it. */
  private volatile @Nullable RuntimeException untold;

  Desk(Services services, Inside inside) {
    this.services = services;
    this.inside = inside;
    this.readers = new Readers(services.bodies());
    this.pool = services.copies();
  }

  Calls calls() {
    return services.calls().get();
  }

  /**
   * Counts what failed; never throws. Where the call room itself cannot be had, as in a JVM that is
   * slow to start, the application's call got that for an exception.
   */
  void fault(Throwable t) {
    try {
      calls().fault("okhttp", t);
    } catch (RuntimeException | Error noRoom) {
      untold = new IllegalStateException(noRoom.getMessage(), noRoom);
    }
  }

  /** Throws what nobody has heard of: for the bridge, which says it in one line. */
  void tell() {
    RuntimeException t = untold;
    if (t != null) {
      untold = null;
      throw t;
    }
  }

  /**
   * Builds the call room, before the time of the first call begins; where that fails the call says
   * so.
   */
  void prepare() {
    try {
      calls().mayRecogniseHost("", 0);
    } catch (RuntimeException | Error later) {
      // Its pass tries again, and tells.
    }
  }

  /** A chain came by: what is parked will come by, too. */
  void hooked() {
    if (!hooked) {
      hooked = true;
    }
  }

  /** Whether calls go on here after they have waited. */
  boolean isHooked() {
    return hooked;
  }

  CallState state(Call call) {
    return states.of(call);
  }

  /**
   * The call sends nothing any more.
   *
   * @return how the body of its response has broken off while we read it; null when it has not
   */
  @Nullable IOException ended(Call call) {
    CallState state = states.remove(call);
    if (state == null) {
      return null;
    }
    state.end();
    return state.broken;
  }

  /** What the request is for; null when it is no call to an LLM, or not ours to hold. */
  @Nullable Endpoint recognise(Request request) {
    HttpUrl url = request.url();
    Calls calls = calls();
    // The path is built anew by each call of encodedPath.
    if (!calls.mayRecogniseHost(url.host(), url.port())) {
      noteUnrecognised(request, url);
      return null;
    }
    Endpoint endpoint = calls.recognise(url.host(), url.port(), url.encodedPath());
    if (endpoint == null) {
      noteUnrecognised(request, url);
    }
    return endpoint == null || Requests.isNotForTheProvider(request) ? null : endpoint;
  }

  /** Counts a call that goes by the agent while it is off; here, where each is sent once. */
  private void countPassed(HttpUrl url) {
    Calls calls = calls();
    if (calls.passes(url.host(), url.port())) {
      calls.recognise(url.host(), url.port(), url.encodedPath());
    }
  }

  private void noteUnrecognised(Request request, HttpUrl url) {
    UnrecognisedCalls unrecognised = calls().unrecognised();
    if (unrecognised.wants(request.method(), url.host())) {
      unrecognised.seen(
          request.method(), url.host(), url.port(), url.encodedPath(), () -> contentType(request));
    }
  }

  private static @Nullable String contentType(Request request) {
    RequestBody body = request.body();
    MediaType type = body == null ? null : body.contentType();
    return type == null ? request.header("content-type") : type.toString();
  }

  /**
   * The course of a call that is being enqueued, in the scope that it will have when it is sent.
   *
   * @param interceptors the client's
   */
  @Nullable CallExecution atEnqueue(
      Request request, Endpoint endpoint, CallState state, List<?> interceptors) {
    RequestContent body = Requests.keep(request, state);
    return calls()
        .begin(
            Requests.outgoing(request, endpoint, state),
            body,
            null,
            shown -> owners.after(interceptors, shown));
  }

  /** Begins a pass through the interceptor; null: let the chain's own request pass. */
  @Nullable Leg begin(Interceptor.Chain chain, Holding holding) {
    CallState known = states.find(chain.call());
    Step pending = known == null ? null : known.take();
    CallExecution parked = known == null || pending == null ? null : known.last;
    if (parked != null && calls().isShutDown()) {
      // It stood in OkHttp's queue when the JVM began to end: it would be paid for, and nobody
      // could read the answer any more.
      chain.call().cancel();
      parked.cancelled();
      return null;
    }
    Leg leg = null;
    try {
      leg = begin(chain, holding, known, parked, pending);
      return leg;
    } finally {
      if (parked != null && !(leg instanceof Pass)) {
        // The agent was switched off, or the interceptors have made it somebody else's call.
        parked.cancelled();
      }
    }
  }

  private @Nullable Leg begin(
      Interceptor.Chain chain,
      Holding holding,
      @Nullable CallState known,
      @Nullable CallExecution parked,
      @Nullable Step pending) {
    Call call = chain.call();
    if (known != null) {
      restoreTimeout(call, known);
    }
    Request request = chain.request();
    Endpoint endpoint = recognise(request);
    if (endpoint == null) {
      countPassed(request.url());
      return null;
    }
    FaultPoint.pass("okhttp");
    CallState state = known == null ? state(call) : known;
    if (state.cancelled) {
      return null;
    }
    state.begin(call.timeout(), calls().clock().nanos(), true);
    byte[] buffer = scratch.take();
    try {
      Requests.Ahead ahead = Requests.ahead(calls(), request, endpoint, state, buffer, pool);
      state.sending();
      Leg pass = pass(chain, holding, endpoint, state, parked, pending, ahead);
      Upload upload = ahead.upload();
      // What was read must be sent, whatever became of the pass.
      return pass == null && upload.isOurs() ? () -> upload.only(chain) : pass;
    } finally {
      scratch.give(buffer);
    }
  }

  private @Nullable Leg pass(
      Interceptor.Chain chain,
      Holding holding,
      Endpoint endpoint,
      CallState state,
      @Nullable CallExecution parked,
      @Nullable Step pending,
      Requests.Ahead ahead) {
    CallExecution course = null;
    try {
      course =
          calls()
              .begin(
                  Requests.outgoing(chain.request(), endpoint, state), ahead.content(), state.last);
      return course == null
          ? null
          : begun(chain, holding, endpoint, state, parked, pending, ahead.upload(), course);
    } catch (Throwable t) {
      fault(t);
      if (course != null) {
        course.cancelled(); // no pass gives back what it holds
      }
      return null;
    }
  }

  private @Nullable Leg begun(
      Interceptor.Chain chain,
      Holding holding,
      Endpoint endpoint,
      CallState state,
      @Nullable CallExecution parked,
      @Nullable Step pending,
      Upload upload,
      CallExecution begun) {
    CallExecution course = begun;
    Step first;
    if (parked != null && pending != null && parked.scope().equals(course.scope())) {
      course = parked; // it has waited already
      first = pending;
    } else {
      first = start(chain, holding, course);
    }
    state.last = course;
    if (first instanceof Step.Replay && holding.mayBeCached(chain.call())) {
      return null; // what the client's cache may have is not refused
    }
    try {
      learn(chain.call(), chain.request(), endpoint, state, course, first);
    } catch (Throwable t) { // the course has begun: its pass must run to give back what it holds
      fault(t);
    }
    return new Pass(
        calls(),
        readers.of(chain.request().url().host()),
        holding,
        chain,
        upload,
        state,
        course,
        first);
  }

  /**
   * Remembers whose call the interceptors have made it, when it matters: once a call had to wait.
   */
  private void learn(
      Call call,
      Request request,
      Endpoint endpoint,
      CallState state,
      CallExecution course,
      Step first) {
    Request original = call.request();
    if (request.headers() == original.headers()
        || !(first instanceof Step.Wait || inside.known())) {
      return;
    }
    Internals okhttp = inside.get();
    if (okhttp != null) {
      Scope shown =
          calls().scope(Requests.outgoing(original, endpoint, state), course.info().model());
      owners.note(okhttp.interceptors(call), shown, course.scope());
    }
  }

  private static Step start(Interceptor.Chain chain, Holding holding, CallExecution course) {
    Step first = course.start();
    // The client's cache may answer it, and that costs the provider nothing.
    return first instanceof Step.Wait wait && holding.mayBeCached(chain.call())
        ? course.refused(wait.ticket())
        : first;
  }

  /** A parked call runs with what is left of its timeout; from now on it reads as it was set. */
  private static void restoreTimeout(Call call, CallState state) {
    if (state.fullTimeout != 0) {
      call.timeout().timeout(state.fullTimeout, TimeUnit.NANOSECONDS);
      state.fullTimeout = 0;
    }
  }
}
