package dev.paceline.limit;

import java.util.ArrayDeque;

/**
 * What others have used of a rolling window, by the time at which they did: what our own charges do
 * not explain of {@code remaining}'s fall comes back when it is as old as the window, as our own
 * does. Without it, who found a window filled by others could only send a call every few seconds to
 * find out, and most of these met a 429.
 *
 * <p>Likewise what was ours and turned out not to be counted, which must not come back. Units are
 * millionths.
 */
final class ExternalUsage {
  /** Parts by age in which a window is followed: a second of a minute each. */
  private static final int PARTS_A_WINDOW = 60;

  private final ArrayDeque<Part> parts = new ArrayDeque<>();
  private long grain = Exact.SECOND;

  private static final class Part {
    final long since;
    long until;
    long amount;

    Part(long at) {
      since = at;
      until = at;
    }
  }

  /** Forgets all; from now on for windows of this length. */
  void clear(long window) {
    parts.clear();
    grain = Math.max(1, window / PARTS_A_WINDOW);
  }

  /** So much was taken, at some time between {@code from} and {@code to}: evenly, at a guess. */
  void took(long from, long to, long amount) {
    long steps = Exact.clamp((to - from) / grain, 1, PARTS_A_WINDOW);
    for (long i = 1; i <= steps; i++) {
      long at = to - (to - from) / steps * (steps - i);
      took(at, i < steps ? amount / steps : amount - amount / steps * (steps - 1));
    }
  }

  private void took(long at, long amount) {
    if (amount <= 0) {
      return;
    }
    Part last = parts.peekLast();
    if (last == null || at - last.since >= grain) {
      last = new Part(at);
      parts.addLast(last);
    }
    last.until = Math.max(last.until, at);
    last.amount += amount;
  }

  /**
   * So much of the oldest has come back earlier than thought.
   *
   * @return how much of it there was not
   */
  long back(long amount) {
    long left = amount;
    while (left > 0 && !parts.isEmpty()) {
      Part oldest = parts.getFirst();
      long part = Math.min(left, oldest.amount);
      oldest.amount -= part;
      left -= part;
      if (oldest.amount == 0) {
        parts.removeFirst();
      }
    }
    return left;
  }

  /** What was taken until then, which is forgotten. */
  long upTo(long time) {
    long gone = 0;
    while (!parts.isEmpty() && parts.getFirst().until - time <= 0) {
      gone += parts.removeFirst().amount;
    }
    return gone;
  }

  /** What was taken and has not come back. */
  long total() {
    long total = 0;
    for (Part part : parts) {
      total += part.amount;
    }
    return total;
  }

  /** The instant at which all of the oldest had been taken; far off when nothing was. */
  long first() {
    return parts.isEmpty() ? Exact.NEVER : parts.getFirst().until;
  }
}
