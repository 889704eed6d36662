package dev.paceline.cli;

import dev.paceline.words.Answer;
import dev.paceline.words.Judgement;

/** The classifier as {@code explain} needs it. */
@FunctionalInterface
public interface AnswerJudge {
  /**
   * What the answer means.
   *
   * @param provider provider id or alias; empty when it is not known
   */
  Judgement judge(String provider, Answer answer, long nowEpochMillis);
}
