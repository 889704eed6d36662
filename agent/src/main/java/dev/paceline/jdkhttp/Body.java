package dev.paceline.jdkhttp;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * The body of a call as it is going to be sent.
 *
 * @param attempt what every attempt sends: the application's own request object, or a copy of it
 *     with a publisher that can be read again
 * @param bytes the body; null when it was not read ahead
 * @param replayable whether {@code attempt} can be sent again with identical bytes
 * @param original the application's publisher when {@code attempt} has another one
 * @param atEnd gives back what the copy holds
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier within one call, never compared
record Body(
    HttpRequest attempt,
    byte @Nullable [] bytes,
    boolean replayable,
    @Nullable BodyPublisher original,
    Runnable atEnd) {
  private static final Runnable NOTHING = () -> {};

  /** The application's own request, sent as it is. */
  static Body own(HttpRequest request, byte @Nullable [] bytes, boolean replayable) {
    return new Body(request, bytes, replayable, null, NOTHING);
  }

  /** The request of a response as the application would see it. */
  HttpRequest seen(HttpResponse<?> response) {
    HttpRequest request = response.request();
    BodyPublisher own = original;
    if (own == null
        || request.bodyPublisher().isEmpty()
        || !request.bodyPublisher().equals(attempt.bodyPublisher())) {
      return request;
    }
    return with(request, own);
  }

  /** The same request with another publisher. */
  static HttpRequest with(HttpRequest request, BodyPublisher publisher) {
    return HttpRequest.newBuilder(request, (name, value) -> true)
        .method(request.method(), publisher)
        .build();
  }
}
