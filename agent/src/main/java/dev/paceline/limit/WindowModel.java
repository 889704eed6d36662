package dev.paceline.limit;

/**
 * One way in which a provider counts a limit. It moves the {@link LimitLevel} with time and says
 * when more will be there. The models of one limit share its level; {@link WindowInference}
 * chooses.
 *
 * <p>Amounts are millionths of a unit, times nanoseconds of the monotonic clock.
 */
sealed interface WindowModel permits TokenBucket, FixedWindow, SlidingWindow {
  WindowKind kind();

  /** Adds to the level what has come back until now. */
  void advance(long now);

  /**
   * The model is the one that counts from now on; {@link LimitLevel#own} is what a header showed.
   *
   * @param reset time from the permit's leaving until the window ends or is empty; -1 for unknown
   * @param unexplained units of the window that are used and not by us
   */
  void begin(long now, Permit permit, long reset, long unexplained);

  /**
   * Takes over a level of {@code age} ago, from before a restart.
   *
   * @param ends time from then until the end of a fixed window
   */
  void restore(long now, long age, long ends);

  /** The instant at which so much more is there. After {@link #advance}. */
  long availableAt(long now, long missing);

  /** The instant at which a queue that needs so much more is served. After {@link #advance}. */
  long predict(long now, long missing);

  /** How long until it is full if nothing more is sent. After {@link #advance}. */
  long timeToFull(long now, long missing);

  /** By how much less than it implies a header's level may be, for want of order. */
  long lowUncertainty(Permit permit);

  /** By how much a header's level is too high in any case. */
  default long highUncertainty() {
    return 0;
  }

  /** What comes back in so many nanoseconds, whatever is used. */
  default long refill(long nanos) {
    return 0;
  }

  /** When the window that is counted began; without such windows, long ago. */
  default long windowStart() {
    return Long.MIN_VALUE / 4;
  }

  /** Whether more comes back by itself, as far as is known. */
  default boolean refills() {
    return true;
  }

  /** Units that the provider has given back already and the level has not. */
  default long returning(long now) {
    return 0;
  }

  /** By how much more may be left than the level shows, in millionths. */
  default long mayBeBack(long now) {
    return 0;
  }

  /**
   * By how much what has come back since the newest header may be more, or less, than it was taken
   * for, in millionths: token estimates come back as they were charged.
   */
  default long returnedError() {
    return 0;
  }

  /** What is left at most, by the headers of the window that is counted. */
  default long atMost() {
    return Exact.NEVER;
  }

  /** Whether others hold more than a tenth of it that only time gives back. */
  default boolean filledByOthers() {
    return false;
  }

  /** A header showed that others took so much between two instants; negative for less. */
  default void externallyUsed(long from, long to, long amount) {}

  /** Of the time over which what is left is to be spread, that of a charge of so many units. */
  default long evenInterval(long now, long units, long timeToGrant) {
    return timeToGrant;
  }
}
