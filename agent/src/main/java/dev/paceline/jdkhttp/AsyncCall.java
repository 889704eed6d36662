package dev.paceline.jdkhttp;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.CallExecution;
import dev.paceline.call.CallTrace;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.RequestContent;
import dev.paceline.call.Step;
import dev.paceline.call.Ticket;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code HttpClient.sendAsync}. One thread at a time takes the call on: the caller, the callback of
 * an attempt, or the client's executor after a wait; {@link #cancel} and {@link #release} may come
 * from any other.
 */
final class AsyncCall {
  final Exchange exchange;
  private final @Nullable PushPromiseHandler<Object> push;
  private final CallFuture.Cancel cancel = new CallFuture.Cancel();
  private final CallFuture<Object> root = new CallFuture<>(cancel);

  private volatile boolean cancelled;
  private volatile @Nullable Held held;
  private volatile @Nullable CompletableFuture<HttpResponse<Object>> inFlight;
  private volatile @Nullable OpaqueBody readingAhead;

  // Handed on with the call.
  private @Nullable AttemptBody body;
  private @Nullable CallExecution course;
  private @Nullable HttpResponse<Object> kept;
  private boolean watchingRoot;

  private AsyncCall(Exchange exchange, @Nullable PushPromiseHandler<Object> push) {
    this.exchange = exchange;
    this.push = push;
  }

  /** An outcome array; null: go on as if the agent were not there. */
  static Object @Nullable [] run(Exchange exchange, @Nullable PushPromiseHandler<Object> push) {
    AsyncCall call = new AsyncCall(exchange, push);
    AttemptBody body;
    try {
      BodySource source = new BodySource(exchange);
      body = source.atHand();
      if (body == null) {
        call.readAhead(source.opaque());
        return new Object[] {call.root, null};
      }
      if (!call.begin(body)) {
        if (!exchange.marked()) {
          return null;
        }
        call.plain();
        return new Object[] {call.root, null};
      }
    } catch (Throwable t) {
      exchange.fault(t);
      return null;
    }
    return call.started();
  }

  private boolean begin(AttemptBody sent) {
    body = sent;
    FaultPoint.pass("jdk");
    // A repeated request could push twice.
    course =
        exchange
            .calls()
            .begin(exchange.outgoing(sent, push == null), RequestContent.of(sent.bytes()), null);
    cancel.set(this::cancel);
    return course != null;
  }

  /** The first step, on the caller's thread: it throws what the client throws there. */
  private Object[] started() {
    CallExecution c = course();
    try {
      Step step = c.start();
      if (step instanceof Step.Send) {
        Throwable thrown = attempt();
        if (thrown != null) {
          return new Object[] {null, thrown};
        }
      } else {
        follow(step);
      }
    } catch (Throwable t) {
      rescue(t);
    }
    return new Object[] {root, null};
  }

  private void readAhead(OpaqueBody opaque) {
    readingAhead = opaque;
    cancel.set(this::cancel);
    Runnable alarm =
        exchange
            .calls()
            .timer()
            .at(
                exchange.calls().clock().nanos() + OpaqueBody.MOST_NANOS,
                // Not to the client's executor: its one thread may be the one that reads.
                () -> exchange.own().execute(opaque::stop));
    opaque
        .ready()
        .thenAccept(
            read -> {
              alarm.run();
              exchange.own().execute(() -> admit(read)); // which hands a task to the executor
            });
    exchange.executor().execute(opaque::subscribe);
  }

  private void admit(AttemptBody read) {
    readingAhead = null;
    body = read;
    try {
      if (over()) {
        end(null, Failures.cancelled());
      } else if (begin(read)) {
        follow(course().start());
      } else {
        plain();
      }
    } catch (Throwable t) {
      rescue(t);
    }
  }

  private void follow(Step step) {
    if (step instanceof Step.Send) {
      Throwable thrown = attempt();
      if (thrown != null) {
        end(null, thrown);
      }
    } else if (step instanceof Step.Wait wait) {
      hold(wait.ticket());
    } else if (step instanceof Step.Replay replay) {
      exchange.executor().execute(() -> replay(replay));
    } else if (step instanceof Step.Cancel) {
      unsent(Failures.SHUTTING_DOWN);
    } else {
      throw new IllegalStateException("nothing is in hand to deliver");
    }
  }

