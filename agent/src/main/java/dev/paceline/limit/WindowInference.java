package dev.paceline.limit;

/**
 * What the figures of one limit tell about how it is counted: its kind, its window, and the end of
 * the current window. Each header narrows an interval; none is believed to the digit, because
 * {@code remaining} is cut to whole units and resets are often cut to whole seconds (at 1 of 300
 * used, the point estimate of a minute is anything from 40 to 60 s).
 */
final class WindowInference {
  /** Windows that providers use, in seconds. */
  private static final long[] ROUND_WINDOWS = {
    1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 86_400, 604_800,
    2_592_000
  };

  /** Nanoseconds: no provider counts in shorter windows. */
  private static final long MIN_WINDOW = Exact.SECOND * 9 / 10;

  /** Weight of the newest pair of headers in the score of a way of counting. */
  private static final double NEWEST_WEIGHT = 0.15;

  /** By so much another way of counting must score higher to be taken: of 0 to 1. */
  private static final double HYSTERESIS = 0.3;

  /** Nanoseconds by which a reset is cut where any had a fraction of a second; else a second. */
  private static final long FINE_GRAIN = 2 * Exact.MILLI;

  private WindowKind kind = WindowKind.TOKEN_BUCKET;
  private long window = 60 * Exact.SECOND;
  private boolean started;
  private boolean wholeSeconds = true;

  private long low;
  private long high = Exact.NEVER;
  private int misfits;
  private long otherLow;
  private long otherHigh;

  private double continuous;
  private double fixed;
  private double rolling;

  private boolean sampled;
  private long sampleSent;
  private long sampleReset;

  /** Whether the window's length was seen, not assumed. */
  private boolean windowSeen;

  /** Whether kind and window were told, so that no reset moves them. */
  private boolean stated;

  /** Samples in a row that a bucket of the whole limit does not explain. */
  private int contradicted;

  /** The first of them: when it was sent, its reset, and the bucket's windows that explain it. */
  private long oddSent;

  private long oddReset;
  private long oddLow;
  private long oddHigh;

  private final BurstCapacity burst = new BurstCapacity();

  WindowKind kind() {
    return kind;
  }

  long window() {
    return window;
  }

  /** How much later than it says a reset may be. */
  long grain() {
    return wholeSeconds ? Exact.SECOND : FINE_GRAIN;
  }

  /** Takes over what was known before a restart; the next headers may contradict it. */
  void recall(WindowKind known, long length) {
    kind = known;
    window = length;
    started = true;
    continuous = known == WindowKind.TOKEN_BUCKET ? 0.6 : 0;
    fixed = known == WindowKind.FIXED_WINDOW ? 0.6 : 0;
    rolling = known == WindowKind.SLIDING_WINDOW ? 0.6 : 0;
  }

  /**
   * The provider counts by its clock, every {@code length}: there is nothing to find out. In the
   * last seconds of a minute, its reset would look like that of a short window.
   *
   * @return whether kind or window is another one now
   */
  boolean byTheClock(long length) {
    if (stated && window == length) {
      return false;
    }
    recall(WindowKind.FIXED_WINDOW, length);
    windowSeen = true;
    stated = true;
    return true;
  }

  /**
   * Figures without a reset tell nothing of the window but what their header's name says.
   *
   * @return whether the window is another one now
   */
  boolean named(long length) {
    if (started || window == length) {
      return false;
    }
    window = length;
    return true;
  }

  boolean windowSeen() {
    return windowSeen;
  }

  /**
   * What the bucket holds when it is full, in units: less than the limit where a provider grants a
   * minute's rate, but not a minute's worth at once; 0 when it is the limit.
   */
  long capacity() {
    return kind == WindowKind.TOKEN_BUCKET ? burst.capacity() : 0;
  }

  /** A window was seen to begin {@code length} after the one before. */
  void rolledOver(long length) {
    long round = round(length, length - length / 20, length + length / 20);
    if (round > 0 && !stated) {
      window = round;
      windowSeen = true;
    }
  }

