package dev.paceline.jdkhttp;

import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Decides how the body of a request is read ahead, if at all. */
final class BodySource {
  /** The largest body that is read ahead, and the largest copy of one. */
  static final int MOST = 8 << 20;

  private static final byte[] EMPTY = {};
  private static final String PREFIX = "jdk.internal.net.http.RequestPublishers$";

  /** In memory: subscribing again publishes the same bytes at once. */
  private static final Set<String> IN_MEMORY =
      Set.of(PREFIX + "ByteArrayPublisher", PREFIX + "StringPublisher", PREFIX + "EmptyPublisher");

  private static final String FILE = PREFIX + "FilePublisher";

  private final Exchange exchange;
  private long length;

  BodySource(Exchange exchange) {
    this.exchange = exchange;
  }

  /** The body when it is at hand; null: it must be read through an {@link #opaque} one. */
  @Nullable AttemptBody atHand() {
    HttpRequest request = exchange.request();
    BodyPublisher publisher = request.bodyPublisher().orElse(null);
    if (publisher == null) {
      return AttemptBody.own(request, EMPTY, true);
    }
    String type = publisher.getClass().getName();
    boolean inMemory = IN_MEMORY.contains(type);
    boolean again = inMemory || type.equals(FILE);
    boolean unread = request.expectContinue() || !json(request.headers());
    if (!again && (unread || exchange.observes())) {
      return AttemptBody.own(request, null, false); // not even its length is asked for
    }
    try {
      length = publisher.contentLength();
    } catch (RuntimeException ofTheApplication) {
      return AttemptBody.own(
          request, null, false); // the client asks, too, and fails as it would alone
    }
    if (length == 0) {
      return AttemptBody.own(request, EMPTY, true); // the client does not even subscribe
    }
    if (unread || length > MOST) {
      return AttemptBody.own(request, null, again);
    }
    if (!inMemory) {
      return null;
    }
    byte[] bytes = exchange.content().read(publisher);
    return AttemptBody.own(request, bytes != null ? bytes : collect(publisher, (int) length), true);
  }

  /** A body that was not at hand. */
  OpaqueBody opaque() {
    HttpRequest request = exchange.request();
    return new OpaqueBody(request, request.bodyPublisher().orElseThrow(), length, exchange.pool());
  }

  /** Whether the publisher reads its source anew for each subscriber. */
  static boolean rereadable(BodyPublisher publisher) {
    return publisher.getClass().getName().equals(FILE);
  }

  /** JSON, not compressed, or of a type that nobody says. */
  private static boolean json(HttpHeaders of) {
    HeaderView headers = new HeaderView(of);
    String encoding = headers.first("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return false;
    }
    String type = headers.first("Content-Type");
    return type == null
        || type.regionMatches(true, 0, "application/json", 0, 16)
        || type.toLowerCase(Locale.ROOT).contains("json");
  }

  private static byte @Nullable [] collect(BodyPublisher publisher, int length) {
    Collector collector = new Collector(length);
    publisher.subscribe(collector);
    return collector.done ? collector.bytes : null;
  }

  /** Takes the bytes of a publisher that publishes within {@code subscribe}. */
  private static final class Collector implements Flow.Subscriber<java.nio.ByteBuffer> {
    final byte[] bytes;
    private int size;
    boolean done;

    Collector(int length) {
      bytes = new byte[length];
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(java.nio.ByteBuffer item) {
      int n = item.remaining();
      item.get(bytes, size, n);
      size += n;
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {
      done = size == bytes.length;
    }
  }

  static List<java.nio.ByteBuffer> asItems(byte[] bytes, int size) {
    return size == 0
        ? List.of()
        : List.of(java.nio.ByteBuffer.wrap(bytes, 0, size).slice().asReadOnlyBuffer());
  }
}
