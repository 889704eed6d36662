package dev.paceline.jdkhttp;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The one bound on the heap that copies of request bodies take, in bytes. */
final class JdkReplayPool {
  private final LongSupplier most;
  private final AtomicLong used = new AtomicLong();

  JdkReplayPool(LongSupplier most) {
    this.most = most;
  }

  /** Takes so many bytes; false when they are not there. */
  boolean take(long bytes) {
    long bound = most.getAsLong();
    for (long now = used.get(); ; now = used.get()) {
      if (bytes > bound - now) {
        return false;
      }
      if (used.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }

  void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  long used() {
    return used.get();
  }
}
