package dev.paceline.okhttp.beside;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The one bound on the heap that copies of long request bodies take, in bytes. */
final class OkHttpReplayPool {
  /** One body's share at most: as the JDK client's. */
  static final long MOST_BODY = 8 << 20;

  private final LongSupplier most;
  private final AtomicLong used = new AtomicLong();

  OkHttpReplayPool(LongSupplier most) {
    this.most = most;
  }

  /** Takes so many bytes; false when they are not there. */
  boolean take(long bytes) {
    if (used.addAndGet(bytes) <= most.getAsLong()) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }
}
