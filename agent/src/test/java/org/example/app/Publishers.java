package org.example.app;

import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/** Body publishers as applications write them. Not the agent's package: their faults are theirs. */
public final class Publishers {
  private Publishers() {}

  /** How often it was subscribed to, and what becomes of each. */
  public static final class Counting implements BodyPublisher {
    public final AtomicInteger subscribed = new AtomicInteger();
    private final BodyPublisher body;
    private final long length;
    private final boolean once;

    public Counting(String text, long length, boolean once) {
      this.body = BodyPublishers.ofString(text);
      this.length = length;
      this.once = once;
    }

    @Override
    public long contentLength() {
      return length;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      if (subscribed.incrementAndGet() > 1 && once) {
        throw new IllegalStateException("one subscriber only");
      }
      body.subscribe(subscriber);
    }
  }

  /** Nobody can say how long it is. */
  public static BodyPublisher lengthThrows() {
    return new BodyPublisher() {
      @Override
      public long contentLength() {
        throw new IllegalStateException("mine");
      }

      @Override
      public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        BodyPublishers.ofString("{}").subscribe(subscriber);
      }
    };
  }

  /** Fails in subscribe, after it has published everything or before anything. */
  public static BodyPublisher subscribeThrows(boolean afterAll) {
    return new BodyPublisher() {
      @Override
      public long contentLength() {
        return 13;
      }

      @Override
      public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        if (afterAll) {
          BodyPublishers.ofString("{\"model\":\"m\"}").subscribe(subscriber);
        }
        throw new IllegalStateException("mine");
      }
    };
  }
}
