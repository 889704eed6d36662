package dev.paceline.provider;

import dev.paceline.words.Answer;
import dev.paceline.words.Judgement;
import dev.paceline.words.Judgement.Kind;
import dev.paceline.words.Limit;

public final class Classifier {
  public Judgement judge(String provider, Answer a, long nowEpochMillis) {
    if (a.status() == 429) {
      String ra = a.headers().first("retry-after");
      return new Judgement(
          Kind.LIMITED,
          Limit.UNKNOWN,
          true,
          ra == null ? -1 : Long.parseLong(ra) * 1000,
          false,
          "429");
    }
    return new Judgement(
        a.status() >= 500 ? Kind.PERHAPS_PROCESSED : Kind.OTHER_ERROR, null, false, -1, false, "");
  }
}
