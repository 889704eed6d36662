package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;

/** A counter that starts anew at an instant of its own. */
final class FixedWindow implements WindowModel {
  /** A new window is used this long after its start: clocks and ways differ. */
  private static final long AFTER_START = 80 * MILLI;

  /** What was sent this long before a window's end may have arrived after it. */
  private static final long BEFORE_END = 250 * MILLI;

  /** Which window a header speaks of. */
  enum Position {
    CURRENT,
    OTHER,
    /** One whose beginning was not expected; it is the current one from now on. */
    NEW
  }

  private final LimitLevel level;
  private long end = Exact.NEVER;

  /** Whether no header has said when this window ends. */
  private boolean endAssumed;

  /** The least of requests that was shown since the window began: it only falls. */
  private long leastShown = Exact.NEVER;

  FixedWindow(LimitLevel level) {
    this.level = level;
  }

  @Override
  public WindowKind kind() {
    return WindowKind.FIXED_WINDOW;
  }

  @Override
  public void advance(long now) {
    level.advancedAt = now;
    while (now - end >= AFTER_START) {
      newWindow(end);
      end += level.window();
      endAssumed = true;
      if (now - end > 4 * level.window()) {
        end = now; // after a long pause nothing is known but that a window has begun
      }
    }
  }

  private void newWindow(long start) {
    level.generation++;
    leastShown = Exact.NEVER;
    level.offset = 0;
    level.own = (level.max - (level.sent() - level.sentUpTo(start - BEFORE_END))) * MICRO;
    // What was sent at the edge belongs to either window.
    long edge = level.sentUpTo(start + BEFORE_END) - level.sentUpTo(start - BEFORE_END);
    level.bounds.restart(0, edge * MICRO);
  }

  @Override
  public void begin(long now, Permit permit, long reset, long unexplained) {
    if (reset >= 0) {
      end = permit.departed + reset;
      endAssumed = false;
    } else {
      end = now + level.window();
    }
  }

  @Override
  public void restore(long now, long age, long ends) {
    end = now + ends - age;
    endAssumed = true;
  }

  /** A header that restarts or confirms the count: what it showed of this window. */
  void shown(long remaining) {
    leastShown = remaining;
  }

  /** Whether a header speaks of this window; then what is left is at most what it showed. */
  boolean alsoShown(Permit permit, long reset, long remaining) {
    boolean current = Math.abs(permit.departed + reset - end) < level.window() / 2;
    if (current) {
      leastShown = Math.min(leastShown, remaining);
    }
    return current;
  }

  /** Which window a header speaks of; moves this one's end when it tells more of it. */
  Position position(long now, Permit permit, long reset, boolean newest) {
    long earliest = permit.departed + reset;
    long latest = now + reset + level.shape.grain();
    long half = level.window() / 2;
    if (latest - now <= -AFTER_START || latest - end < -half) {
      if (endAssumed && earliest - now > 0 && newest) {
        learnEnd(earliest); // we had only assumed when it ends: it ends earlier
        return Position.CURRENT;
      }
      return Position.OTHER;
    }
    if (earliest - end > half) {
      end = earliest;
      endAssumed = false;
      newWindow(permit.sent);
      return Position.NEW;
    }
    if (endAssumed) {
      learnEnd(earliest);
    } else {
      end = Math.min(Math.max(end, earliest), latest);
    }
    return Position.CURRENT;
  }

  private void learnEnd(long seen) {
    level.shape.rolledOver(seen - windowStart());
    end = seen;
    endAssumed = false;
  }

  @Override
  public long availableAt(long now, long missing) {
    return Math.max(now + 1, end + AFTER_START);
  }

  @Override
  public long predict(long now, long missing) {
    long windows = (missing - 1) / level.full();
    return availableAt(now, missing) + Math.min(windows, 1_000) * level.window();
  }

  @Override
  public long timeToFull(long now, long missing) {
    return Math.max(0, end - now);
  }

  @Override
  public long lowUncertainty(Permit permit) {
    return 0;
  }

  @Override
  public long windowStart() {
    return end - level.window();
  }

  long end() {
    return end;
  }

  /** The next window may have begun at the provider. */
  @Override
  public long mayBeBack(long now) {
    return now - end >= -AFTER_START ? level.full() : 0;
  }

  /** Of requests; tokens set aside come back within the window. */
  @Override
  public long atMost() {
    return !level.countsTokens() && leastShown < Exact.NEVER ? leastShown * MICRO : Exact.NEVER;
  }

  @Override
  public long evenInterval(long now, long units, long timeToGrant) {
    long micros = units * MICRO;
    return end - now > 0
        ? Exact.mulDiv(micros, end - now, Math.max(level.value(), micros))
        : timeToGrant;
  }
}
