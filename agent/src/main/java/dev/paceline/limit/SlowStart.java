package dev.paceline.limit;

import java.util.ArrayDeque;

/**
 * How many attempts may be on the way that nobody has said anything about. It grows with every
 * answer, and with every attempt that has not been rejected within half a second: a rejection takes
 * a tenth of a second, an answer up to a minute, so an attempt that is still silent was admitted.
 */
final class SlowStart {
  /** A wave of four is what a limit of 5 RPM bears and a first header needs. */
  private static final int FIRST = 4;

  private static final int LEAST = 2;

  /** Most in the first stage after an overload: as many as where no header shows a limit. */
  private static final int AFTER_OVERLOAD = 16;

  /** So many served in a row make a limit that is not known no matter of slow start any more. */
  private static final int SERVED_ENOUGH = 64;

  private static final long LEAST_GAP = 55 * Exact.MILLI;

  /** Beyond this it holds nobody back, and attempts are not followed any more. */
  private static final int ENOUGH = 4_096;

  /** Silent for so long is admitted. */
  static final long SILENT = 500 * Exact.MILLI;

  private final ArrayDeque<Permit> order = new ArrayDeque<>();
  private int window = FIRST;

  /** The least time between two while calls come back, in nanoseconds. */
  private long gap;

  /** The window with which an overload is over; 0 when there was none. */
  private int restored;

  private int open;
  private boolean bySilence;
  private long lastLeft;

  long earliest(long now) {
    confirm(now);
    if (open < window || order.isEmpty()) {
      return now;
    }
    return order.getFirst().sent + SILENT;
  }

  /**
   * Likewise where nothing but silence has confirmed so far: not all at once when the first wave's
   * time is up, for its 429 may still be on the way.
   */
  long spread(long now) {
    long free = earliest(now);
    return bySilence ? Math.max(free, lastLeft + SILENT / window) : free;
  }

  /** Likewise after an overload: one after the other, not all of a stage at once. */
  long staged(long now) {
    long free = earliest(now);
    return gap > 0 ? Math.max(now, lastLeft + gap) : Math.max(free, lastLeft + SILENT / window);
  }

  void left(Permit attempt) {
    // Here, too: where headers show room nobody asks, and all attempts would be kept.
    confirm(attempt.sent);
    lastLeft = attempt.sent;
    if (window >= ENOUGH) {
      attempt.open = false;
      return;
    }
    order.addLast(attempt);
    open++;
  }

  /** The attempt was answered, by whatever but a limit. */
  void confirmed(Permit attempt) {
    bySilence = false;
    if (close(attempt)) {
      grow();
    }
  }

  /** The attempt was rejected, or lost. */
  void rejected(Permit attempt) {
    close(attempt);
  }

  /** A limit was hit: half of what is open. Once a flight. */
  void shrink(int most) {
    window = Math.max(LEAST, Math.min(most, open / 2));
  }

  /** The provider was overloaded: what was open comes back in stages. Once a flight. */
  void overloaded() {
    restored = Math.max(restored, Math.min(open, ENOUGH));
    shrink(AFTER_OVERLOAD);
  }

  /**
   * A limit of which nothing is known but that it was hit: who waits leaves one by one, 18 a second
   * at most, until some have been served.
   */
  void unknownLimit() {
    restored = Math.max(restored, SERVED_ENOUGH);
    gap = LEAST_GAP;
  }

  /** Whether calls still come back after an overload, or a limit that is not known. */
  boolean recovers() {
    if (window >= restored) {
      restored = 0;
      gap = 0;
    }
    return restored > 0;
  }

  /** Nobody need come back in stages any more, as when the agent is switched off. */
  void recovered() {
    restored = 0;
    gap = 0;
  }

  /** What was known of limits has proved wrong: from the beginning. */
  void again() {
    window = FIRST;
  }

  int followed() {
    return order.size();
  }

  private void confirm(long now) {
    for (Permit first = order.peekFirst();
        first != null && (!first.open || now - first.sent >= SILENT);
        first = order.peekFirst()) {
      order.removeFirst();
      if (close(first)) {
        bySilence = true;
        grow();
      }
    }
  }

  private boolean close(Permit attempt) {
    if (!attempt.open) {
      return false;
    }
    attempt.open = false;
    open--;
    return true;
  }

  private void grow() {
    window = Math.min(window + 1, ENOUGH);
  }
}