  /**
   * One header's figures.
   *
   * @param reset nanoseconds, not negative
   * @param assumed the window that the grammar assumes, in nanoseconds; 0 for none
   * @param slack units by which {@code remaining} may be too small
   * @return whether kind or window is another one now
   */
  boolean sample(long sent, long max, long remaining, long reset, long assumed, long slack) {
    if (reset % Exact.SECOND != 0) {
      wholeSeconds = false;
    }
    long usedHigh = max - remaining + (slack > 1 ? slack / 2 : 0);
    long usedLow = max - remaining - (slack > 1 ? slack / 2 : 1);
    if (usedHigh <= 0 || (remaining == 0 && reset == 0)) {
      return false; // nothing used, or nothing left and whole at once: no figure
    }
    // Cut by some, rounded up by others.
    long lowest = Exact.mulDiv(Math.max(0, reset - grain()), max, usedHigh);
    long highest = usedLow <= 0 ? Exact.NEVER : Exact.mulDiv(reset + grain(), max, usedLow);
    long usual = assumed > 0 ? assumed : 60 * Exact.SECOND;
    boolean first = !started;
    // A window explains what no bucket of the whole limit does: then that is no proof of a small
    // one.
    int unexplained = kind == WindowKind.TOKEN_BUCKET ? contradicted : 0;
    boolean small =
        burst.sample(
            max, remaining, reset, grain(), usual, first && highest < MIN_WINDOW, unexplained);
    if (small) {
      boolean known =
          started && kind == WindowKind.TOKEN_BUCKET && window == usual && !burst.changed();
      started = true;
      kind = WindowKind.TOKEN_BUCKET;
      continuous = 0.6;
      fixed = 0;
      rolling = 0;
      window = usual;
      windowSeen = true;
      low = usual;
      high = usual;
      remember(sent, reset);
      return !known;
    }
    if (burst.changed()) {
      started = false; // it was no small bucket after all
    }
    if (!started) {
      started = true;
      low = 0;
      high = Exact.NEVER;
      first(max - remaining, max, reset, assumed, lowest, highest);
      remember(sent, reset);
      return true;
    }
    WindowKind oldKind = kind;
    long oldWindow = window;
    boolean fits = Math.max(low, lowest) <= Math.min(high, highest);
    contradicted = fits ? 0 : contradicted + 1;
    if (kind == WindowKind.TOKEN_BUCKET && !fits && oneEnd(sent, reset, lowest, highest)) {
      becomeFixed(reset, assumed);
      remember(sent, reset);
      return true;
    }
    // At nothing left a bucket's reset and a rolling window's are the same number, and many headers
    // of one moment are one sample.
    long apart = sent - sampleSent;
    boolean tells = remaining > 0 || kind != WindowKind.TOKEN_BUCKET;
    if (sampled && tells && apart >= apart() && apart < window / 2) {
      long tolerance = tolerance();
      if (remaining > 0 || kind == WindowKind.FIXED_WINDOW) {
        continuous += NEWEST_WEIGHT * ((fits ? 1 : 0) - continuous);
      }
      long moved = Math.abs(sent + reset - (sampleSent + sampleReset)) % window;
      boolean sameEnd = Math.min(moved, window - moved) <= tolerance;
      fixed += NEWEST_WEIGHT * ((sameEnd ? 1 : 0) - fixed);
      boolean sameReset = Math.abs(reset - sampleReset) <= tolerance && isRound(reset);
      rolling += NEWEST_WEIGHT * ((sameReset ? 1 : 0) - rolling);
      remember(sent, reset);
      decide(reset, assumed);
    } else if (apart >= window / 2 || apart < 0) {
      remember(sent, reset);
    }
    // With next to nothing left the figure is the window's own, to within a tenth.
    boolean plain = 10 * usedLow >= 9 * max && lowest <= usual && usual <= highest;
    narrow(lowest, highest, fits, plain);
    if (kind != WindowKind.TOKEN_BUCKET && reset > window + window / 10) {
      window = atLeast(reset);
    }
    return kind != oldKind || window != oldWindow;
  }

  /**
   * Whether what no bucket explains speaks of one end of a window: the resets run down together
   * while the use grows. Few of 300 used, and a minute left, look like a bucket of an hour; a burst
   * is over before enough pairs of headers that are apart have said otherwise, and its last calls
   * waited for the next window.
   */
  private boolean oneEnd(long sent, long reset, long lowest, long highest) {
    if (contradicted == 1) {
      oddSent = sent;
      oddReset = reset;
      oddLow = lowest;
      oddHigh = highest;
      return false;
    }
    boolean agree = lowest <= oddHigh && oddLow <= highest;
    return !agree
        && sent - oddSent >= apart()
        && sent - oddSent < oddReset
        && Math.abs(sent + reset - (oddSent + oddReset)) <= tolerance();
  }

  private void becomeFixed(long reset, long assumed) {
    kind = WindowKind.FIXED_WINDOW;
    fixed = 0.6;
    continuous = 0;
    rolling = 0;
    window = holding(reset, assumed);
    windowSeen = false;
    contradicted = 0;
  }

  /** Headers of one moment are one sample. */
  private long apart() {
    return (wholeSeconds ? 2_300 : 300) * Exact.MILLI;
  }

  /** Resets of one end differ by as much: they are cut, and ways differ. */
  private long tolerance() {
    return grain() + 100 * Exact.MILLI;
  }

  private void first(long used, long max, long reset, long assumed, long lowest, long highest) {
    // Just one request used: the figure is exact, not anything up to one.
    long top = used == 1 ? Math.min(highest, Exact.mulDiv(reset + grain(), 8 * max, 7)) : highest;
    boolean asAssumed = assumed > 0 && lowest <= assumed && assumed <= top && used > 1;
    if (used <= 0 || bucketLike(lowest, top) || (asAssumed && !isRound(reset))) {
      kind = WindowKind.TOKEN_BUCKET;
      continuous = 0.6;
      low = lowest;
      high = highest;
      window = pick(assumed);
    } else if (isRound(reset)) {
      kind = WindowKind.SLIDING_WINDOW;
      rolling = 0.6;
      window = nearest(reset);
      windowSeen = true;
    } else {
      kind = WindowKind.FIXED_WINDOW;
      fixed = 0.6;
      window = holding(reset, assumed);
    }
  }

