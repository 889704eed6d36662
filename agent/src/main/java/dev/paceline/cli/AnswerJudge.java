package dev.paceline.cli;

import dev.paceline.words.Classification;
import dev.paceline.words.ProviderResponse;

/** The classifier as {@code explain} needs it. */
@FunctionalInterface
public interface AnswerJudge {
  /**
   * What the answer means.
   *
   * @param provider provider id or alias; empty when it is not known
   */
  Classification judge(String provider, ProviderResponse answer, long nowEpochMillis);
}
