package dev.paceline.jdkhttp;

import dev.paceline.call.ReplayPool;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Subscribes exactly once to a publisher that nobody knows, and copies what it publishes as long as
 * there is room. A body that was copied whole can be sent again; of any other, the copied part and
 * then the rest are sent, once.
 */
final class OpaqueBody implements Relay.Holder<ByteBuffer> {
  /**
   * A publisher that has not ended by then is not waited for: it may be a slow source, or wait for
   * the answer itself.
   */
  static final long MOST_NANOS = 1_000_000_000L;

  private static final int FIRST_STEP = 16 * 1024;

  private final HttpRequest request;
  private final BodyPublisher publisher;
  private final long declared;
  private final ReplayPool pool;
  private final Relay<ByteBuffer> relay = new Relay<>(this);
  private final AtomicLong taken = new AtomicLong();
  private final CompletableFuture<AttemptBody> ready = new CompletableFuture<>();
  private volatile @Nullable Thread subscribing;

  /** Published within {@code subscribe}, which has not returned yet. */
  private @Nullable AttemptBody whole;

  private byte[] buffer = {};
  private int size;

  /**
   * @param declared what the publisher says about its length
   */
  OpaqueBody(HttpRequest request, BodyPublisher publisher, long declared, ReplayPool pool) {
    this.request = request;
    this.publisher = publisher;
    this.declared = declared;
    this.pool = pool;
  }

  /** Completed as soon as it is clear how the body is going to be sent. Never fails. */
  CompletableFuture<AttemptBody> ready() {
    return ready;
  }

  void subscribe() {
    subscribing = Thread.currentThread();
    try {
      publisher.subscribe(relay);
    } catch (Throwable thrown) {
      // What the client would have caught: it catches it at our publisher now. It may be thrown
      // after all was published, and must not be lost then either.
      boolean published = whole != null;
      relay.drop();
      byte[] bytes = published ? Arrays.copyOf(buffer, size) : null;
      ready.complete(body(new Throwing(publisher, declared, bytes, thrown), null, false));
      return;
    } finally {
      subscribing = null;
    }
    AttemptBody read = whole;
    if (read != null) {
      ready.complete(read);
    }
  }

  /** Ends the reading ahead. */
  void stop() {
    relay.stop();
  }

  /** The call is over before it was sent. */
  void drop() {
    relay.drop();
    release();
  }

  @Override
  public boolean hold(ByteBuffer item) {
    int n = item.remaining();
    if (!room(n)) {
      return false;
    }
    item.duplicate().get(buffer, size, n);
    size += n;
    return true;
  }

  private boolean room(int more) {
    long needed = (long) size + more;
    if (needed > BodySource.MOST) {
      return false;
    }
    if (needed <= buffer.length) {
      return true;
    }
    long capacity = Math.max(Math.max(needed, FIRST_STEP), 2L * buffer.length);
    capacity = Math.min(declared > 0 && declared >= needed ? declared : capacity, BodySource.MOST);
    // For a moment there are two copies; both are heap.
    if (!pool.take(capacity)) {
      return false;
    }
    long old = buffer.length;
    buffer = Arrays.copyOf(buffer, (int) capacity);
    pool.giveBack(old);
    taken.addAndGet(capacity - old);
    return true;
  }

  @Override
  public void stopped() {
    if (BodySource.rereadable(publisher)) {
      relay.drop();
      release();
      ready.complete(AttemptBody.own(request, null, true));
    } else {
      ready.complete(body(new Once(), null, false));
    }
  }

  @Override
  public void ended(@Nullable Throwable error) {
    if (error != null) {
      stopped();
      return;
    }
    byte[] bytes = buffer;
    if (size < bytes.length) {
      bytes = Arrays.copyOf(bytes, size);
      long trimmed = buffer.length - size;
      buffer = bytes;
      taken.addAndGet(-trimmed);
      pool.giveBack(trimmed);
    }
    AttemptBody read = body(new Copy(publisher, declared, bytes), bytes, true);
    if (Thread.currentThread() == subscribing) {
      whole = read;
    } else {
      ready.complete(read);
    }
  }

  private AttemptBody body(BodyPublisher replacement, byte @Nullable [] bytes, boolean replayable) {
    return new AttemptBody(
        AttemptBody.with(request, replacement),
        bytes,
        replayable,
        replacement instanceof Once once ? () -> once.end() : this::release);
  }

  private void release() {
    pool.giveBack(taken.getAndSet(0));
  }

  /** The whole body, as often as it is wanted, with the length that the application declared. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Copy(BodyPublisher applications, long contentLength, byte[] bytes)
      implements AttemptBody.Ours {
    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      BodyPublishers.ofByteArray(bytes).subscribe(subscriber);
    }
  }

  /**
   * Fails as the application's publisher did.
   *
   * @param bytes what was published before; null when not all was
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Throwing(
      BodyPublisher applications, long contentLength, byte @Nullable [] bytes, Throwable thrown)
      implements AttemptBody.Ours {
    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      if (bytes != null) {
        BodyPublishers.ofByteArray(bytes).subscribe(subscriber);
      }
      Throwing.<RuntimeException>sneak(thrown);
    }

    @SuppressWarnings("unchecked") // rethrows whatever it was, without a wrapper
    private static <T extends Throwable> void sneak(Throwable t) throws T {
      throw (T) t;
    }
  }

  /** The copied part and the rest, once. */
  private final class Once implements AttemptBody.Ours {
    private final AtomicBoolean subscribed = new AtomicBoolean();

    @Override
    public BodyPublisher applications() {
      return publisher;
    }

    @Override
    public long contentLength() {
      return declared;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      if (subscribed.compareAndSet(false, true)) {
        byte[] head = buffer;
        buffer = new byte[0];
        relay.attach(subscriber, BodySource.asItems(head, size));
      } else {
        publisher.subscribe(subscriber); // the client repeats by itself: its own business
      }
    }

    void end() {
      if (subscribed.compareAndSet(false, true)) {
        relay.drop();
      }
      release();
    }
  }
}
