package dev.paceline.jdkhttp;

import dev.paceline.call.BodyTap;
import dev.paceline.call.CallExecution;
import dev.paceline.call.FirstEvent;
import dev.paceline.call.Step;
import dev.paceline.words.ProviderResponse;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of an error's body, or of a stream that is held back until its first event; has it
 * judged, then throws the answer away or hands it, whole, to the application's handler.
 */
final class JdkErrorBody implements BodySubscriber<Object>, Relay.Holder<List<ByteBuffer>> {
  /** A failure is held up so long for another thread that is handing the body on. */
  private static final long MOST_PIPE_MILLIS = 250;

  private final Exchange exchange;
  private final CallExecution course;
  private final ResponseInfo info;
  private final DecidingHandler attempt;
  private final Relay<List<ByteBuffer>> relay = new Relay<>(this);
  private final CompletableFuture<Object> body = new CompletableFuture<>();
  private final List<List<ByteBuffer>> head = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final @Nullable FirstEvent first;
  private final AtomicBoolean piping = new AtomicBoolean();
  private final CompletableFuture<@Nullable Void> piped = new CompletableFuture<>();

  private final CompletableFuture<@Nullable Void> asked = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> judged = new CompletableFuture<>();

  /** Whether the client's thread that passes a failure on will ask for the subscriber's body. */
  private volatile boolean failing;

  private volatile @Nullable Runnable cancelAlarm;
  private volatile @Nullable BodySubscriber<Object> delivered;
  private @Nullable BodyTap tap;

  /**
   * @param first what the stream is held back for; null for an error
   */
  JdkErrorBody(
      Exchange exchange,
      CallExecution course,
      ResponseInfo info,
      DecidingHandler attempt,
      @Nullable FirstEvent first) {
    this.exchange = exchange;
    this.course = course;
    this.info = info;
    this.attempt = attempt;
    this.first = first;
  }

  /** Starts the time within which the body must be here. */
  void watch() {
    Executor executor = exchange.executor();
    cancelAlarm =
        exchange
            .calls()
            .timer()
            .at(
                exchange.calls().clock().nanos() + CallExecution.MOST_BODY_NANOS,
                () -> executor.execute(relay::stop));
  }

  @Override
  public CompletionStage<Object> getBody() {
    asked.complete(null);
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    relay.onSubscribe(subscription);
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    relay.onNext(item);
  }

  @Override
  public void onError(Throwable failure) {
    failing = true;
    relay.onError(failure);
    // By another thread, where one is still passing on what came before.
    await(judged);
    // The client may read before it asks for the body that it reads: then nobody would be told of
    // what comes of it below.
    await(asked);
    // The client ends the call with this failure as soon as this returns. Who reads a stream has
    // status and headers before the failure, and gets it while reading.
    BodySubscriber<Object> to = delivered;
    if (to == null) {
      return;
    }
    if (piping.compareAndSet(false, true)) {
      pipeWhatIsThere(to, failure);
      // The client's own failure comes first, as it does without the agent.
      exchange.executor().execute(() -> body.completeExceptionally(failure));
    } else {
      await(piped);
    }
  }

  private void pipeWhatIsThere(BodySubscriber<Object> to, Throwable failure) {
    try {
      to.getBody()
          .whenComplete(
              (value, thrown) -> {
                if (thrown == null) {
                  body.complete(value);
                } else {
                  failed(thrown, failure);
                }
              });
    } catch (Throwable thrown) {
      failed(thrown, failure);
    }
  }

  /** The client tells of its own failure itself; what the subscriber made of it is told here. */
  private void failed(Throwable thrown, Throwable failure) {
    Throwable told = thrown;
    while (told instanceof CompletionException && told.getCause() != null) {
      told = told.getCause();
    }
    if (told != failure) {
      body.completeExceptionally(thrown);
    }
  }

