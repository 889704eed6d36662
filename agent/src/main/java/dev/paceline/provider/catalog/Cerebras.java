package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Cerebras: two kinds of 429. The one that clears in seconds (its queue) is the one it marks {@code
 * x-should-retry: false}, so that mark is not believed there.
 */
final class Cerebras {
  private Cerebras() {}

  static Provider provider() {
    return Provider.named("cerebras")
        .hosts("api.cerebras.ai")
        .paths(BasePaths.openAi("/v1").othersBelow("/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.SECONDS))
        .ignoresShouldRetryWhenQueued()
        .code("queue_exceeded", Meaning.CAPACITY)
        .code("request_quota_exceeded", Meaning.REQUESTS)
        .code("token_quota_exceeded", Meaning.TOKENS)
        .code("too_many_tokens_error", Meaning.TOKENS)
        .charges(ChargingModel.PROMPT_AND_MAX)
        .build();
  }
}
