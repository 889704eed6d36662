package dev.paceline.jdkhttp;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.CallTrace;
import dev.paceline.call.Content;
import dev.paceline.call.Course;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.Step;
import dev.paceline.call.Ticket;
import dev.paceline.words.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
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
    HttpClient client() {
      return call.exchange.client();
    }

    @Override
    void release() {
      call.sendForMe(this);
    }
  }

  /** What a closing client did for a waiting call: nothing but the step, or the attempt, too. */
  private record Handed(
      Step step,
      @Nullable DecidingHandler handler,
      @Nullable CompletableFuture<HttpResponse<Object>> attempt) {}

  private final Exchange exchange;
  private final Body body;
  private final Course course;

  /** The response of the attempt whose answer is kept. */
  private @Nullable HttpResponse<Object> kept;

  /** What must be handed out should the agent fail: the application has seen it. */
  private Object @Nullable [] seen;

  private SyncCall(Exchange exchange, Body body, Course course) {
    this.exchange = exchange;
    this.body = body;
    this.course = course;
  }

  /** An outcome array; null: go on as if the agent were not there. */
  static Object @Nullable [] run(Exchange exchange) {
    Body body;
    try {
      body = BodySource.atHand(exchange);
      if (body == null) {
        body = readAhead(exchange);
      }
    } catch (InterruptedException interrupted) {
      return new Object[] {null, interrupted};
    } catch (Throwable t) {
      exchange.calls().fault("jdk", t);
      return null;
    }
    try {
      Course course = begin(exchange, body);
      if (course != null) {
        return new SyncCall(exchange, body, course).drive();
      }
      return body.original() == null ? null : plain(exchange, body);
    } finally {
      body.atEnd().run();
    }
  }

  private static @Nullable Course begin(Exchange exchange, Body body) {
    try {
      FaultPoint.pass("jdk");
      return exchange.calls().begin(exchange.outgoing(body, true), Content.of(body.bytes()), null);
    } catch (Throwable t) {
      exchange.calls().fault("jdk", t);
      return null;
    }
  }

  private static Body readAhead(Exchange exchange) throws InterruptedException {
    OpaqueBody opaque =
        new OpaqueBody(
            exchange.request(), exchange.request().bodyPublisher().orElseThrow(), exchange.pool());
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
        DecidingHandler handler = new DecidingHandler(exchange, course);
        Object[] outcome = attempt(handler);
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
          step = course.resumed(waiting.ticket);
          continue;
        }
        Handed handed = waiting.handed.join();
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
        return new Object[] {null, new IOException("not sent: the JVM shuts down")};
      } else {
        throw new IllegalStateException("nothing is in hand to deliver");
      }
    }
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
    Step step = handler.after(thrown);
    // Only what is to be delivered: of another answer the body is thrown away already.
    seen = step instanceof Step.Deliver ? outcome : null;
    FaultPoint.pass("jdk");
    if ((step instanceof Step.Wait || step instanceof Step.Send) && thrown == null) {
      kept = (HttpResponse<Object>) outcome[0];
    }
    return step;
  }

  private Object[] attempt(DecidingHandler handler) {
    Bridge.passing(body.attempt());
    try (CallTrace.Sending sending = course.sending()) {
      return new Object[] {exchange.client().send(body.attempt(), handler), null};
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
        DecidingHandler handler = new DecidingHandler(exchange, course);
        Bridge.passing(body.attempt());
        try (CallTrace.Sending sending = course.sending()) {
          handed = new Handed(step, handler, exchange.client().sendAsync(body.attempt(), handler));
        } finally {
          Bridge.passing(null);
        }
      }
    } catch (Throwable t) {
      exchange.calls().fault("jdk", t);
    } finally {
      waiting.handed.complete(handed);
    }
  }

  private Object[] delivered(Object[] outcome, boolean stopSdk) {
    @SuppressWarnings("unchecked") // our own outcome arrays
    HttpResponse<Object> response = (HttpResponse<Object>) outcome[0];
    return response == null
        ? outcome
        : new Object[] {KeptResponse.seen(response, body, stopSdk), null};
  }

  private Object[] replayed(Step.Replay replay) {
    return result(KeptResponse.deliver(exchange, body, kept, replay));
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
    Answer answer = course.kept();
    return answer != null ? replayed(new Step.Replay(answer, false)) : plain(exchange, body);
  }

  /** The call without the agent, but for a publisher that must not be subscribed to twice. */
  private static Object[] plain(Exchange exchange, Body body) {
    Bridge.passing(body.attempt());
    try {
      HttpResponse<Object> response = exchange.client().send(body.attempt(), exchange.handler());
      return new Object[] {KeptResponse.seen(response, body, false), null};
    } catch (Throwable thrown) {
      return new Object[] {null, thrown};
    } finally {
      Bridge.passing(null);
    }
  }
}