  /** Sends. Returns what the client threw instead of returning a future, if that ends the call. */
  private @Nullable Throwable attempt() {
    if (over()) {
      course().cancelled();
      end(null, Failures.cancelled());
      return null;
    }
    Watched watched = exchange.watched(body());
    DecidingHandler handler = new DecidingHandler(exchange, course(), watched);
    long left = exchange.left(course());
    if (left <= 0) {
      Throwable late = Failures.timedOut();
      Step step = handler.after(null, late);
      if (step instanceof Step.Deliver) {
        end(null, late);
      } else {
        follow(step);
      }
      return null;
    }
    CompletableFuture<HttpResponse<Object>> attempt;
    try {
      attempt = send(exchange.attempt(body(), left, watched), handler);
    } catch (Throwable thrown) {
      Step step = handler.after(null, thrown);
      if (step instanceof Step.Deliver) {
        finish();
        return thrown;
      }
      follow(step);
      return null;
    }
    inFlight = attempt;
    attempt.whenComplete((response, thrown) -> attempted(handler, response, thrown));
    if (cancelled) {
      cancelAttempt(attempt);
    }
    return null;
  }

  private CompletableFuture<HttpResponse<Object>> send(
      HttpRequest request, BodyHandler<Object> handler) {
    PushPromiseHandler<Object> pushed = push;
    Bridge.passing(request);
    CallExecution traced = course;
    try (CallTrace.Sending sending = traced == null ? CallTrace.Sending.NONE : traced.sending()) {
      return pushed == null
          ? exchange.client().sendAsync(request, handler)
          : exchange.client().sendAsync(request, handler, seen(pushed));
    } finally {
      Bridge.passing(null);
    }
  }

  /** The push handler is shown the initiating request. */
  private PushPromiseHandler<Object> seen(PushPromiseHandler<Object> pushed) {
    return (initiating, promised, acceptor) ->
        pushed.applyPushPromise(exchange.seen(initiating), promised, acceptor);
  }

  private void attempted(
      DecidingHandler handler,
      @Nullable HttpResponse<Object> response,
      @Nullable Throwable thrown) {
    try {
      FaultPoint.pass("jdk");
      inFlight = null;
      if (thrown != null && cancelled) {
        handler.cancelled();
        endHere(null, thrown);
        return;
      }
      Step step = handler.after(response, thrown);
      if (step instanceof Step.Deliver deliver) {
        if (response == null) {
          endHere(null, thrown);
        } else {
          endHere(seen(response, deliver.stopSdk()), null);
        }
        return;
      }
      if (over()) {
        handler.cancelled();
        end(null, Failures.cancelled());
        return;
      }
      if (response != null && handler.keptAnswer(step)) {
        kept = response;
      }
      follow(step);
    } catch (Throwable t) {
      if (handler.after(response, thrown) instanceof Step.Deliver) {
        // The application's handler has seen it: nothing is to be sent again for a fault of ours.
        exchange.fault(t);
        endHere(response, thrown);
      } else {
        rescue(t);
      }
    }
  }

  private HttpResponse<Object> seen(HttpResponse<Object> response, boolean stopSdk) {
    try {
      return exchange.seen(response, stopSdk);
    } catch (Throwable t) {
      exchange.fault(t);
      return response;
    }
  }

  private void hold(Ticket ticket) {
    AsyncWait wait = new AsyncWait(ticket, this);
    held = wait; // before it can be released, which takes it back
    if (!watchingRoot) {
      watchingRoot = true;
      // The application may complete the future itself: what is done is never sent.
      root.whenComplete(
          (value, thrown) -> {
            Held last = held;
            if (last != null) {
              last.ticket.cancel();
            }
          });
    }
    exchange.waits().begin(wait);
    if (over()) {
      ticket.cancel();
    }
    ticket.whenReady(wait);
  }

