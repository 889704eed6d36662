package dev.paceline.jdkhttp;

import dev.paceline.call.Course;
import dev.paceline.call.Step;
import dev.paceline.words.Answer;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of an error's body, has it judged, then throws the answer away or hands it, whole,
 * to the application's handler.
 */
final class ErrorBody implements BodySubscriber<Object>, Relay.Holder<List<ByteBuffer>> {
  private final Exchange exchange;
  private final Course course;
  private final ResponseInfo info;
  private final DecidingHandler attempt;
  private final Relay<List<ByteBuffer>> relay = new Relay<>(this);
  private final CompletableFuture<Object> body = new CompletableFuture<>();
  private final List<List<ByteBuffer>> head = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private volatile @Nullable Runnable cancelAlarm;

  ErrorBody(Exchange exchange, Course course, ResponseInfo info, DecidingHandler attempt) {
    this.exchange = exchange;
    this.course = course;
    this.info = info;
    this.attempt = attempt;
  }

  /** Starts the time within which the body must be here. */
  void watch() {
    Executor executor = exchange.executor();
    cancelAlarm =
        exchange
            .calls()
            .timer()
            .at(
                exchange.calls().clock().nanos() + Course.MOST_BODY_NANOS,
                () -> executor.execute(relay::stop));
  }

  @Override
  public CompletionStage<Object> getBody() {
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
    relay.onError(failure);
  }

  @Override
  public void onComplete() {
    relay.onComplete();
  }

  @Override
  public boolean hold(List<ByteBuffer> item) {
    for (ByteBuffer buffer : item) {
      byte[] part = new byte[Math.min(buffer.remaining(), Course.MOST_BODY - bytes.size())];
      buffer.duplicate().get(part);
      bytes.writeBytes(part);
      if (part.length < buffer.remaining()) {
        return false;
      }
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
    if (!attempt.claim()) {
      relay.drop(); // the client has failed or was interrupted meanwhile
      return;
    }
    Step step = DecidingHandler.DELIVER;
    try {
      Runnable alarm = cancelAlarm;
      if (alarm != null) {
        alarm.run();
      }
      step =
          course.answered(
              new Answer(
                  info.statusCode(), new HeaderView(info.headers()), bytes.toByteArray(), complete),
              0);
    } catch (Throwable t) {
      exchange.calls().fault("jdk", t);
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

  @SuppressWarnings("NullAway") // nobody is shown this response, its body least of all
  private void completeWithNothing() {
    body.complete(null);
  }

  private void deliver(boolean stopSdk) {
    BodySubscriber<Object> to;
    try {
      to = Objects.requireNonNull(exchange.handler().apply(stopSdk ? stopping() : info));
    } catch (Throwable thrown) {
      relay.drop();
      body.completeExceptionally(thrown);
      return;
    }
    relay.attach(
        TappedSubscriber.around(to, course.tap(info.statusCode(), new HeaderView(info.headers()))),
        head);
    // Elsewhere: getBody may block until the body, which this thread brings, is read
    // (BodySubscribers.mapping over ofInputStream).
    exchange.executor().execute(() -> pipe(to, body));
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
