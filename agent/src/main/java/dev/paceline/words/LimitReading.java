package dev.paceline.words;

/**
 * What an answer's headers announce of one limit.
 *
 * @param limit which limit; {@link Limit#CAPACITY} for the utilisation of a provisioned deployment,
 *     whose figures are shares of {@link #WHOLE_DEPLOYMENT}
 * @param limitValue how much may be used in a window; {@link #UNKNOWN} when not announced
 * @param remaining how much is left of it; {@link #UNKNOWN} when not announced
 * @param resetMillis time until the limit is whole again, which is not the wait for the next
 *     request; {@link #UNKNOWN} when not announced
 * @param windowMillis length of the window; {@link #UNKNOWN} when neither the name nor the figures
 *     tell
 * @param byTheClock whether the provider is known to count from one moment of its clock to the
 *     next, every {@code windowMillis}: figures and reset need not be asked how it counts
 */
public record LimitReading(
    Limit limit,
    long limitValue,
    long remaining,
    long resetMillis,
    long windowMillis,
    boolean byTheClock) {
  /** Not announced. */
  public static final long UNKNOWN = -1;

  /** What {@code limitValue} is when {@code remaining} is a share of a provisioned deployment. */
  public static final long WHOLE_DEPLOYMENT = 1_000;

  /** A limit of which is not known how it is counted. */
  public LimitReading(
      Limit limit, long limitValue, long remaining, long resetMillis, long windowMillis) {
    this(limit, limitValue, remaining, resetMillis, windowMillis, false);
  }
}