  /** Its wait is over. */
  void resume(Ticket ticket) {
    try {
      FaultPoint.pass("jdk");
      leave();
      if (over()) {
        ticket.cancel();
        course().cancelled();
        end(null, Failures.cancelled());
      } else if (ticket.state() == Ticket.State.RELEASED
          && exchange.calls().isShutDown()
          && course().kept() == null) {
        unsent(Failures.SHUTTING_DOWN); // the JVM would end before the answer comes
      } else {
        follow(course().resumed(ticket));
      }
    } catch (Throwable t) {
      rescue(t);
    }
  }

  private void replay(Step.Replay replay) {
    KeptResponse.deliver(exchange, kept, replay)
        .whenComplete((value, thrown) -> end(value, thrown));
  }

  /** The call ends without having been sent, and must not be any more. */
  void unsent(String why) {
    leave();
    course().cancelled();
    end(null, new IOException(why));
  }

  /** {@code cancel(true)} of the future or of one that depends on it. */
  private void cancel() {
    cancelled = true;
    Held wait = held;
    if (wait != null) {
      wait.ticket.cancel();
    }
    OpaqueBody opaque = readingAhead;
    if (opaque != null) {
      opaque.stop();
    }
    CompletableFuture<HttpResponse<Object>> attempt = inFlight;
    if (attempt != null) {
      cancelAttempt(attempt);
    }
    // Now, not when the exchange has ended: see CallFuture.cancel. It ends so, too.
    root.completeExceptionally(Failures.cancelled());
  }

  /**
   * Cancels the exchange, not the future: this call is told by the client itself that the exchange
   * has ended, with the exception that the application would have seen.
   */
  private static void cancelAttempt(CompletableFuture<HttpResponse<Object>> attempt) {
    attempt.copy().cancel(true);
  }

  /** Whether nobody wants an answer any more. */
  private boolean over() {
    return cancelled || root.isDone();
  }

  /** The agent has failed: the kept answer, or the plain call. */
  private void rescue(Throwable t) {
    exchange.fault(t);
    try {
      leave();
      CallExecution c = course;
      if (c != null) {
        c.cancelled();
      }
      ProviderResponse answer = c == null ? null : c.kept();
      if (answer != null) {
        exchange.executor().execute(() -> replay(new Step.Replay(answer, false)));
      } else {
        plain();
      }
    } catch (Throwable failure) {
      end(null, failure);
    }
  }

  /** The call without the agent, but for a publisher that must not be subscribed to twice. */
  private void plain() {
    CompletableFuture<HttpResponse<Object>> attempt;
    try {
      AttemptBody sent = body();
      attempt = send(exchange.attempt(sent, Long.MAX_VALUE, null), exchange.handler());
    } catch (Throwable thrown) {
      end(null, thrown);
      return;
    }
    inFlight = attempt;
    attempt.whenComplete(
        (response, thrown) -> endHere(response == null ? null : seen(response, false), thrown));
    if (cancelled) {
      cancelAttempt(attempt);
    }
  }

  private void leave() {
    Held wait = held;
    if (wait != null) {
      held = null;
      exchange.waits().end(wait);
    }
  }

  /**
   * Ends the call where the JDK's client ends it: dependents never run on the client's own
   * executor, whose one thread they may need for a call of their own.
   */
  private void end(@Nullable Object value, @Nullable Throwable thrown) {
    finish();
    Pools.ASYNC.execute(() -> complete(value, thrown));
  }

  /** The client has ended an attempt on this thread. */
  private void endHere(@Nullable Object value, @Nullable Throwable thrown) {
    finish();
    complete(value, thrown);
  }

  private void complete(@Nullable Object value, @Nullable Throwable thrown) {
    if (thrown != null) {
      root.completeExceptionally(thrown);
    } else if (value != null) {
      root.complete(value);
    }
  }

  private void finish() {
    cancel.set(null);
    inFlight = null;
    AttemptBody sent = body;
    if (sent != null) {
      sent.atEnd().run();
    }
    exchange.end();
  }

  CallExecution course() {
    return java.util.Objects.requireNonNull(course);
  }

  private AttemptBody body() {
    return java.util.Objects.requireNonNull(body);
  }
}
