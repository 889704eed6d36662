package dev.paceline.jdkhttp;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import org.jspecify.annotations.Nullable;

/**
 * The body of a call as it is going to be sent.
 *
 * @param attempt what every attempt sends: the application's own request object, or a copy of it
 *     with a publisher that can be read again
 * @param bytes the body; null when it was not read ahead
 * @param replayable whether {@code attempt} can be sent again with identical bytes
 * @param atEnd gives back what the copy holds
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier within one call, never compared
record AttemptBody(
    HttpRequest attempt, byte @Nullable [] bytes, boolean replayable, Runnable atEnd) {
  /** A publisher of ours in the place of the application's. */
  interface Ours extends BodyPublisher {
    BodyPublisher applications();
  }

  private static final Runnable NOTHING = () -> {};

  /** The application's own request, sent as it is. */
  static AttemptBody own(HttpRequest request, byte @Nullable [] bytes, boolean replayable) {
    return new AttemptBody(request, bytes, replayable, NOTHING);
  }

  /** Whether the application's own request must not be sent: its body has been read. */
  boolean replaced() {
    return attempt.bodyPublisher().orElse(null) instanceof Ours;
  }

  /** The same request with another publisher. */
  static HttpRequest with(HttpRequest request, BodyPublisher publisher) {
    return HttpRequest.newBuilder(request, (name, value) -> true)
        .method(request.method(), publisher)
        .build();
  }
}
