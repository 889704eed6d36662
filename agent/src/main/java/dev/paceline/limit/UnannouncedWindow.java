package dev.paceline.limit;

/**
 * A limit that no header shows, counted in minutes that begin all at once: the waits that its limit
 * answers ask for end together, and two answers in a row came after as many requests. From then on
 * a minute is used when it begins, not evenly: who waits to its end may be gone by then, and what
 * is not used of it is lost. (Spread evenly, 1 % of the calls of an overload failed for that.)
 */
final class UnannouncedWindow {
  /** Waits are rounded up to seconds and have a jitter: ends so close to each other are one. */
  private static final long SAME_END = 3 * Exact.SECOND;

  /** Two limit answers came after as many requests when these differ by such a part, or by one. */
  private static final int SAME_COUNT_PARTS = 20;

  private long granted;
  private long end;
  private long used;
  private boolean agreed;

  /** A limit answer that says when the window ends, which had granted so many. */
  void told(long ends, long inWindow) {
    agreed = granted > 0 && Math.abs(inWindow - granted) <= Math.max(1, granted / SAME_COUNT_PARTS);
    granted = inWindow;
    end = ends;
  }

  /** One that asks for a short wait, as at the end of a window or from a bucket. */
  void limited(long now, long opens) {
    if (agreed) {
      advance(now);
      agreed = Math.abs(opens - end) < SAME_END;
      end = Math.max(end, opens);
    }
  }

  boolean agreed() {
    return agreed;
  }

  /** When the next one may leave, if a window grants so many. */
  long earliest(long now, long grants) {
    if (!agreed) {
      return now;
    }
    advance(now);
    // One at least: a window that grants none is none.
    return used >= Math.max(1, grants) ? end : now;
  }

  void left(long now) {
    if (agreed) {
      advance(now);
      used++;
    }
  }

  private void advance(long now) {
    if (now - end >= 0) {
      end += ((now - end) / Exact.MINUTE + 1) * Exact.MINUTE;
      used = 0;
    }
  }

  void clear() {
    agreed = false;
    granted = 0;
  }
}