  /**
   * Whether a bucket of a usual window could show this: one of a minute or less, an hour, a day.
   */
  private static boolean bucketLike(long from, long to) {
    for (long seconds : ROUND_WINDOWS) {
      boolean usual = seconds <= 60 || seconds == 3_600 || seconds == 86_400;
      if (usual && seconds * Exact.SECOND >= from && seconds * Exact.SECOND <= to) {
        return true;
      }
    }
    return false;
  }

  private void decide(long reset, long assumed) {
    double now = score(kind);
    WindowKind best = kind;
    for (WindowKind other : WindowKind.values()) {
      if (score(other) > Math.max(now + HYSTERESIS, score(best))) {
        best = other;
      }
    }
    if (best == kind) {
      return;
    }
    kind = best;
    windowSeen = false;
    if (kind == WindowKind.SLIDING_WINDOW) {
      window = nearest(reset);
      windowSeen = true;
    } else if (kind == WindowKind.FIXED_WINDOW) {
      window = Math.max(window, holding(reset, assumed));
    }
  }

  private double score(WindowKind of) {
    return switch (of) {
      case TOKEN_BUCKET -> continuous;
      case FIXED_WINDOW -> fixed;
      case SLIDING_WINDOW -> rolling;
    };
  }

  private void narrow(long lowest, long highest, boolean fits, boolean plain) {
    if (fits) {
      misfits = 0;
      low = Math.max(low, lowest);
      high = Math.min(high, highest);
    } else if (plain) {
      // One is enough. A burst's answers come in any order: three in a row that agree did not come
      // for minutes, and a rolling window was taken for a bucket of an hour.
      misfits = 0;
      low = lowest;
      high = highest;
    } else {
      // Three that agree with each other replace the interval; three lies need not agree.
      boolean agree = misfits > 0 && Math.max(otherLow, lowest) <= Math.min(otherHigh, highest);
      otherLow = agree ? Math.max(otherLow, lowest) : lowest;
      otherHigh = agree ? Math.min(otherHigh, highest) : highest;
      misfits = agree ? misfits + 1 : 1;
      if (misfits >= 3) {
        misfits = 0;
        low = otherLow;
        high = otherHigh;
      }
    }
    if (kind == WindowKind.TOKEN_BUCKET && low <= high) {
      long picked = pick(window);
      windowSeen = high < low + low / 2;
      window = picked;
    }
  }

  /** The window within the interval: what was assumed, else the round one nearest its middle. */
  private long pick(long assumed) {
    if (assumed >= low && assumed <= high && assumed > 0) {
      return assumed;
    }
    if (low <= 60 * Exact.SECOND && 60 * Exact.SECOND <= high) {
      return 60 * Exact.SECOND;
    }
    double top = high >= Exact.NEVER ? low * 1.5 : high;
    long middle = (long) Math.sqrt((double) Math.max(low, Exact.MILLI) * Math.max(top, 1));
    long round = round(middle, low, high);
    return round > 0 ? round : Math.max(middle, 100 * Exact.MILLI);
  }

  private static long round(long near, long from, long to) {
    long best = 0;
    double distance = Double.MAX_VALUE;
    for (long seconds : ROUND_WINDOWS) {
      long candidate = seconds * Exact.SECOND;
      double away = Math.abs(StrictMath.log((double) candidate / Math.max(1, near)));
      if (candidate >= from && candidate <= to && away < distance) {
        best = candidate;
        distance = away;
      }
    }
    return best;
  }

  private boolean isRound(long reset) {
    for (long seconds : ROUND_WINDOWS) {
      long off = seconds * Exact.SECOND - reset;
      // A cut value is too small by up to the grain; a millisecond may have passed as well.
      if (seconds >= 3 && off >= -5 * Exact.MILLI && off <= 20 * Exact.MILLI) {
        return true;
      }
    }
    return false;
  }

  private static long nearest(long reset) {
    long best = ROUND_WINDOWS[0] * Exact.SECOND;
    for (long seconds : ROUND_WINDOWS) {
      if (Math.abs(seconds * Exact.SECOND - reset) < Math.abs(best - reset)) {
        best = seconds * Exact.SECOND;
      }
    }
    return best;
  }

  /**
   * What was announced, if such a reset fits in: Hugging Face's five minutes are no usual window. A
   * longer one than usual may be a guess from the reset and is not believed.
   */
  private static long holding(long reset, long assumed) {
    long usual = atLeast(reset);
    return assumed >= reset - Exact.SECOND && assumed > 0 ? Math.min(assumed, usual) : usual;
  }

  /** A minute, an hour, a day …: the shortest usual window that holds such a reset. */
  private static long atLeast(long reset) {
    for (long seconds : new long[] {60, 3_600, 86_400, 604_800, 2_592_000}) {
      if (seconds * Exact.SECOND >= reset - Exact.SECOND) {
        return seconds * Exact.SECOND;
      }
    }
    return 2_592_000 * Exact.SECOND;
  }

  private void remember(long sent, long reset) {
    sampled = true;
    sampleSent = sent;
    sampleReset = reset;
  }
}
