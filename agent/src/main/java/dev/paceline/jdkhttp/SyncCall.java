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
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** {@code HttpClient.send}: everything happens on the caller's thread, waits included. */
final class SyncCall {
  /** A wait that a closing client may end by sending the call itself. */
  private static final class Waiting extends Held {
    final CompletableFuture<Handed> handed = new CompletableFuture<>();
    private final SyncCall call;

    Waiting(Ticket ticket, SyncCall call) {
      super(ticket);
      this.call = call;
    }

    @Override
    @Nullable HttpClient client() {
      return call.exchange.face();
    }

    @Override
    void release() {
      call.sendForMe(this);
    }

    @Override
    void stop() {
      if (call.course.kept() != null) {
        release();
      } else if (take()) {
        handed.complete(STOPPED);
        ticket.cancel();
      }
    }
  }

  /** What a closing client did for a waiting call: nothing but the step, or the attempt, too. */
  private record Handed(
      Step step,
      @Nullable DecidingHandler handler,
      @Nullable CompletableFuture<HttpResponse<Object>> attempt) {}

  /** The client was stopped: nothing is to be sent. */
  private static final Handed STOPPED = new Handed(DecidingHandler.DELIVER, null, null);

  private final Exchange exchange;
  private final AttemptBody body;
  private final CallExecution course;

  /** The response of the attempt whose answer is kept. */
  private @Nullable HttpResponse<Object> kept;

  /** What must be handed out should the agent fail: the application has seen it. */
  private Object @Nullable [] seen;

  private SyncCall(Exchange exchange, AttemptBody body, CallExecution course) {
    this.exchange = exchange;
    this.body = body;
    this.course = course;
  }

  /** An outcome array; null: go on as if the agent were not there. */
  static Object @Nullable [] run(Exchange exchange) {
    AttemptBody body;
    try {
      BodySource source = new BodySource(exchange);
      body = source.atHand();
      if (body == null) {
        body = readAhead(exchange, source.opaque());
      }
    } catch (InterruptedException interrupted) {
      return new Object[] {null, interrupted};
    } catch (Throwable t) {
      exchange.fault(t);
      return null;
    }
    try {
      CallExecution course = begin(exchange, body);
      if (course != null) {
        return new SyncCall(exchange, body, course).drive();
      }
      return body.replaced() || exchange.marked() ? plain(exchange, body) : null;
    } finally {
      body.atEnd().run();
      exchange.end();
    }
  }

  private static @Nullable CallExecution begin(Exchange exchange, AttemptBody body) {
    try {
      FaultPoint.pass("jdk");
      return exchange
          .calls()
          .begin(exchange.outgoing(body, true), RequestContent.of(body.bytes()), null);
    } catch (Throwable t) {
      exchange.fault(t);
      return null;
    }
  }

  private static AttemptBody readAhead(Exchange exchange, OpaqueBody opaque)
      throws InterruptedException {
    // Not here: a publisher may block its subscriber for as long as its source is slow.
    exchange.executor().execute(opaque::subscribe);
    try {
      return opaque.ready().get(OpaqueBody.MOST_NANOS, TimeUnit.NANOSECONDS);
    } catch (TimeoutException slow) {
      opaque.stop();
      return opaque.ready().join();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } catch (InterruptedException interrupted) {
      opaque.drop();
      throw interrupted;
    }
  }

  private Object[] drive() {
    try {
      return follow(course.start());
    } catch (Throwable t) {
      return rescue(t);
    }
  }

  private Object[] follow(Step first) {
    Step step = first;
    while (true) {
      if (step instanceof Step.Send) {
        Watched watched = exchange.watched(body);
        DecidingHandler handler = new DecidingHandler(exchange, course, watched);
        Object[] outcome = attempt(handler, watched);
        step = judged(handler, outcome);
        if (step instanceof Step.Deliver deliver) {
          return delivered(outcome, deliver.stopSdk());
        }
      } else if (step instanceof Step.Wait wait) {
        Waiting waiting = new Waiting(wait.ticket(), this);
        if (!await(waiting)) {
          course.cancelled();
          return new Object[] {null, new InterruptedException()};
        }
        FaultPoint.pass("jdk");
        if (waiting.take()) {
          if (waiting.ticket.state() == Ticket.State.RELEASED
              && exchange.calls().isShutDown()
              && course.kept() == null) {
            return unsent(Failures.SHUTTING_DOWN); // the JVM would end before the answer comes
          }
          step = course.resumed(waiting.ticket);
          continue;
        }
        Handed handed = waiting.handed.join();
        if (handed == STOPPED) {
          return unsent(Failures.STOPPED);
        }
        if (handed.attempt() == null || handed.handler() == null) {
          step = handed.step();
          continue;
        }
        Object[] outcome = result(handed.attempt());
        step = judged(handed.handler(), outcome);
        if (step instanceof Step.Deliver deliver) {
          return delivered(outcome, deliver.stopSdk());
        }
      } else if (step instanceof Step.Replay replay) {
        return replayed(replay);
      } else if (step instanceof Step.Cancel) {
        return unsent(Failures.SHUTTING_DOWN);
      } else {
        throw new IllegalStateException("nothing is in hand to deliver");
      }
    }
  }

