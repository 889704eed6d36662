package dev.paceline.retry;

import dev.paceline.config.Policy;
import dev.paceline.words.Classification;
import dev.paceline.words.Limit;
import dev.paceline.words.RetryDecision;
import dev.paceline.words.RetryDecision.Deliver;
import dev.paceline.words.RetryDecision.GiveUp;
import dev.paceline.words.RetryDecision.Reason;
import dev.paceline.words.RetryDecision.Retry;

/** Rules 4 and 5 of the design. Pure: time and chance are arguments. */
public final class RetryRules {
  /**
   * A failure that was perhaps processed costs money each time: two repeats, whatever the
   * allowance.
   */
  static final int MAX_PERHAPS_RETRIES = 2;

  private static final RetryDecision DELIVER = new Deliver();
  private static final long MILLI = 1_000_000L;

  private RetryRules() {}

  /**
   * What to do with an answer.
   *
   * @param random a number in [0, 1)
   */
  public static RetryDecision decide(
      Policy policy, CallSoFar call, Classification judgement, double random) {
    return switch (judgement.kind()) {
      case SERVED, TOO_LARGE, OTHER_ERROR -> DELIVER;
      case LIMITED -> limited(policy, call, judgement, random);
      case PERHAPS_PROCESSED ->
          judgement.providerForbids() || !call.repeatable()
              ? DELIVER
              : shortRetry(policy, call, random);
    };
  }

  /**
   * What to do when nothing was sent: the connection was never made, or the server refused the
   * HTTP/2 stream. As few and as short repeats as after a server error, not the whole ladder: a
   * host that is down must be known to the application within seconds, as without the agent.
   */
  public static RetryDecision nothingSent(Policy policy, CallSoFar call, double random) {
    return shortRetry(policy, call, random);
  }

  private static RetryDecision limited(
      Policy policy, CallSoFar call, Classification judgement, double random) {
    Limit limit = judgement.limit();
    if (judgement.providerForbids()) {
      return new GiveUp(Reason.FORBIDDEN);
    }
    if (!judgement.retryable()) {
      return new GiveUp(limit == Limit.QUOTA ? Reason.QUOTA : Reason.DEADLINE);
    }
    RetryDecision stop = stop(policy, call);
    if (stop != null) {
      return stop;
    }
    long hint = judgement.waitMillis() > 0 ? saturatedMillis(judgement.waitMillis()) : 0;
    long step = ladder(policy.backoffInitialNanos(), call.limited(), policy.backoffCapNanos());
    boolean hinted = hint > 0 && (call.limited() == 1 || hint >= step);
    long wait;
    if (hinted) {
      wait = jitterUp(hint, policy.jitter(), random);
    } else if (call.attempts() == policy.maxAttempts() - 1 && windowed(limit)) {
      wait = lastWait(policy, call);
    } else {
      wait = jitterBoth(step, policy.jitter(), random);
      wait = hint > 0 ? Math.max(hint, wait) : wait;
    }
    // The provider's word may be jittered past the bound, but it is the word itself that must be
    // allowed.
    long allowed =
        hinted && hint <= policy.maxWaitNanos()
            ? Math.max(wait, policy.maxWaitNanos())
            : policy.maxWaitNanos();
    return within(policy, call, wait, allowed, hinted);
  }

  /**
   * The last wait of a per-minute or unknown limit ends when a whole window has surely passed since
   * the first limit answer: with the defaults 1 + 2 + 4 + 8 + 60 = 75 s after it.
   */
  private static long lastWait(Policy policy, CallSoFar call) {
    long span = policy.backoffCapNanos();
    for (int n = 1; n < policy.maxAttempts() - 1; n++) {
      span += ladder(policy.backoffInitialNanos(), n, policy.backoffCapNanos());
    }
    long step = ladder(policy.backoffInitialNanos(), call.limited(), policy.backoffCapNanos());
    return Math.min(policy.backoffCapNanos(), Math.max(step, span - call.sinceFirstLimitedNanos()));
  }

  private static boolean windowed(@org.jspecify.annotations.Nullable Limit limit) {
    return limit == Limit.RPM
        || limit == Limit.TPM
        || limit == Limit.ITPM
        || limit == Limit.OTPM
        || limit == Limit.UNKNOWN;
  }

  private static RetryDecision shortRetry(Policy policy, CallSoFar call, double random) {
    RetryDecision stop = stop(policy, call);
    if (stop != null) {
      return stop;
    }
    if (call.perhaps() > MAX_PERHAPS_RETRIES) {
      return new GiveUp(Reason.ATTEMPTS);
    }
    long step = ladder(policy.perhapsInitialNanos(), call.perhaps(), policy.backoffCapNanos());
    return within(
        policy, call, jitterBoth(step, policy.jitter(), random), policy.maxWaitNanos(), false);
  }

  private static @org.jspecify.annotations.Nullable RetryDecision stop(
      Policy policy, CallSoFar call) {
    if (call.attempts() >= policy.maxAttempts()) {
      return new GiveUp(Reason.ATTEMPTS);
    }
    return call.replayable() ? null : new GiveUp(Reason.NOT_REPLAYABLE);
  }

  private static RetryDecision within(
      Policy policy, CallSoFar call, long wait, long allowed, boolean hinted) {
    return wait > allowed || wait > policy.maxCallWaitNanos() - call.waitedNanos()
        ? new GiveUp(Reason.DEADLINE)
        : new Retry(wait, hinted);
  }

  /** {@code initial · 2^(n-1)}, at most {@code cap}. */
  static long ladder(long initial, int n, long cap) {
    int doublings = Math.max(0, n - 1);
    return doublings >= 40 || initial > cap >> doublings ? cap : initial << doublings;
  }

  private static long jitterUp(long nanos, double jitter, double random) {
    return nanos + (long) (nanos * jitter * random);
  }

  private static long jitterBoth(long nanos, double jitter, double random) {
    return nanos + (long) (nanos * jitter * (2 * random - 1));
  }

  private static long saturatedMillis(long millis) {
    return millis > Long.MAX_VALUE / 4 / MILLI ? Long.MAX_VALUE / 4 : millis * MILLI;
  }
}