  private static void await(CompletableFuture<@Nullable Void> done) {
    try {
      done.get(MOST_PIPE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException late) {
      // The client's own failure ends the call, as it does without the agent in such a race.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void onComplete() {
    relay.onComplete();
  }

  @Override
  public boolean hold(List<ByteBuffer> item) {
    boolean enough = false;
    for (ByteBuffer buffer : item) {
      enough = first != null && first.enough(buffer);
      byte[] part = new byte[Math.min(buffer.remaining(), CallExecution.MOST_BODY - bytes.size())];
      buffer.duplicate().get(part);
      bytes.writeBytes(part);
      if (part.length < buffer.remaining()) {
        return false;
      }
    }
    if (enough) {
      return false;
    }
    head.add(item);
    return true;
  }

  @Override
  public void stopped() {
    judge(false);
  }

  @Override
  public void ended(@Nullable Throwable error) {
    judge(error == null);
  }

  private void judge(boolean complete) {
    try {
      if (attempt.claim()) {
        decide(complete);
      } else {
        relay.drop(); // the client has failed or was interrupted meanwhile
      }
    } finally {
      judged.complete(null);
    }
  }

  private void decide(boolean complete) {
    Step step = DecidingHandler.DELIVER;
    try {
      Runnable alarm = cancelAlarm;
      if (alarm != null) {
        alarm.run();
      }
      step = judged(complete);
    } catch (Throwable t) {
      exchange.fault(t);
    } finally {
      attempt.decide(step);
    }
    if (step instanceof Step.Deliver deliver) {
      deliver(deliver.stopSdk());
    } else {
      // Of a body that is not here yet, the rest is not waited for: the connection goes with it.
      relay.drop();
      head.clear();
      completeWithNothing();
    }
  }

  private Step judged(boolean complete) {
    HeaderView headers = new HeaderView(info.headers());
    ProviderResponse answer =
        new ProviderResponse(info.statusCode(), headers, bytes.toByteArray(), complete);
    Step step = first == null ? course.answered(answer, 0) : course.refused(first, answer, 0);
    if (step instanceof Step.Wait wait && !complete && exchange.follows()) {
      // Whether the request was redirected is known when its body has been thrown away.
      step = course.refused(wait.ticket());
    }
    if (step == null) {
      tap = course.tap(info.statusCode(), headers);
      course.served(info.statusCode(), headers, 0);
      return DecidingHandler.DELIVER;
    }
    if (step instanceof Step.Deliver) {
      tap = course.tap(info.statusCode(), headers);
    }
    return step;
  }

  @SuppressWarnings("NullAway") // nobody is shown this response, its body least of all
  private void completeWithNothing() {
    body.complete(null);
  }

  private void deliver(boolean stopSdk) {
    BodySubscriber<Object> to;
    try {
      to = Objects.requireNonNull(exchange.handler().apply(stopSdk ? stopping() : info));
    } catch (Throwable thrown) {
      if (tap != null) {
        tap.end(false);
      }
      relay.drop();
      body.completeExceptionally(thrown);
      return;
    }
    delivered = to;
    relay.attach(TappedSubscriber.around(to, tap), head);
    if (failing) {
      failInTime();
      return;
    }
    // Elsewhere: getBody may block until the body, which this thread brings, is read
    // (BodySubscribers.mapping over ofInputStream).
    exchange.executor().execute(() -> pipeOnce(to));
  }

  /** Also for a reader that asks for no more. */
  private void failInTime() {
    Executor executor = exchange.executor();
    exchange
        .calls()
        .timer()
        .at(
            exchange.calls().clock().nanos() + CallExecution.MOST_BODY_NANOS,
            () -> executor.execute(relay::fail));
  }

  private void pipeOnce(BodySubscriber<Object> to) {
    if (piping.compareAndSet(false, true)) {
      pipe(to, body);
      piped.complete(null);
    }
  }

  private ResponseInfo stopping() {
    return new Info(info.statusCode(), HeaderView.stopping(info.headers().map()), info.version());
  }

  /** Completes {@code to} as the subscriber's body. */
  static void pipe(BodySubscriber<Object> from, CompletableFuture<Object> to) {
    try {
      from.getBody()
          .whenComplete(
              (value, thrown) -> {
                if (thrown != null) {
                  to.completeExceptionally(thrown);
                } else {
                  to.complete(value);
                }
              });
    } catch (Throwable thrown) {
      to.completeExceptionally(thrown);
    }
  }
}
