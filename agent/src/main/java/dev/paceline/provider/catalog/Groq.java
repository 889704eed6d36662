package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Groq: {@code x-ratelimit-limit-requests} is always of a day, {@code -tokens} always of a minute;
 * the limit of requests per minute is in no header.
 */
final class Groq {
  private Groq() {}

  static Provider provider() {
    return Provider.named("groq")
        .hosts("api.groq.com", "*.api.groq.com")
        .paths(BasePaths.openAi("/openai/v1").othersBelow("/openai/v1").build())
        .limits(LimitGrammar.OPENAI.requestsPer(LimitGrammar.DAY))
        .status(498, Meaning.CAPACITY)
        .phrase("flex tier capacity", Meaning.CAPACITY)
        .charges(ChargingModel.PROMPT_AND_MAX)
        .givesBack()
        .cacheFree()
        .usage(UsageAt.GROQ)
        .build();
  }
}
