package dev.paceline.config;

/**
 * What holds for one provider, model and host. Times are nanoseconds.
 *
 * @param enabled whether the agent looks after the call at all
 * @param mode what it does with it
 * @param maxAttempts requests that the call may become, at least 1
 * @param maxWaitNanos longest single wait
 * @param maxWaitTyped whether a person set it: it then overrides the request's own timeout (rule 3
 *     of the design)
 * @param maxCallWaitNanos longest time of all waits together
 * @param backoffInitialNanos first wait without a hint
 * @param perhapsInitialNanos first wait after a failure that was perhaps processed
 * @param backoffCapNanos longest wait of the ladder
 * @param jitter 0 to 1
 * @param onDeadline what becomes of an unsent call whose wait would not fit
 * @param retryFirstEvent whether an event stream is held back until its first event, and repeated
 *     when that is a limit's error
 * @param retryProvisioned whether a 429 of a provisioned deployment is waited out as any other
 * @param ruleId the rule that applies; empty when none does
 * @param bounds what is typed about the pace
 * @param sharing what is typed about whose calls go first
 */
public record Policy(
    boolean enabled,
    Mode mode,
    int maxAttempts,
    long maxWaitNanos,
    boolean maxWaitTyped,
    long maxCallWaitNanos,
    long backoffInitialNanos,
    long perhapsInitialNanos,
    long backoffCapNanos,
    double jitter,
    OnDeadline onDeadline,
    boolean retryFirstEvent,
    boolean retryProvisioned,
    String ruleId,
    Bounds bounds,
    Sharing sharing) {

  /** Where nothing is typed about whose calls go first. */
  public Policy(
      boolean enabled,
      Mode mode,
      int maxAttempts,
      long maxWaitNanos,
      boolean maxWaitTyped,
      long maxCallWaitNanos,
      long backoffInitialNanos,
      long perhapsInitialNanos,
      long backoffCapNanos,
      double jitter,
      OnDeadline onDeadline,
      boolean retryFirstEvent,
      boolean retryProvisioned,
      String ruleId,
      Bounds bounds) {
    this(
        enabled,
        mode,
        maxAttempts,
        maxWaitNanos,
        maxWaitTyped,
        maxCallWaitNanos,
        backoffInitialNanos,
        perhapsInitialNanos,
        backoffCapNanos,
        jitter,
        onDeadline,
        retryFirstEvent,
        retryProvisioned,
        ruleId,
        bounds,
        Sharing.NONE);
  }

  /** Without what a person has to ask for. */
  public Policy(
      boolean enabled,
      Mode mode,
      int maxAttempts,
      long maxWaitNanos,
      boolean maxWaitTyped,
      long maxCallWaitNanos,
      long backoffInitialNanos,
      long perhapsInitialNanos,
      long backoffCapNanos,
      double jitter,
      OnDeadline onDeadline,
      String ruleId) {
    this(
        enabled,
        mode,
        maxAttempts,
        maxWaitNanos,
        maxWaitTyped,
        maxCallWaitNanos,
        backoffInitialNanos,
        perhapsInitialNanos,
        backoffCapNanos,
        jitter,
        onDeadline,
        false,
        false,
        ruleId,
        Bounds.NONE);
  }

  /** The same with this about whose calls go first. */
  public Policy withSharing(Sharing other) {
    return new Policy(
        enabled,
        mode,
        maxAttempts,
        maxWaitNanos,
        maxWaitTyped,
        maxCallWaitNanos,
        backoffInitialNanos,
        perhapsInitialNanos,
        backoffCapNanos,
        jitter,
        onDeadline,
        retryFirstEvent,
        retryProvisioned,
        ruleId,
        bounds,
        other);
  }

  /** The same with another number of attempts. */
  public Policy withMaxAttempts(int other) {
    return other == maxAttempts
        ? this
        : new Policy(
            enabled,
            mode,
            other,
            maxWaitNanos,
            maxWaitTyped,
            maxCallWaitNanos,
            backoffInitialNanos,
            perhapsInitialNanos,
            backoffCapNanos,
            jitter,
            onDeadline,
            retryFirstEvent,
            retryProvisioned,
            ruleId,
            bounds,
            sharing);
  }
}
