package dev.paceline.jdkhttp;

import dev.paceline.call.BodyTap;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The application's body subscriber, with a tap that sees what it is given: the same buffers, the
 * same demand, the same signals on the same threads.
 */
final class TappedSubscriber implements BodySubscriber<Object> {
  private final BodySubscriber<Object> to;
  private final BodyTap tap;

  private TappedSubscriber(BodySubscriber<Object> to, BodyTap tap) {
    this.to = to;
    this.tap = tap;
  }

  /**
   * The subscriber to hand to the client.
   *
   * @param to null when the application's handler returned none, which the client is left to report
   */
  static BodySubscriber<Object> around(BodySubscriber<Object> to, @Nullable BodyTap tap) {
    if (tap == null) {
      return to;
    }
    if (to == null) {
      tap.end(false);
      return to;
    }
    return new TappedSubscriber(to, tap);
  }

  /** The application's subscriber. */
  BodySubscriber<Object> theirs() {
    return to;
  }

  @Override
  public CompletionStage<Object> getBody() {
    return to.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    to.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long n) {
            subscription.request(n);
          }

          @Override
          public void cancel() {
            tap.end(false);
            subscription.cancel();
          }
        });
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    for (ByteBuffer buffer : item) {
      tap.bytes(buffer);
    }
    to.onNext(item);
  }

  @Override
  public void onError(Throwable failure) {
    tap.end(false);
    to.onError(failure);
  }

  @Override
  public void onComplete() {
    tap.end(true);
    to.onComplete();
  }
}
