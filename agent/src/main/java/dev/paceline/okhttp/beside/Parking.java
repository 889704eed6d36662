package dev.paceline.okhttp.beside;

import dev.paceline.call.CallExecution;
import dev.paceline.call.CallOrigin;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.Step;
import dev.paceline.call.Ticket;
import dev.paceline.okhttp.Services;
import dev.paceline.threads.Share;
import dev.paceline.words.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okio.Timeout;

/**
 * Holds enqueued calls whose scope is closed before they take a place in the dispatcher, and
 * enqueues them again when they may go.
 *
 * <p>The scope is known here as far as the request tells before the interceptors ran, and as they
 * have changed it for earlier calls ({@link Owners}). When they change it to another one the call
 * waits in its interceptor, in its new scope's queue, with its old order of arrival.
 *
 * <p>Without the agent a parked call would be running, or stand in the dispatcher's queue: {@link
 * Shown} lets the dispatcher say so, the JVM does not end before it, and an executor that was shut
 * down meanwhile does not fail it.
 */
final class Parking {
  /**
   * Threads of the hand-over pool that the calls of one dispatcher may take: where its executor
   * runs tasks in the calling thread they are whole calls, and others wait to be woken too.
   */
  private static final int MOST_A_DISPATCHER = 16;

  private final Desk desk;
  private final Inside inside;
  private final Services services;
  private final Shown shown = new Shown();
  private final Standins standins = new Standins(this::stopped);
  private final ConcurrentHashMap<Object, Parked> parked = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final WeakHashMap<Dispatcher, Share> shares = new WeakHashMap<>();

  Parking(Desk desk, Inside inside, Services services) {
    this.desk = desk;
    this.inside = inside;
    this.services = services;
  }

  /** Whether the call is parked; it must not be enqueued then. */
  boolean enqueue(Dispatcher dispatcher, Object asyncCall) {
    CallOrigin origin = desk.calls().origin();
    if (origin != null) {
      note(asyncCall, origin);
    }
    if (!desk.calls().holding()) {
      return false;
    }
    Internals okhttp = inside.get();
    return okhttp != null && park(okhttp, dispatcher, asyncCall, false);
  }

