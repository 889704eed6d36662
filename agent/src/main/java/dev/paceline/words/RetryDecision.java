package dev.paceline.words;

/** What is to be done with an answer. */
public sealed interface RetryDecision {
  /** Hand it to the application: a success, or an error that is the application's own business. */
  record Deliver() implements RetryDecision {}

  /**
   * Send the same request again after a wait.
   *
   * @param waitNanos how long, jitter included
   * @param hinted whether the provider's own word decided the length
   */
  record Retry(long waitNanos, boolean hinted) implements RetryDecision {}

  /** Hand it to the application although a further attempt might have cured it. */
  record GiveUp(Reason reason) implements RetryDecision {}

  /** Why a call is given up. */
  enum Reason {
    /** All attempts are spent. */
    ATTEMPTS,
    /** The wait is longer than somebody allows. */
    DEADLINE,
    /** Plan or money: waiting does not help. */
    QUOTA,
    /** The body cannot be sent a second time. */
    NOT_REPLAYABLE,
    /** The provider says {@code x-should-retry: false}. */
    FORBIDDEN
  }
}
