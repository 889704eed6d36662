package dev.paceline.call;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The usual time to an answer of one scope: the 95th percentile of the last 64 served attempts,
 * from sending to headers.
 */
final class AnswerTimes {
  private static final int SIZE = 64;

  private final AtomicLongArray ring = new AtomicLongArray(SIZE);
  private final AtomicInteger count = new AtomicInteger();

  void add(long nanos) {
    ring.set(Math.floorMod(count.getAndIncrement(), SIZE), Math.max(0, nanos));
  }

  /**
   * Nanoseconds; 0 while nothing was served. Computed on demand: only a call that is about to wait
   * asks.
   */
  long p95() {
    int n = Math.min(SIZE, count.get());
    if (n <= 0) {
      return 0;
    }
    long[] sorted = new long[n];
    for (int i = 0; i < n; i++) {
      sorted[i] = ring.get(i);
    }
    Arrays.sort(sorted);
    return sorted[Math.min(n - 1, (int) Math.ceil(n * 0.95) - 1)];
  }
}
