package dev.paceline.jdkhttp;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * A body that says whether the client has begun to send it. The client subscribes once it has a
 * connection, so that a failure before is one of the request's own address; after it, the request
 * may have been processed there and redirected to an address that is down.
 */
final class Watched implements AttemptBody.Ours {
  private final BodyPublisher to;
  private volatile boolean begun;

  Watched(BodyPublisher to) {
    this.to = to;
  }

  boolean begun() {
    return begun;
  }

  @Override
  public BodyPublisher applications() {
    return to instanceof AttemptBody.Ours ours ? ours.applications() : to;
  }

  @Override
  public long contentLength() {
    return to.contentLength();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    begun = true;
    to.subscribe(subscriber);
  }
}
