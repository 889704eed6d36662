package dev.paceline.sim;

/**
 * One way of counting. Times are nanoseconds on one scale; {@link #advance} comes before every
 * other call and never goes back.
 */
interface Counter {
  void advance(long now);

  /** The most that one request may be charged. */
  long capacity();

  /** Whole units that could be taken now; negative when in debt. */
  long available();

  /** Takes units, also more than there are. */
  void take(long units);

  /** Gives a place back; of no effect where time gives back. */
  default void release() {}

  /**
   * Until {@code units} ({@code <= capacity()}) could be taken if nobody else came; 0 when now,
   * {@code Rejected.WAIT_UNKNOWN} when time alone does not tell.
   */
  long nanosUntil(long units);

  /** What headers call reset. */
  long resetNanos();

  /** Another amount from now on. */
  void resize(long amount);
}
