package dev.paceline.call;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How many calls may wait in this JVM at once, and how many bytes their bodies may take. */
final class QueueCapacity {
  private final Policies policies;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  QueueCapacity(Policies policies) {
    this.policies = policies;
  }

  /** Takes a place for a call whose body has so many bytes; false when there is no room. */
  boolean take(long body) {
    if (calls.incrementAndGet() > policies.queueMax()) {
      calls.decrementAndGet();
      return false;
    }
    // One body alone always fits, however small the heap.
    if (bytes.addAndGet(body) > policies.queueBytes() && bytes.get() > body) {
      give(body);
      return false;
    }
    return true;
  }

  void give(long body) {
    calls.decrementAndGet();
    bytes.addAndGet(-body);
  }

  int calls() {
    return calls.get();
  }

  long bytes() {
    return bytes.get();
  }
}