  /** The call ends without having been sent, and must not be any more. */
  private Object[] unsent(String why) {
    course.cancelled();
    return new Object[] {null, Failures.ofSend(new IOException(why))};
  }

  /** What follows from an attempt. */
  @SuppressWarnings("unchecked") // our own outcome arrays
  private Step judged(DecidingHandler handler, Object[] outcome) {
    Throwable thrown = (Throwable) outcome[1];
    if (thrown instanceof InterruptedException) {
      seen = outcome;
      handler.cancelled();
      return DecidingHandler.DELIVER;
    }
    HttpResponse<Object> response = (HttpResponse<Object>) outcome[0];
    Step step = handler.after(response, thrown);
    // Only what is to be delivered: of another answer the body is thrown away already.
    seen = step instanceof Step.Deliver ? outcome : null;
    FaultPoint.pass("jdk");
    if (response != null && !(step instanceof Step.Deliver) && handler.keptAnswer(step)) {
      kept = response;
    }
    return step;
  }

  private Object[] attempt(DecidingHandler handler, @Nullable Watched watched) {
    long left = exchange.left(course);
    if (left <= 0) {
      return new Object[] {null, Failures.timedOut()};
    }
    HttpRequest attempt = exchange.attempt(body, left, watched);
    Bridge.passing(attempt);
    try (CallTrace.Sending sending = course.sending()) {
      return new Object[] {exchange.client().send(attempt, handler), null};
    } catch (Throwable thrown) {
      return new Object[] {null, thrown};
    } finally {
      Bridge.passing(null);
    }
  }

  /** False when the thread was interrupted. */
  private boolean await(Waiting waiting) {
    try {
      exchange.waits().begin(waiting);
      waiting.ticket.await();
      return true;
    } catch (InterruptedException interrupted) {
      if (!waiting.take()) {
        CompletableFuture<HttpResponse<Object>> attempt = waiting.handed.join().attempt();
        if (attempt != null) {
          attempt.cancel(true);
        }
      }
      return false;
    } finally {
      exchange.waits().end(waiting);
    }
  }

  /**
   * The client is being closed, by this thread: what is to be sent must be sent before it is
   * closed, which the waiting thread would be too late for.
   */
  private void sendForMe(Waiting waiting) {
    if (!waiting.take()) {
      return;
    }
    Handed handed = new Handed(new Step.Send(), null, null);
    try {
      waiting.ticket.release();
      Step step = course.resumed(waiting.ticket);
      handed = new Handed(step, null, null);
      if (step instanceof Step.Send) {
        Watched watched = exchange.watched(body);
        DecidingHandler handler = new DecidingHandler(exchange, course, watched);
        HttpRequest attempt = exchange.attempt(body, Math.max(1, exchange.left(course)), watched);
        Bridge.passing(attempt);
        try (CallTrace.Sending sending = course.sending()) {
          handed = new Handed(step, handler, exchange.client().sendAsync(attempt, handler));
        } finally {
          Bridge.passing(null);
        }
      }
    } catch (Throwable t) {
      exchange.fault(t);
    } finally {
      waiting.handed.complete(handed);
    }
  }

  private Object[] delivered(Object[] outcome, boolean stopSdk) {
    @SuppressWarnings("unchecked") // our own outcome arrays
    HttpResponse<Object> response = (HttpResponse<Object>) outcome[0];
    return response == null ? outcome : new Object[] {exchange.seen(response, stopSdk), null};
  }

  /** Not on this thread: the application's handler never runs on its caller's. */
  private Object[] replayed(Step.Replay replay) {
    HttpResponse<Object> of = kept;
    return result(
        CompletableFuture.supplyAsync(
                () -> KeptResponse.deliver(exchange, of, replay), exchange.executor())
            .thenCompose(delivered -> delivered));
  }

  /** Waits for a future as {@code send} does. */
  private static Object[] result(CompletableFuture<?> future) {
    try {
      return new Object[] {future.get(), null};
    } catch (InterruptedException interrupted) {
      future.cancel(true);
      return new Object[] {null, interrupted};
    } catch (ExecutionException failed) {
      return new Object[] {null, Failures.ofSend(Failures.unwrap(failed))};
    } catch (Throwable thrown) {
      return new Object[] {null, Failures.ofSend(thrown)};
    }
  }

  /** The agent has failed: what the application has seen, the kept answer, or the plain call. */
  private Object[] rescue(Throwable t) {
    exchange.calls().fault("jdk", t);
    Object[] outcome = seen;
    if (outcome != null) {
      return outcome;
    }
    course.cancelled();
    ProviderResponse answer = course.kept();
    return answer != null ? replayed(new Step.Replay(answer, false)) : plain(exchange, body);
  }

  /** The call without the agent, but for a publisher that must not be subscribed to twice. */
  private static Object[] plain(Exchange exchange, AttemptBody body) {
    HttpRequest attempt = exchange.attempt(body, Long.MAX_VALUE, null);
    Bridge.passing(attempt);
    try {
      HttpResponse<Object> response = exchange.client().send(attempt, exchange.handler());
      return new Object[] {exchange.seen(response, false), null};
    } catch (Throwable thrown) {
      return new Object[] {null, thrown};
    } finally {
      Bridge.passing(null);
    }
  }
}
