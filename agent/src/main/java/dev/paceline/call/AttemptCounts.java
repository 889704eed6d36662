package dev.paceline.call;

import dev.paceline.config.Policy;
import dev.paceline.retry.CallSoFar;
import dev.paceline.words.Classification;

/** How often one call was sent, refused and held: what the next decision about it rests on. */
final class AttemptCounts {
  private int most;
  private int attempts;
  private short limited; // not an int: thousands of calls may wait

  /** Answers and failures after which nobody knows whether the request was processed. */
  private short ambiguous;

  private long firstLimitedAt;
  private long waited;

  AttemptCounts(Policy policy) {
    most = policy.maxAttempts();
  }

  /** Of a call that goes on: an interceptor sends again, or its scope changed while it waited. */
  AttemptCounts(Policy policy, AttemptCounts earlier) {
    this(policy);
    attempts = earlier.attempts;
    limited = earlier.limited;
    ambiguous = earlier.ambiguous;
    firstLimitedAt = earlier.firstLimitedAt;
    waited = earlier.waited;
  }

  int attempts() {
    return attempts;
  }

  /** Attempts that were answered with a limit. */
  int limited() {
    return limited;
  }

  /** Nanoseconds that the call was held, all its waits together. */
  long waited() {
    return waited;
  }

  boolean exhausted() {
    return attempts >= most;
  }

  /** One attempt more, whatever it has had: the continuation of a call that was given up. */
  void allowOneMore() {
    most = attempts + 1;
  }

  /**
   * An attempt is over.
   *
   * @param hidden requests beyond it that the client made on its own
   */
  void attempted(int hidden) {
    attempts += 1 + hidden;
  }

  /** The attempt was answered so. */
  void classified(Classification answer, long now) {
    if (answer.kind() == Classification.Kind.LIMITED && answer.limit() != null) {
      limited++;
      if (limited == 1) {
        firstLimitedAt = now;
      }
    } else if (answer.kind() == Classification.Kind.PERHAPS_PROCESSED) {
      ambiguous++;
    }
  }

  /** Nothing was sent, or nobody knows whether it was processed. */
  void ambiguous() {
    ambiguous++;
  }

  void waitedFor(long nanos) {
    waited += nanos;
  }

  /** The policy with the attempts that this call has. */
  Policy limits(Policy policy) {
    return policy.withMaxAttempts(most);
  }

  CallSoFar soFar(long now, CallContext call) {
    return new CallSoFar(
        attempts,
        Math.max(1, limited),
        Math.max(1, ambiguous),
        limited > 0 ? now - firstLimitedAt : 0,
        waited,
        call.replayable,
        call.repeatable);
  }
}
