package dev.paceline.limit;

import dev.paceline.words.Limit;

/**
 * What a call is expected to cost a budget.
 *
 * @param requests requests on the wire, at least 1
 * @param inputTokens tokens of the prompt, 0 when nothing is known
 * @param outputTokens tokens of the answer that the provider sets aside, 0 when nothing is known
 */
public record Cost(int requests, long inputTokens, long outputTokens) {
  /** One request of unknown size. */
  public static final Cost ONE = new Cost(1, 0, 0);

  /** More tokens than any model takes: bounds the arithmetic. */
  private static final long MAX_TOKENS = 1_000_000_000L;

  public Cost {
    requests = Math.max(1, requests);
    inputTokens = Math.max(0, Math.min(MAX_TOKENS, inputTokens));
    outputTokens = Math.max(0, Math.min(MAX_TOKENS, outputTokens));
  }

  /** What this costs one limit, in its own unit. */
  public long of(Limit limit) {
    return of(limit, requests, inputTokens, outputTokens);
  }

  static long of(Limit limit, long requests, long inputTokens, long outputTokens) {
    return switch (limit) {
      case TPM, TPD -> inputTokens + outputTokens;
      case ITPM -> inputTokens;
      case OTPM -> outputTokens;
      default -> requests;
    };
  }

  /** Whether a limit counts tokens, of which a charge is an estimate. */
  static boolean countsTokens(Limit limit) {
    return switch (limit) {
      case TPM, TPD, ITPM, OTPM -> true;
      default -> false;
    };
  }
}
