package dev.paceline.okhttp.beside;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.Course;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.Outgoing;
import dev.paceline.call.Step;
import dev.paceline.call.Ticket;
import dev.paceline.words.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.Request;
import okio.Timeout;

/**
 * Holds enqueued calls whose scope is closed before they take a place in the dispatcher, and
 * enqueues them again when they may go.
 *
 * <p>The scope is known here as far as the request tells before the interceptors ran. When they
 * change it (by adding the credential, say) the call waits in its interceptor, in its new scope's
 * queue, with its old order of arrival.
 */
final class Parking {
  private final Desk desk;
  private final Places places;
  private final Inside inside;
  private final Executor handOver;
  private final ConcurrentHashMap<Object, Parked> parked = new ConcurrentHashMap<>();

  /** Calls that are out of OkHttp's queue for a moment, to be looked at; with their dispatcher. */
  private final ConcurrentHashMap<Call, Dispatcher> inTransit = new ConcurrentHashMap<>();

  Parking(Desk desk, Places places, Inside inside, Executor handOver) {
    this.desk = desk;
    this.places = places;
    this.inside = inside;
    this.handOver = handOver;
  }

  /** Whether the call is parked; it must not be enqueued then. */
  boolean enqueue(Dispatcher dispatcher, Object asyncCall) {
    if (!desk.calls().holding()) {
      return false;
    }
    Internals okhttp = inside.get();
    return okhttp != null && park(okhttp, dispatcher, asyncCall);
  }

  /**
   * Parks the calls to one host that have been enqueued before its gate closed: else each would be
   * promoted, take a thread, and only wait there.
   */
  void takeFromQueue(Dispatcher dispatcher, String host) {
    Internals okhttp = inside.get();
    if (okhttp == null) {
      return;
    }
    Deque<Object> taken = new ArrayDeque<>();
    synchronized (dispatcher) {
      for (Iterator<Object> i = okhttp.ready(dispatcher).iterator(); i.hasNext(); ) {
        Object asyncCall = i.next();
        if (okhttp.host(asyncCall).equals(host)) {
          i.remove();
          taken.add(asyncCall);
          inTransit.put(okhttp.call(asyncCall), dispatcher);
        }
      }
    }
    try {
      taken.removeIf(asyncCall -> parkOrKeep(okhttp, dispatcher, asyncCall));
    } finally {
      synchronized (dispatcher) {
        while (!taken.isEmpty()) {
          Object asyncCall = taken.removeLast();
          okhttp.ready(dispatcher).addFirst(asyncCall);
          inTransit.remove(okhttp.call(asyncCall));
        }
      }
    }
  }

  private boolean parkOrKeep(Internals okhttp, Dispatcher dispatcher, Object asyncCall) {
    try {
      boolean done = park(okhttp, dispatcher, asyncCall);
      if (done) {
        inTransit.remove(okhttp.call(asyncCall));
      }
      return done;
    } catch (RuntimeException | Error e) {
      desk.calls().fault("okhttp", e);
      return false;
    }
  }

  private boolean park(Internals okhttp, Dispatcher dispatcher, Object asyncCall) {
    Request request = okhttp.request(asyncCall);
    Endpoint endpoint = desk.recognise(request);
    if (endpoint == null) {
      return false;
    }
    Call call = okhttp.call(asyncCall);
    if (okhttp.mayBeCached(call)) {
      return false;
    }
    CallState state = desk.state(call);
    if (state.last != null) {
      return false; // it has been held already
    }
    Outgoing outgoing = Requests.outgoing(request, endpoint, state);
    Course course = desk.calls().begin(outgoing, Requests.keep(request, state), null);
    if (course == null || !course.wouldWait()) {
      return false;
    }
    Step step = course.start();
    state.last = course;
    state.pending = step;
    if (!(step instanceof Step.Wait wait)) {
      return false;
    }
    Parked entry =
        new Parked(
            dispatcher,
            asyncCall,
            call,
            state,
            course,
            wait.ticket(),
            Thread.currentThread().getContextClassLoader());
    state.forgetBody(); // a wait keeps the body alive once, not twice: calls may wait in thousands
    parked.put(call, entry);
    wait.ticket().whenReady(() -> handOver.execute(() -> leave(okhttp, entry)));
    if (call.isCanceled()) {
      wait.ticket().cancel(); // before it was in the map
    }
    return true;
  }

  private void leave(Internals okhttp, Parked entry) {
    Thread.currentThread().setContextClassLoader(entry.context());
    try {
      FaultPoint.pass("okhttp");
      if (entry.ticket().state() == Ticket.State.CANCELLED) {
        entry.state().cancelled = true;
        entry.course().cancelled();
        parked.remove(entry.call());
        // OkHttp reports the cancellation itself; promptly, even if all places are taken.
        places.run(okhttp, entry.dispatcher(), entry.asyncCall());
      } else {
        entry.state().pending = entry.course().resumed(entry.ticket());
        shortenTimeout(entry);
        parked.remove(entry.call());
        enqueueAgain(okhttp, entry);
      }
    } catch (RuntimeException | Error e) {
      desk.calls().fault("okhttp", e);
      if (parked.remove(entry.call()) != null) {
        enqueueAgain(okhttp, entry);
      }
    } finally {
      Thread.currentThread().setContextClassLoader(null);
    }
  }

  private static void enqueueAgain(Internals okhttp, Parked entry) {
    Bridge.passing(entry.asyncCall());
    try {
      okhttp.enqueue(entry.dispatcher(), entry.asyncCall());
    } finally {
      Bridge.passing(null);
    }
  }

  /**
   * OkHttp starts a call's timeout when the call runs; with the agent it counts from enqueue, else
   * the wait would come on top of it.
   */
  private void shortenTimeout(Parked entry) {
    CallState state = entry.state();
    if (state.deadline != Outgoing.NO_DEADLINE) {
      Timeout timeout = entry.call().timeout();
      state.fullTimeout = timeout.timeoutNanos();
      long left = state.deadline - desk.calls().clock().nanos();
      timeout.timeout(Math.max(1, left), TimeUnit.NANOSECONDS);
    }
  }

  boolean isEmpty() {
    return parked.isEmpty();
  }

  void cancelled(Object call) {
    Parked entry = parked.get(call);
    if (entry != null) {
      entry.ticket().cancel();
    }
  }

  /** The dispatcher cancels what it knows; here is what it does not. */
  void cancelAll(Object dispatcher) {
    calls(dispatcher).forEach(Call::cancel);
  }

  List<Object> queuedCalls(Object dispatcher, List<Object> queued) {
    List<Call> ours = calls(dispatcher);
    if (ours.isEmpty()) {
      return queued;
    }
    List<Object> all = new ArrayList<>(queued);
    all.addAll(ours);
    return Collections.unmodifiableList(all);
  }

  int count(Object dispatcher) {
    return calls(dispatcher).size();
  }

  private List<Call> calls(Object dispatcher) {
    if (parked.isEmpty() && inTransit.isEmpty()) {
      return List.of();
    }
    List<Call> calls = new ArrayList<>();
    inTransit.forEach(
        (call, where) -> {
          if (where == dispatcher) {
            calls.add(call);
          }
        });
    parked
        .values()
        .forEach(
            entry -> {
              if (entry.dispatcher() == dispatcher && !inTransit.containsKey(entry.call())) {
                calls.add(entry.call());
              }
            });
    return calls;
  }
}
