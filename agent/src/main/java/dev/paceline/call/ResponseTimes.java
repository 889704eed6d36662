package dev.paceline.call;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The usual time to an answer of one scope, from sending to headers: the smaller of the 97th
 * percentile and three times the 90th of the last 64 served attempts.
 *
 * <p>Under overload every call is sent at the last instant that this allows: with the 95th
 * percentile the answers of 2.7 % of them came when their caller had gone, with the 97th 1.6 %
 * ({@code over/deadline30} in {@code docs/simulation.md}). But the 97th of few samples is the
 * slowest, and one answer of 30 s made every call with that timeout refuse to wait for a second;
 * hence the bound by a percentile that a tenth of all answers cannot move.
 */
final class ResponseTimes {
  private static final int SIZE = 64;

  /** How far the 97th percentile may lie beyond the 90th and still be believed. */
  private static final long SPREAD = 3;

  private final AtomicLongArray ring = new AtomicLongArray(SIZE);
  private final AtomicInteger count = new AtomicInteger();

  void add(long nanos) {
    ring.set(Math.floorMod(count.getAndIncrement(), SIZE), Math.max(0, nanos));
  }

  /** Nanoseconds; 0 while nothing was served. */
  long p97() {
    int n = count.get() < 0 ? SIZE : Math.min(SIZE, count.get());
    if (n == 0) {
      return 0;
    }
    // Of less than ten one may be slow, too: a first answer often is.
    long[] slowest = new long[n == 1 ? 1 : Math.max(1, n / 10) + 1];
    for (int i = 0; i < n; i++) {
      long time = ring.get(i);
      for (int rank = 0; rank < slowest.length && time > 0; rank++) {
        if (time > slowest[rank]) {
          long faster = slowest[rank];
          slowest[rank] = time;
          time = faster;
        }
      }
    }
    // Of up to 33 the slowest is the 97th percentile, of 34 and more the second slowest.
    long p97 = slowest[n / 34];
    long p90 = slowest[slowest.length - 1];
    return Math.min(p97, p90 > Long.MAX_VALUE / SPREAD ? p97 : SPREAD * p90);
  }
}
