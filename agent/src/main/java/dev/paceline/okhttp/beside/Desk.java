package dev.paceline.okhttp.beside;

import dev.paceline.call.Calls;
import dev.paceline.call.Course;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.Step;
import dev.paceline.okhttp.Services;
import dev.paceline.words.Endpoint;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Where calls are recognised and their courses begin, at enqueue and in the interceptor. */
final class Desk {
  private final Services services;
  private final CallStates states = new CallStates();
  private final Scratch scratch = new Scratch();
  private final ReplayPool pool;

  Desk(Services services) {
    this.services = services;
    this.pool = new ReplayPool(services.replayBytes());
  }

  Calls calls() {
    return services.calls().get();
  }

  CallState state(Call call) {
    return states.of(call, calls().clock().nanos());
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
    return endpoint == null || Requests.isNotForTheProvider(request) ? null : endpoint;
  }

  /** Begins a pass through the interceptor; null: let the chain's own request pass. */
  @Nullable Leg begin(Interceptor.Chain chain, Holding holding) {
    Request request = chain.request();
    Endpoint endpoint = recognise(request);
    if (endpoint == null) {
      return null;
    }
    FaultPoint.pass("okhttp");
    Call call = chain.call();
    CallState state = state(call);
    restoreTimeout(call, state);
    if (state.cancelled) {
      return null;
    }
    Course earlier = state.last;
    Step pending = state.pending;
    state.pending = null;
    byte[] buffer = scratch.take();
    try {
      Requests.Ahead ahead = Requests.ahead(calls(), request, endpoint, state, buffer, pool);
      state.sending();
      Leg pass = pass(chain, holding, endpoint, state, earlier, pending, ahead);
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
      @Nullable Course earlier,
      @Nullable Step pending,
      Requests.Ahead ahead) {
    try {
      Course course =
          calls()
              .begin(Requests.outgoing(chain.request(), endpoint, state), ahead.content(), earlier);
      return course == null
          ? null
          : begun(chain, holding, state, earlier, pending, ahead.upload(), course);
    } catch (Throwable t) {
      calls().fault("okhttp", t);
      return null;
    }
  }

  private Leg begun(
      Interceptor.Chain chain,
      Holding holding,
      CallState state,
      @Nullable Course earlier,
      @Nullable Step pending,
      Upload upload,
      Course begun) {
    Course course = begun;
    Step first;
    if (earlier != null && pending != null && earlier.scope().equals(course.scope())) {
      course = earlier; // it has waited already
      first = pending;
    } else {
      first = start(chain, holding, course);
    }
    state.last = course;
    return new Pass(calls(), services.bodies(), holding, chain, upload, course, first);
  }

  private static Step start(Interceptor.Chain chain, Holding holding, Course course) {
    Step first = course.start();
    // The client's cache may answer it, and that costs the provider nothing.
    return first instanceof Step.Wait wait && holding.mayBeCached(chain.call())
        ? course.refused(wait.ticket())
        : first;
  }

  /** A parked call runs with what is left of its timeout; from now on it reads as it was set. */
  private static void restoreTimeout(Call call, CallState state) {
    if (state.fullTimeout != 0) {
      call.timeout().timeout(state.fullTimeout, java.util.concurrent.TimeUnit.NANOSECONDS);
      state.fullTimeout = 0;
    }
  }
}
