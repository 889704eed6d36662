package dev.paceline.cli;

import dev.paceline.config.Policy;
import dev.paceline.config.Settings;
import dev.paceline.retry.CallSoFar;
import dev.paceline.retry.RetryRules;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.ProviderResponse;
import dev.paceline.words.RetryDecision;
import java.util.OptionalLong;

/**
 * Asks the retry rules what they say to the first answer of a call that may be repeated, without
 * chance.
 */
final class RulesAdvisor implements Advisor {
  private static final long MILLI = 1_000_000L;

  private final Settings settings;

  RulesAdvisor(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Advice advise(String provider, ProviderResponse answer, Classification judgement) {
    Policy policy = settings.policyFor(provider, "unknown", "");
    if (!policy.enabled()) {
      return new Advice("deliver", OptionalLong.empty(), "a rule switches the agent off for it");
    }
    boolean limited = judgement.kind() == Kind.LIMITED;
    boolean perhaps = judgement.kind() == Kind.PERHAPS_PROCESSED;
    CallSoFar first = new CallSoFar(1, limited ? 1 : 0, perhaps ? 1 : 0, 0, 0, true, true);
    // The provider's waits are stretched upward from 0, our own to both sides of one half.
    double noJitter = limited && judgement.waitMillis() > 0 ? 0 : 0.5;
    RetryDecision verdict = RetryRules.decide(policy, first, judgement, noJitter);
    if (verdict instanceof RetryDecision.Retry retry) {
      return new Advice(
          "retry",
          OptionalLong.of((retry.waitNanos() + MILLI - 1) / MILLI),
          judgement.waitMillis() > 0
              ? "the answer says how long to wait"
              : "the first step of the backoff");
    }
    if (verdict instanceof RetryDecision.GiveUp giveUp) {
      return new Advice("give-up", OptionalLong.empty(), why(giveUp.reason(), policy, judgement));
    }
    return new Advice("deliver", OptionalLong.empty(), why(judgement));
  }

  private static String why(RetryDecision.Reason reason, Policy policy, Classification judgement) {
    return switch (reason) {
      case ATTEMPTS -> "max-attempts is " + policy.maxAttempts();
      case DEADLINE ->
          judgement.waitMillis() > 0
              ? "the answer asks for a wait of "
                  + seconds(judgement.waitMillis())
                  + " s; max-wait is "
                  + seconds(policy.maxWaitNanos() / MILLI)
                  + " s"
              : "no wait that is allowed helps";
      case QUOTA -> "a plan or money is used up; waiting does not help";
      case NOT_REPLAYABLE -> "the body cannot be sent a second time";
      case FORBIDDEN -> "the provider forbids a retry (x-should-retry: false)";
    };
  }

  private static String why(Classification judgement) {
    return switch (judgement.kind()) {
      case SERVED -> "it was served";
      case TOO_LARGE -> "the request is larger than the limit; it can never pass";
      case OTHER_ERROR -> "an error that a repeat does not cure";
      case LIMITED, PERHAPS_PROCESSED -> "it is not safe or not allowed to repeat it";
    };
  }

  private static String seconds(long millis) {
    return millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1000.0);
  }
}
