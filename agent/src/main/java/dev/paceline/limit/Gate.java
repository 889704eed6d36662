package dev.paceline.limit;

import dev.paceline.words.Limit;

/**
 * The gate of one scope: closed until an instant after a limit answer, then open for one call at a
 * time at a rate that is learned from what follows. Pure and not thread-safe: its owner holds a
 * lock. All times are nanoseconds of one monotonic clock.
 */
public final class Gate {
  /**
   * After the first limit answer calls leave 40 ms apart: any 100 ms hold at most three of them.
   */
  static final long FIRST_SPACING = 40_000_000L;

  /**
   * Twenty calls a minute is the slowest start; slower limits answer with a 429 that closes the
   * gate again.
   */
  static final long MAX_SPACING = 3_000_000_000L;

  /** Below this the gate is as good as open. */
  private static final long OPEN_BELOW = 2_000_000L;

  /** Growth is counted in steps of at most one second, 15 % each. */
  private static final long GROWTH_STEP = 1_000_000_000L;

  private boolean everClosed;
  private long closedUntil;
  private long nextSlot;
  private long spacing;
  private long lastReaction;
  private long lastGrowth;
  private int closings;
  private Limit limit = Limit.UNKNOWN;

  /** The instant at which the next call may leave: {@code now} when the gate is open. */
  public long opensAt(long now) {
    if (!everClosed) {
      return now;
    }
    long at = spacing > 0 ? Math.max(closedUntil, nextSlot) : closedUntil;
    return Math.max(at, now);
  }

  /**
   * How long until {@code ahead} further calls have left and the next may: at least the time until
   * the gate opens.
   */
  public long opensAt(long now, int ahead) {
    return opensAt(now) + ahead * spacing;
  }

  /** A call leaves. */
  public void left(long now) {
    if (spacing > 0) {
      nextSlot = Math.max(now, nextSlot) + spacing;
    }
  }

  /**
   * A limit answer arrived. The gate closes once for all who wait; the rate is cut once a flight,
   * not once a rejected attempt (cutting each time divides it by 2^n).
   *
   * @param sentAt when the attempt was sent
   * @param hintNanos how long the answer says to wait, jitter included; 0 when it says nothing
   * @param firstStep the wait without a hint; doubles with each closing that no served call
   *     separates
   * @param cap the longest wait without a hint
   */
  public void limited(
      long now, long sentAt, long hintNanos, long firstStep, long cap, Limit limit) {
    boolean newFlight = !everClosed || sentAt - lastReaction >= 0;
    if (newFlight) {
      closings++;
      lastGrowth = now;
      spacing = spacing == 0 ? FIRST_SPACING : Math.min(MAX_SPACING, spacing * 2);
      lastReaction = now;
    }
    long wait = hintNanos;
    if (wait <= 0) {
      int doublings = Math.min(closings - 1, 30);
      wait = firstStep > cap >> doublings ? cap : firstStep << doublings;
      if (!newFlight) {
        wait = 0; // the flight's first answer has closed the gate already
      }
    }
    long until = now + wait;
    closedUntil = everClosed ? Math.max(closedUntil, until) : until;
    nextSlot = everClosed ? Math.max(nextSlot, closedUntil) : closedUntil;
    everClosed = true;
    this.limit = limit;
  }

  /**
   * A call was served: when it was sent after the last cut, the rate grows. By the clock, not by
   * the answer: the spacing halves in four seconds of served calls, else fast answers would let a
   * queue of fifty out as the herd that the gate is there to prevent.
   */
  public void served(long now, long sentAt) {
    if (spacing > 0 && sentAt - lastReaction >= 0) {
      closings = 0;
      long elapsed = Math.min(now - Math.max(lastGrowth, lastReaction), GROWTH_STEP);
      if (elapsed > 0) {
        spacing -= (long) (spacing * 0.15 * elapsed / GROWTH_STEP);
        lastGrowth = now;
      }
      if (spacing < OPEN_BELOW) {
        spacing = 0;
      }
    }
  }

  /**
   * How long the gate stays closed, in nanoseconds; 0 when it is open, even if calls leave one by
   * one.
   */
  public long closedFor(long now) {
    return everClosed ? Math.max(0, closedUntil - now) : 0;
  }

  /** Whether the gate holds nobody back. */
  public boolean idle(long now) {
    return opensAt(now) == now && spacing == 0;
  }

  /** The limit that closed the gate last. */
  public Limit limit() {
    return limit;
  }

  /** Opens the gate, as when the agent is switched off. */
  public void open(long now) {
    closedUntil = now;
    nextSlot = now;
    spacing = 0;
    closings = 0;
  }
}
