package dev.paceline.limit;

import java.util.ArrayDeque;

/**
 * How many attempts may be on the way that nobody has said anything about. It grows with every
 * answer, and with every attempt that has not been rejected within half a second: a rejection takes
 * a tenth of a second, an answer up to a minute, so a permit that is still silent was admitted.
 */
final class SlowStart {
  /** A wave of four is what a limit of 5 RPM bears and a first header needs. */
  private static final int FIRST_WAVE = 4;

  /** Permits: after a limit answer so many may be unconfirmed at least. */
  private static final int MIN_WINDOW = 2;

  /**
   * Permits in the first stage after an overload, as many as where no header shows a limit: without
   * it 213 of 300 left within 100 ms.
   */
  private static final int AFTER_OVERLOAD = 16;

  /** Served in a row, these end the careful beginning after a limit answer that told nothing. */
  private static final int PROVED_WINDOW = 64;

  /** Nanoseconds between two calls in that beginning: 18 a second. */
  private static final long RECOVERY_GAP = 55 * Exact.MILLI;

  /** Permits: beyond this it holds nobody back, and permits are not followed any more. */
  private static final int MAX_WINDOW = 4_096;

  /**
   * Nanoseconds of silence after which a request counts as admitted: a rejection takes a tenth of a
   * second. 250 ms doubles the 429s of sub-window limits.
   */
  static final long ADMITTED_AFTER = 500 * Exact.MILLI;

  /**
   * A scope of which nothing is known holds no call for longer than this: two seconds are promised,
   * of which a JVM that has just begun needs a third of one for itself.
   */
  static final long MAX_PROBE_DELAY = 1_650 * Exact.MILLI;

  /** An answer whose headers are here is judged within this time, even in a JVM just begun. */
  private static final long READING_TIME = 300 * Exact.MILLI;

  /** Waiting calls that are no burst. */
  private static final int NO_BURST = 8;

  /** While the spacing shrinks, a call that waits looks again after this time. */
  private static final long RETRY_AFTER = 20 * Exact.MILLI;

  /** A call counts as having waited for so long when it comes. */
  private static final long MIN_WAITED = 50 * Exact.MILLI;

  private final ArrayDeque<Permit> order = new ArrayDeque<>();
  private int window = FIRST_WAVE;

  /** The least time between two while calls come back, in nanoseconds. */
  private long gap;

  /** The window with which an overload is over; 0 when there was none. */
  private int restored;

  private int open;
  private boolean bySilence;
  private long lastLeft;

  /** Whether an answer was served without a word of limits, as all of its kind may be. */
  private boolean noLimitHeaders;

  private long readingUntil;

  SlowStart(long now) {
    readingUntil = now;
  }

  /**
   * No faster than answers confirm: a first wave, then what has been confirmed, or the queue spread
   * over the rest of the time that a call may be held for want of knowledge, the later the faster.
   * Whoever waits longest leaves at the end of it at the latest.
   *
   * @param waiting calls that wait, this one included
   * @param since when this call began to wait
   * @param limitsKnown whether an answer has told of a limit, or that there is one
   * @param fits whether headers show room for all that waits
   */
  long earliest(long now, int waiting, long since, boolean limitsKnown, boolean fits) {
    if (recovers()) {
      return staged(now);
    }
    long waited = Math.max(now - since, MIN_WAITED);
    if (waited >= MAX_PROBE_DELAY) {
      return now;
    }
    if (!limitsKnown && readingUntil - now > 0) {
      return Math.min(readingUntil, since + MAX_PROBE_DELAY);
    }
    if (fits) {
      return now;
    }
    long slow = limitsKnown ? earliest(now) : spread(now);
    if (slow - now <= 0 && !(noLimitHeaders && waiting > NO_BURST)) {
      return now;
    }
    slow = Math.max(slow, now + Exact.MILLI);
    long next = lastLeft + spacing(waited, waiting);
    if (next - now <= 0) {
      return now;
    }
    long soon =
        Math.min(Math.min(next, now + RETRY_AFTER), Math.min(slow, since + MAX_PROBE_DELAY));
    return Math.max(now + Exact.MILLI, soon);
  }

