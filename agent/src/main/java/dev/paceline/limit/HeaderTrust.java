package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;

/** Whether one limit's headers follow what we send, and whether they are believed at all. */
final class HeaderTrust {
  /** Headers that followed our own charges, from which on they are believed without a probe. */
  private static final int TRUSTED_FROM = 8;

  /** Served requests after "nothing left", beyond those that came back, that make it a lie. */
  private static final int LIES_AFTER = 5;

  /** A header agrees that moves the level by less than so many units, or this part of the limit. */
  private static final int AGREES_UNITS = 2;

  private static final int AGREES_PARTS = 100;

  /** One that moves a bucket by more than this part is somebody's burst, or a lie. */
  private static final int JUMP_PARTS = 4;

  private final LimitLevel level;
  private int agreed;
  private long servedAtZero;
  private long zeroSince;
  private boolean ignored;
  private boolean shownRoom;

  HeaderTrust(LimitLevel level) {
    this.level = level;
  }

  /** Starts anew at the first header, or after a restart. */
  void start(long now) {
    zeroSince = now;
  }

  /** The way of counting is another one than thought. */
  void clear() {
    agreed = 0;
  }

  boolean trusted() {
    return agreed >= TRUSTED_FROM;
  }

  /** Whether its figures have proved wrong: they hold nobody. */
  boolean ignored() {
    return ignored;
  }

  /** Whether any header has said that something was left. */
  boolean hasShownRoom() {
    return shownRoom;
  }

  /**
   * Requests that are served although the header said "nothing left" before them, more of them than
   * come back in that time: the figure is not the binding one.
   */
  void onHeader(long now, long remaining, boolean served) {
    shownRoom |= remaining > 0;
    if (remaining > 0 || !served) {
      ignored = false;
      servedAtZero = 0;
      zeroSince = now;
    } else {
      servedAtZero++;
      long passed = Math.max(0, now - zeroSince);
      long back = level.max == 0 ? 0 : Exact.mulDiv(passed, 3 * level.max, 2 * level.window());
      if (servedAtZero > LIES_AFTER + back) {
        ignored = true;
        agreed = 0;
      }
    }
  }

  /**
   * @param fell by how much the level was higher than the header bears, in millionths
   */
  void reconciled(long fell, boolean bucket, boolean moved) {
    if (Math.abs(fell) <= Math.max(AGREES_UNITS, level.max / AGREES_PARTS) * MICRO) {
      agreed = moved ? Math.min(agreed + 1, TRUSTED_FROM) : agreed;
    } else if (bucket && Math.abs(fell) > level.max / JUMP_PARTS * MICRO) {
      agreed = 0;
    }
  }

  /** A limit answer confirmed "nothing left". A figure that never moved is no proof. */
  void confirmed() {
    if (agreed > 0) {
      agreed = Math.max(agreed, TRUSTED_FROM);
    }
  }
}
