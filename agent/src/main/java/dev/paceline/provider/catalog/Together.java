package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Together: limits move with use. {@code x-ratelimit-reset} is the wait that it suggests; a 503 is
 * its own lack of capacity, a 429 the caller's rate.
 */
final class Together {
  private Together() {}

  static Provider provider() {
    return Provider.named("together")
        .alias("together-ai", "together_ai", "togetherai")
        .hosts("api.together.xyz", "api.together.ai")
        .paths(BasePaths.openAi("/v1").anthropic("/v1").othersBelow("/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.SECONDS).withResetAsWait())
        .status(503, Meaning.CAPACITY)
        .code("dynamic_request_limited", Meaning.RPM)
        .code("dynamic_token_limited", Meaning.TPM)
        .build();
  }
}