  /**
   * The number sent grows with the fourth power of time, four fifths of it in the last third: most
   * answers, and the first limit's, come before that, and even then there is no herd. Linearly
   * where an answer has come without a word of limits.
   */
  private long spacing(long waited, int waiting) {
    int calls = Math.max(1, waiting);
    if (noLimitHeaders) {
      return (long) ((double) (MAX_PROBE_DELAY - waited) / calls);
    }
    double part = (double) waited / MAX_PROBE_DELAY;
    double slope = part * part * part;
    double spacing = MAX_PROBE_DELAY * (1 - slope * part) / (4 * slope * calls);
    return (long) Math.min(spacing, MAX_PROBE_DELAY);
  }

  /** An answer's headers are here, and are being read. */
  void reading(long now) {
    readingUntil = now + READING_TIME;
  }

  /** They are read. */
  void read(long now) {
    readingUntil = now;
  }

  /** An answer was served; whether it said nothing of limits. */
  void served(boolean withoutLimits) {
    noLimitHeaders |= withoutLimits;
  }

  private long earliest(long now) {
    confirm(now);
    if (open < window || order.isEmpty()) {
      return now;
    }
    return order.getFirst().sent + ADMITTED_AFTER;
  }

  /**
   * Likewise where nothing but silence has confirmed so far: not all at once when the first wave's
   * time is up, for its 429 may still be on the way.
   */
  private long spread(long now) {
    long free = earliest(now);
    return bySilence ? Math.max(free, lastLeft + ADMITTED_AFTER / window) : free;
  }

  /** Likewise after an overload: one after the other, not all of a stage at once. */
  private long staged(long now) {
    long free = earliest(now);
    return gap > 0
        ? Math.max(now, lastLeft + gap)
        : Math.max(free, lastLeft + ADMITTED_AFTER / window);
  }

  void left(Permit permit) {
    // Here, too: where headers show room nobody asks, and all attempts would be kept.
    confirm(permit.sent);
    lastLeft = permit.sent;
    if (window >= MAX_WINDOW) {
      permit.open = false;
      return;
    }
    order.addLast(permit);
    open++;
  }

  /** The permit was answered, by whatever but a limit. */
  void confirmed(Permit permit) {
    bySilence = false;
    if (close(permit)) {
      grow();
    }
  }

  /** The permit was rejected, or lost. */
  void rejected(Permit permit) {
    close(permit);
  }

  /** A limit was hit: half of what is open. Once a flight. */
  void shrink(int most) {
    window = Math.max(MIN_WINDOW, Math.min(most, open / 2));
  }

  /** The provider was overloaded: what was open comes back in stages. Once a flight. */
  void overloaded() {
    restored = Math.max(restored, Math.min(open, MAX_WINDOW));
    shrink(AFTER_OVERLOAD);
  }

  /**
   * A limit of which nothing is known but that it was hit: who waits leaves one by one, 18 a second
   * at most, until some have been served.
   */
  void unknownLimit() {
    restored = Math.max(restored, PROVED_WINDOW);
    gap = RECOVERY_GAP;
  }

  /** Whether calls still come back after an overload, or a limit that is not known. */
  private boolean recovers() {
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
    window = FIRST_WAVE;
  }

  int followed() {
    return order.size();
  }

  private void confirm(long now) {
    for (Permit first = order.peekFirst();
        first != null && (!first.open || now - first.sent >= ADMITTED_AFTER);
        first = order.peekFirst()) {
      order.removeFirst();
      if (close(first)) {
        bySilence = true;
        grow();
      }
    }
  }

  private boolean close(Permit permit) {
    if (!permit.open) {
      return false;
    }
    permit.open = false;
    open--;
    return true;
  }

  private void grow() {
    window = Math.min(window + 1, MAX_WINDOW);
  }
}
