package dev.paceline.fleet;

/**
 * What one member may use of one limit, in millionths of the whole. The sum of what all members may
 * use never exceeds the whole, whatever is lost, delayed or dies:
 *
 * <ul>
 *   <li>what a member may use is never more than what the table says it claims;
 *   <li>a lower claim is obeyed before it is written;
 *   <li>a higher one counts once it is written, and only as far as the claims of the others, read
 *       in the same atomic step, leave room.
 * </ul>
 *
 * @param granted what may be used
 * @param aim what the newest write asks for
 */
record Claim(int granted, int aim) {
  /** The whole limit. */
  static final int WHOLE = 1_000_000;

  static final Claim NONE = new Claim(0, 0);

  /** A smaller share turned out to be fair: holds at once. */
  Claim lowered(int target) {
    return target < granted ? new Claim(target, aim) : this;
  }

  /**
   * The next write asks for a share.
   *
   * @param target the fair one
   * @param mayRaise whether more than what is granted may be asked for
   */
  Claim asking(int target, boolean mayRaise) {
    int kept = Math.min(granted, target);
    return new Claim(kept, mayRaise ? target : kept);
  }

  /**
   * The write was answered.
   *
   * @param others what the others claim, read in the same atomic step
   */
  Claim answered(long others) {
    long room = Math.max(0, WHOLE - others);
    return new Claim((int) Math.max(granted, Math.min(aim, room)), aim);
  }

  /** The lease is over: others may have taken it. */
  Claim lapsed() {
    return new Claim(0, aim);
  }

  /**
   * What is written of it.
   *
   * @param used what was used of the window that is counted: until it comes back, it is claimed
   */
  int written(int used) {
    return Math.max(aim, Math.min(WHOLE, used));
  }
}
