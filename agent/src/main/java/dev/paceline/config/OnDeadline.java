package dev.paceline.config;

/** What becomes of an unsent call whose wait would be longer than somebody allows. */
public enum OnDeadline {
  /**
   * Answered locally while the predicted wait rests on the provider's own word (a 429, or no {@code
   * remaining} within the last window); sent otherwise.
   */
  AUTO,
  /** Sent, past the queue. */
  SEND,
  /** Answered locally with a 429 in the provider's shape. */
  REJECT
}
