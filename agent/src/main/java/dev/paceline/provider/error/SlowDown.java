package dev.paceline.provider.error;

import dev.paceline.words.ProviderResponse;

/**
 * Whether an answer complains that use has risen too fast: OpenAI's 503 "Slow Down", Anthropic's
 * acceleration limits. Such an answer asks for more than a pause.
 */
public final class SlowDown {
  private SlowDown() {}

  /** Whether a limit answer asks for the rate of before. */
  public static boolean asked(ProviderResponse answer) {
    if (answer.body().length == 0 || (answer.status() != 503 && answer.status() != 429)) {
      return false;
    }
    ErrorFacts facts = new ErrorReader().body(answer.body()).facts(answer.status());
    return facts.codes().contains("slow_down")
        || facts.codes().contains("rate_reduction_required")
        || (answer.status() == 503 && facts.text().equals("slow down"))
        || facts.text().contains("usage increase rate")
        || facts.text().contains("acceleration limit");
  }
}
