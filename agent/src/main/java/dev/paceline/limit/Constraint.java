package dev.paceline.limit;

/**
 * What can hold a call back. A call leaves at the latest of the instants that all of them name.
 * Questions change nothing.
 */
interface Constraint {
  /** The earliest instant at which a call of this cost may leave; {@code now} when at once. */
  long earliest(long now, Cost charge);

  /** A call has left. */
  default void onSend(long now, Permit permit) {}

  /**
   * When the last of a queue would leave, as far as this one is concerned.
   *
   * @param requests requests of the queue; likewise tokens
   */
  long predict(long now, long requests, long inputTokens, long outputTokens);
}
