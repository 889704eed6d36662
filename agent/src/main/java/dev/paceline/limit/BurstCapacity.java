package dev.paceline.limit;

/**
 * Whether a limit is a bucket that holds less than a window's worth: 1,200 a minute, but 20 at
 * once. Such headers announce the rate, and show what is left of the small bucket and the time
 * until that one is full. Read as a bucket of the whole limit, 19 of 1,200 left and full in 50 ms
 * would be a window about to end, and a herd would be let go into 20 places.
 *
 * <p>Left plus what the rate refills until the reset is then the same in every header, however much
 * is left: the bucket's size.
 */
final class BurstCapacity {
  /** Headers that agree on the size while what is left differs, from which on it is believed. */
  private static final int PROVED_AFTER = 4;

  /** Percentage of the limit: a larger bucket is one of the limit, seen through rounded figures. */
  private static final int MAX_PERCENT = 80;

  /** Headers in a row that disagree, from which on the size is forgotten: fewer are a neighbour. */
  private static final int REFUTED_AFTER = 3;

  /** Headers that a bucket of the whole limit does not explain, as proof of a small one. */
  private static final int WHOLE_REFUTED_AFTER = 3;

  private long low;
  private long high = Exact.NEVER;
  private long leastLeft = Exact.NEVER;
  private long mostLeft;
  private long lastLeft = -1;
  private long estimationMargin;
  private int agreed;
  private int misfits;
  private boolean proved;
  private boolean changed;
  private long limit;

  /** The bucket's size in units; 0 when it is the limit's. */
  long capacity() {
    return proved ? Math.max(1, high >= Exact.NEVER ? low : (low + high) / 2) : 0;
  }

  /** Whether the last sample has changed what is thought. */
  boolean changed() {
    return changed;
  }

  /**
   * One header's figures.
   *
   * @param window nanoseconds in which the limit is granted
   * @param only whether nothing else can explain the figures: then one header is proof enough
   * @param otherwise how often a bucket of the whole limit has not explained them
   * @return whether the bucket is a small one
   */
  boolean sample(
      long max, long left, long reset, long grain, long window, boolean only, int otherwise) {
    changed = false;
    if (max != limit) {
      changed = proved;
      forget();
      limit = max;
    }
    long from = left + Exact.mulDiv(Math.max(0, reset - grain), max, window);
    long to = left + 1 + Exact.mulDiv(reset + grain, max, window) + 1;
    boolean fits = Math.max(low, from) <= Math.min(high, to);
    if (!fits) {
      misfits++;
      if (proved && misfits < REFUTED_AFTER) {
        return true; // a neighbour's jump, or an answer overtaken
      }
      changed = proved;
      forget();
      limit = max;
    }
    misfits = fits ? 0 : misfits;
    low = Math.max(low, from);
    high = Math.min(high, to);
    estimationMargin = Math.max(estimationMargin, to - from);
    leastLeft = Math.min(leastLeft, left);
    mostLeft = Math.max(mostLeft, left);
    if (left != lastLeft) {
      agreed++;
      lastLeft = left;
    }
    if (!proved
        && small(max)
        && (only || (agreed >= PROVED_AFTER && (spread() || otherwise >= WHOLE_REFUTED_AFTER)))) {
      proved = true;
      changed = true;
    } else if (proved && !small(max)) {
      proved = false;
      changed = true;
    }
    return proved;
  }

  private boolean small(long max) {
    return high < Exact.NEVER && high <= max * MAX_PERCENT / 100 && low >= 1;
  }

  /** What is left must differ by more than the figures' own uncertainty. */
  private boolean spread() {
    return mostLeft - leastLeft >= Math.max(2 * estimationMargin, high / 5);
  }

  private void forget() {
    low = 0;
    high = Exact.NEVER;
    leastLeft = Exact.NEVER;
    mostLeft = 0;
    estimationMargin = 0;
    lastLeft = -1;
    agreed = 0;
    misfits = 0;
    proved = false;
  }
}
