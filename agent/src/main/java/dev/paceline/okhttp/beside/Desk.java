package dev.paceline.okhttp.beside;

import dev.paceline.call.Calls;
import dev.paceline.call.Content;
import dev.paceline.call.Course;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.Step;
import dev.paceline.okhttp.Services;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Scope;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Where calls are recognised and their courses begin, at enqueue and in the interceptor. */
final class Desk {
  private final Services services;
  private final Inside inside;
  private final Readers readers;
  private final CallStates states = new CallStates();
  private final Owners owners = new Owners();
  private final Scratch scratch = new Scratch();

  Desk(Services services, Inside inside) {
    this.services = services;
    this.inside = inside;
    this.readers = new Readers(services.bodies());
  }

  Calls calls() {
    return services.calls().get();
  }

  CallState state(Call call) {
    return states.of(call);
  }

  /** The call sends nothing any more. */
  void ended(Call call) {
    CallState state = states.remove(call);
    if (state != null) {
      state.end();
    }
  }

  /** What the request is for; null when it is no call to an LLM, or not ours to hold. */
  @Nullable Endpoint recognise(Request request) {
    HttpUrl url = request.url();
    Calls calls = calls();
    // The path is built anew by each call of encodedPath.
    if (!calls.mayRecogniseHost(url.host(), url.port())) {
      return null;
    }
    Endpoint endpoint = calls.recognise(url.host(), url.port(), url.encodedPath());
    return endpoint == null || Requests.isWebSocket(request) ? null : endpoint;
  }

  /**
   * The course of a call that is being enqueued, in the scope that it will have when it is sent.
   *
   * @param interceptors the client's
   */
  @Nullable Course atEnqueue(
      Request request, Endpoint endpoint, CallState state, List<?> interceptors) {
    Content body = Requests.keep(request, state);
    return calls()
        .begin(
            Requests.outgoing(request, endpoint, state),
            body,
            null,
            shown -> owners.after(interceptors, shown));
  }

  /** Begins a pass through the interceptor; null: let it pass. */
  @Nullable Pass begin(Interceptor.Chain chain, Holding holding) {
    CallState known = states.find(chain.call());
    Step pending = known == null ? null : known.take();
    Course parked = known == null || pending == null ? null : known.last;
    Pass pass = null;
    try {
      pass = begin(chain, holding, known, parked, pending);
      return pass;
    } finally {
      if (pass == null && parked != null) {
        // The agent was switched off, or the interceptors have made it somebody else's call.
        parked.cancelled();
      }
    }
  }

  private @Nullable Pass begin(
      Interceptor.Chain chain,
      Holding holding,
      @Nullable CallState known,
      @Nullable Course parked,
      @Nullable Step pending) {
    Call call = chain.call();
    if (known != null) {
      restoreTimeout(call, known);
    }
    Request request = chain.request();
    Endpoint endpoint = recognise(request);
    if (endpoint == null) {
      return null;
    }
    FaultPoint.pass("okhttp");
    CallState state = known == null ? state(call) : known;
    if (state.cancelled) {
      return null;
    }
    state.begin(call.timeout(), calls().clock().nanos(), true);
    Course course = course(request, endpoint, state, state.last);
    state.forgetBody();
    if (course == null) {
      return null;
    }
    Step first;
    if (parked != null && pending != null && parked.scope().equals(course.scope())) {
      course = parked; // it has waited already
      first = pending;
    } else {
      first = course.start();
    }
    state.last = course;
    learn(call, request, endpoint, state, course, first);
    return new Pass(
        calls(), readers.of(request.url().host()), holding, chain, request, course, first);
  }

  /**
   * Remembers whose call the interceptors have made it, when it matters: once a call had to wait.
   */
  private void learn(
      Call call, Request request, Endpoint endpoint, CallState state, Course course, Step first) {
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

  private @Nullable Course course(
      Request request, Endpoint endpoint, CallState state, @Nullable Course earlier) {
    byte[] buffer = scratch.take();
    try {
      return calls()
          .begin(
              Requests.outgoing(request, endpoint, state),
              Requests.content(request, state, buffer),
              earlier);
    } finally {
      scratch.give(buffer);
    }
  }

  /** A parked call runs with what is left of its timeout; from now on it reads as it was set. */
  private static void restoreTimeout(Call call, CallState state) {
    if (state.fullTimeout != 0) {
      call.timeout().timeout(state.fullTimeout, TimeUnit.NANOSECONDS);
      state.fullTimeout = 0;
    }
  }
}
