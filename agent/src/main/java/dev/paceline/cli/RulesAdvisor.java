package dev.paceline.cli;

import dev.paceline.config.Policy;
import dev.paceline.config.Settings;
import dev.paceline.retry.CallSoFar;
import dev.paceline.retry.RetryRules;
import dev.paceline.words.Answer;
import dev.paceline.words.Judgement;
import dev.paceline.words.Judgement.Kind;
import dev.paceline.words.Verdict;
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
  public Advice advise(String provider, Answer answer, Judgement judgement) {
    Policy policy = settings.policyFor(provider, "unknown", "");
    if (!policy.enabled()) {
      return new Advice("deliver", OptionalLong.empty());
    }
    boolean limited = judgement.kind() == Kind.LIMITED;
    boolean perhaps = judgement.kind() == Kind.PERHAPS_PROCESSED;
    CallSoFar first = new CallSoFar(1, limited ? 1 : 0, perhaps ? 1 : 0, 0, 0, true, true);
    // The provider's waits are stretched upward from 0, our own to both sides of one half.
    double noJitter = limited && judgement.waitMillis() > 0 ? 0 : 0.5;
    Verdict verdict = RetryRules.decide(policy, first, judgement, noJitter);
    if (verdict instanceof Verdict.Retry retry) {
      return new Advice("retry", OptionalLong.of((retry.waitNanos() + MILLI - 1) / MILLI));
    }
    return new Advice(
        verdict instanceof Verdict.GiveUp ? "give-up" : "deliver", OptionalLong.empty());
  }
}
