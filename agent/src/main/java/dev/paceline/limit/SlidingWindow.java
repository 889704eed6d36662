package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;

import dev.paceline.words.Limit;

/** What was charged within the last window; every charge comes back one window later. */
final class SlidingWindow implements WindowModel {
  /**
   * A charge has left the window this long after its time: its way to the provider may have been so
   * much longer than that of the one that takes its place. With 100 ms each second run of five
   * minutes met a 429.
   */
  private static final long AFTER_EXPIRY = 150 * MILLI;

  private final LimitLevel level;
  private final ExternalUsage external = new ExternalUsage();

  /** Our own that turned out not to be counted: it is back already. */
  private final ExternalUsage uncounted = new ExternalUsage();

  /** Charges up to this instant have come back. */
  private long expiredUpTo;

  SlidingWindow(LimitLevel level) {
    this.level = level;
  }

  @Override
  public WindowKind kind() {
    return WindowKind.SLIDING_WINDOW;
  }

  /** Forgets what others have used; from now on for windows of the level's length. */
  void clear() {
    external.clear(level.window());
    uncounted.clear(level.window());
  }

  private long expired(long now) {
    return now - level.window() - AFTER_EXPIRY;
  }

  @Override
  public void advance(long now) {
    level.advancedAt = now;
    long to = expired(now);
    if (to - expiredUpTo > 0) {
      level.own += (level.sentUpTo(to) - level.sentUpTo(expiredUpTo)) * MICRO;
      expiredUpTo = to;
      long theirs = external.upTo(to);
      long notOurs = uncounted.upTo(to);
      level.offset += theirs - notOurs;
      // What was not counted may have been put right by a header already.
      level.bounds.shift(theirs - notOurs, theirs);
      level.cutTo(level.full());
    }
  }

  @Override
  public void begin(long now, Permit permit, long reset, long unexplained) {
    long used = permit.total(level.limit) - level.sentUpTo(expired(now));
    // When the others used it no header says: evenly, at a guess.
    long theirs = Math.max(0, unexplained - used) * MICRO;
    external.took(permit.sent - level.window(), permit.sent, theirs);
    expiredUpTo = expired(now);
    level.log.keep(level.window() + AFTER_EXPIRY);
  }

  @Override
  public void restore(long now, long age, long ends) {
    expiredUpTo = expired(now);
    // When it was used is not kept: evenly, at a guess.
    long passed = Math.min(age, level.window());
    long used = level.full() - level.own;
    long back = Exact.mulDiv(passed, used, level.window());
    level.own += back;
    external.took(now - level.window(), now - passed, used - back);
  }

  /** The permit was not counted: it must not come back when its window is over. */
  void refused(Permit permit) {
    uncounted.took(permit.sent, permit.sent, permit.charge.of(level.limit) * MICRO);
  }

  private long firstBack() {
    return Math.min(level.log.firstAfter(expiredUpTo), external.first());
  }

  @Override
  public long availableAt(long now, long missing) {
    long next = firstBack();
    // Nothing that is known comes back: others hold it, for a window at most.
    return next >= Exact.NEVER
        ? now + level.window() / 4
        : Math.max(now + 1, next + level.window() + AFTER_EXPIRY);
  }

  @Override
  public long predict(long now, long missing) {
    long window = level.window();
    long windows = missing / level.full();
    long steady = level.timeToGrant(missing % level.full());
    long next = availableAt(now, missing) - now;
    return now + Math.min(windows, 1_000) * window + Math.min(window, Math.max(next, steady));
  }

  @Override
  public long timeToFull(long now, long missing) {
    return level.window();
  }

  @Override
  public long lowUncertainty(Permit permit) {
    long gone = permit.sent - level.window();
    return (level.sentUpTo(gone + ArrivalOrder.UNKNOWN) - level.sentUpTo(gone - AFTER_EXPIRY))
        * MICRO;
  }

  @Override
  public boolean refills() {
    return firstBack() < Exact.NEVER;
  }

  @Override
  public long returning(long now) {
    return level.sentUpTo(now - level.window()) - level.sentUpTo(expiredUpTo);
  }

  /** When others used it is a guess: all of that may be back already. */
  @Override
  public long mayBeBack(long now) {
    return returning(now) * MICRO + external.total();
  }

  @Override
  public long returnedError() {
    long from = level.newestHeader - level.window() - AFTER_EXPIRY;
    long calls = level.log.upTo(expiredUpTo, Limit.RPM) - level.log.upTo(from, Limit.RPM);
    if (!level.countsTokens() || calls <= 0) {
      return 0;
    }
    double usual = (level.sentUpTo(expiredUpTo) - level.sentUpTo(from)) / (double) calls;
    return (long) (InFlight.FOUR_ERRORS * usual * Math.sqrt(calls) * MICRO);
  }

  @Override
  public boolean filledByOthers() {
    long ours = level.sent() - level.sentUpTo(expired(level.advancedAt));
    return level.full() - level.value() - ours * MICRO > level.full() / 10;
  }

  @Override
  public void externallyUsed(long from, long to, long amount) {
    if (level.countsTokens()) {
      return; // what an estimate was wrong by would come back as if others had used it
    }
    if (amount > 0) {
      external.took(from, to, amount);
    } else {
      uncounted.took(from, from, external.back(-amount));
    }
  }
}