  /**
   * The interceptors run on a thread of the dispatcher's: where a call comes from is known here.
   */
  private void note(Object asyncCall, CallOrigin origin) {
    Internals okhttp = inside.get();
    HttpUrl url = okhttp == null ? null : okhttp.request(asyncCall).url();
    if (okhttp != null && url != null && desk.calls().mayRecogniseHost(url.host(), url.port())) {
      desk.state(okhttp.call(asyncCall)).origin = origin;
    }
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
          shown.add(okhttp, dispatcher, okhttp.call(asyncCall));
        }
      }
    }
    try {
      taken.removeIf(asyncCall -> parkOrKeep(okhttp, dispatcher, asyncCall));
    } finally {
      synchronized (dispatcher) {
        while (!taken.isEmpty()) {
          Object asyncCall = taken.removeLast();
          shown.remove(okhttp, dispatcher, okhttp.call(asyncCall));
          okhttp.ready(dispatcher).addFirst(asyncCall);
        }
      }
    }
  }

  private boolean parkOrKeep(Internals okhttp, Dispatcher dispatcher, Object asyncCall) {
    try {
      return park(okhttp, dispatcher, asyncCall, true);
    } catch (RuntimeException | Error e) {
      desk.fault(e);
      return false;
    }
  }

  private boolean park(
      Internals okhttp, Dispatcher dispatcher, Object asyncCall, boolean fromQueue) {
    Request request = okhttp.request(asyncCall);
    Endpoint endpoint = desk.recognise(request);
    if (endpoint == null) {
      return false;
    }
    Call call = okhttp.call(asyncCall);
    // In an OkHttp whose chain is not hooked nobody would go on with what it waited for. What the
    // client's cache may answer costs the provider nothing.
    // An executor that is shut down refuses it now.
    if (!desk.isHooked() || okhttp.mayBeCached(call) || dispatcher.executorService().isShutdown()) {
      return false;
    }
    CallState state = desk.state(call);
    if (state.last != null) {
      return false; // it has been held already
    }
    // Without the agent it would stand in OkHttp's queue, where its timeout has not begun.
    boolean wouldRun = !fromQueue && shown.runsNext(dispatcher);
    state.begin(call.timeout(), desk.calls().clock().nanos(), wouldRun);
    CallExecution course = desk.atEnqueue(request, endpoint, state, okhttp.interceptors(call));
    if (course == null || !course.wouldWait()) {
      state.notBegun();
      return false;
    }
    if (!(course.start() instanceof Step.Wait wait)) {
      // Whatever it is, it is for a call that runs now; this one may stand in OkHttp's queue.
      course.cancelled();
      state.notBegun();
      return false;
    }
    try {
      hold(okhttp, course, wait.ticket(), state, dispatcher, asyncCall, fromQueue);
    } catch (RuntimeException | Error e) {
      // OkHttp takes the call: nobody waits for this ticket, and its permit must not stay with it.
      Parked entry = parked.remove(call);
      if (entry != null) {
        entry.standin().release();
      }
      course.cancelled();
      state.notBegun();
      throw e;
    }
    return true;
  }

  private void hold(
      Internals okhttp,
      CallExecution course,
      Ticket ticket,
      CallState state,
      Dispatcher dispatcher,
      Object asyncCall,
      boolean fromQueue) {
    Call call = okhttp.call(asyncCall);
    Standins.Standin.Hold standin = standins.hold(dispatcher);
    Parked entry =
        new Parked(
            dispatcher,
            asyncCall,
            call,
            state,
            course,
            ticket,
            fromQueue,
            hasUserThreads(dispatcher.executorService()),
            standin,
            Thread.currentThread().getContextClassLoader());
    parked.put(call, entry);
    if (!fromQueue) {
      synchronized (dispatcher) {
        shown.add(okhttp, dispatcher, call);
      }
    }
    if (entry.alive()) {
      services.alive().hold();
    }
    state.last = course;
    state.forgetBody(); // a wait keeps the body alive once, not twice: calls may wait in thousands
    ticket.whenReady(() -> handOver(okhttp, entry));
    if (call.isCanceled() || standin.stopped()) {
      ticket.cancel(); // before it was in the map
    }
  }

  /** Virtual threads do not keep a JVM; that a pool's threads are daemons it does not say. */
  private static boolean hasUserThreads(ExecutorService executor) {
    return !executor.getClass().getName().equals(Places.THREAD_PER_TASK);
  }

  private void handOver(Internals okhttp, Parked entry) {
    try {
      share(entry.dispatcher()).execute(() -> leave(okhttp, entry));
    } catch (Throwable noThread) {
      leave(okhttp, entry); // nobody else would ever wake it
    }
  }

  private Share share(Dispatcher dispatcher) {
    lock.lock();
    try {
      return shares.computeIfAbsent(
          dispatcher, d -> Share.queueing(services.handOver(), MOST_A_DISPATCHER));
    } finally {
      lock.unlock();
    }
  }

  private void leave(Internals okhttp, Parked entry) {
    Thread.currentThread().setContextClassLoader(entry.context());
    boolean atOnce = false;
    try {
      FaultPoint.pass("okhttp");
      atOnce = settle(entry);
    } catch (RuntimeException | Error e) {
      desk.fault(e);
      entry.state().end(); // its pass begins anew
    }
    parked.remove(entry.call());
    try {
      goOn(okhttp, entry, atOnce);
    } catch (RuntimeException | Error e) {
      desk.fault(e);
      desk.ended(entry.call());
      entry.standin().release();
    } finally {
      if (entry.alive()) {
        services.alive().release();
      }
      Thread.currentThread().setContextClassLoader(null);
    }
  }

  /** Makes up the call's state; returns whether the call was cancelled, and only says so. */
  private boolean settle(Parked entry) {
    boolean cancelled = entry.ticket().state() == Ticket.State.CANCELLED;
    if (desk.calls().isShutDown()) {
      // It would be paid for, and nobody could read the answer any more. A ticket that the shutdown
      // cancelled is no call that the application did: OkHttp would send it.
      entry.call().cancel();
      cancelled = true;
    }
    if (cancelled) {
      entry.state().cancelled = true;
      entry.course().cancelled();
    } else {
      entry.state().pending = entry.course().resumed(entry.ticket());
      shortenTimeout(entry);
    }
    return cancelled;
  }

  /**
   * Runs the call as far as there is a place, else puts it into OkHttp's queue.
   *
   * @param atOnce OkHttp reports a cancellation itself; promptly, even if all places are taken
   */
  private void goOn(Internals okhttp, Parked entry, boolean atOnce) {
    Dispatcher dispatcher = entry.dispatcher();
    Object asyncCall = entry.asyncCall();
    ExecutorService executor = dispatcher.executorService();
    boolean run;
    // In one step: else the dispatcher would be idle in between, and say so.
    synchronized (dispatcher) {
      run = Places.take(okhttp, dispatcher, asyncCall, atOnce || executor.isShutdown());
      if (run) {
        shown.remove(okhttp, dispatcher, entry.call());
      }
    }
    if (run) {
      if (entry.queued()) {
        tell(() -> okhttp.queueEnd(entry.call(), dispatcher));
      }
      run(okhttp, entry, executor);
      return;
    }
    if (!entry.queued()) {
      tell(() -> okhttp.queueStart(entry.call(), dispatcher));
    }
    synchronized (dispatcher) {
      shown.remove(okhttp, dispatcher, entry.call());
      okhttp.ready(dispatcher).add(asyncCall);
    }
    okhttp.promote(dispatcher);
    entry.standin().release();
  }

  private void run(Internals okhttp, Parked entry, ExecutorService executor) {
    Standins.Standin.Hold standin = entry.standin();
    if (standin.stopped()) {
      okhttp.executeOn(entry.asyncCall(), executor); // which refuses it, and OkHttp says so
      standin.release();
    } else {
      okhttp.executeOn(
          entry.asyncCall(),
          new OrElse(executor, services.refused(), services.alive(), standin::release));
    }
  }

  /** The application has stopped the executor with {@code shutdownNow()}. */
  private void stopped(Dispatcher dispatcher) {
    for (Parked entry : parked.values()) {
      if (entry.dispatcher() == dispatcher) {
        entry.ticket().cancel();
      }
    }
  }

  /** A listener of the application that throws must not keep its call from going on. */
  private static void tell(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException itsOwn) {
      // As where OkHttp itself tells it beside the call.
    }
  }

  /**
   * OkHttp starts a call's timeout when the call runs; that of a parked one counts from enqueue,
   * else the wait would come on top of it.
   */
  private void shortenTimeout(Parked entry) {
    CallState state = entry.state();
    Timeout timeout = entry.call().timeout();
    if (state.hasBegun() && timeout.timeoutNanos() != 0) {
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
    shown.queued(dispatcher).forEach(Call::cancel);
  }

  List<Object> queuedCalls(Object dispatcher, List<Object> queued) {
    List<Call> ours = shown.queued(dispatcher);
    if (ours.isEmpty()) {
      return queued;
    }
    List<Object> all = new ArrayList<>(queued);
    all.addAll(ours);
    return Collections.unmodifiableList(all);
  }

  int count(Object dispatcher) {
    return shown.queued(dispatcher).size();
  }
}
