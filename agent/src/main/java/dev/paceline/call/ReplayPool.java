package dev.paceline.call;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The one bound on the heap that copies of request bodies take, whichever client sends them. */
public final class ReplayPool {
  /** One body's share at most, in bytes. */
  public static final int MOST_BODY = 8 << 20;

  private final LongSupplier most;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param most bytes for all copies together; asked each time, for it can be configured anew
   */
  public ReplayPool(LongSupplier most) {
    this.most = most;
  }

  /** Takes so many bytes; false when they are not there. */
  public boolean take(long bytes) {
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

  public void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Bytes that are taken now. */
  public long used() {
    return used.get();
  }
}
