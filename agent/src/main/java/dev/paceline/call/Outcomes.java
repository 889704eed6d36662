package dev.paceline.call;

import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Limit;
import dev.paceline.words.RetryDecision;

/** What a classified answer and a decision are called in events. */
final class Outcomes {
  private Outcomes() {}

  static Outcome of(int status, Classification answer) {
    return switch (answer.kind()) {
      case SERVED -> Outcome.SUCCESS;
      case LIMITED -> Outcome.RATE_LIMITED;
      default -> status >= 500 ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR;
    };
  }

  static Outcome ofStatus(int status) {
    return status < 400
        ? Outcome.SUCCESS
        : status < 500 ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
  }

  static RetryReason retryReason(int status, Classification error) {
    if (error.kind() != Kind.LIMITED) {
      return RetryReason.SERVER_ERROR;
    }
    return error.limit() == Limit.CAPACITY && status != 429
        ? RetryReason.OVERLOADED
        : RetryReason.RATE_LIMITED;
  }

  static WaitReason waitReason(RetryDecision.Retry retry) {
    return retry.hinted() ? WaitReason.RETRY_AFTER : WaitReason.BACKOFF;
  }

  static GiveUpReason giveUpReason(RetryDecision.Reason reason) {
    return switch (reason) {
      case ATTEMPTS, FORBIDDEN -> GiveUpReason.ATTEMPTS;
      case DEADLINE -> GiveUpReason.DEADLINE;
      case QUOTA -> GiveUpReason.QUOTA;
      case NOT_REPLAYABLE -> GiveUpReason.NOT_REPLAYABLE;
    };
  }

  /** Whether a quota is used up, and the answer does not say that it comes back soon. */
  static boolean quotaExhausted(Classification error) {
    return error.kind() == Kind.LIMITED
        && error.limit() == Limit.QUOTA
        && !error.retryable()
        && (error.waitMillis() <= 0
            || error.waitMillis() > GiveUps.NON_RETRYABLE_MEMORY / 1_000_000);
  }

  /**
   * Whether an SDK above is told not to start over. A failure that was perhaps processed, and a
   * limit answer that only this call could not wait for, are repeated by it with success:
   * openai-java with five retries rides out three 500s.
   */
  static boolean incurable(RetryDecision.GiveUp decision, Classification error) {
    return error.kind() == Kind.LIMITED && decision.reason() != RetryDecision.Reason.NOT_REPLAYABLE;
  }
}
