package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * OpenRouter: headers of the limit inside the body, who limits in {@code metadata.limit_source},
 * errors also inside a 200.
 */
final class OpenRouter {
  private OpenRouter() {}

  static Provider provider() {
    return Provider.named("openrouter")
        .alias("open-router")
        .hosts("openrouter.ai", "*.openrouter.ai")
        .paths(BasePaths.openAi("/api/v1").anthropic("/api/v1").build())
        .errorsInsideSuccess()
        .limits(LimitGrammar.of(LimitGrammar.Reset.EPOCH_MILLIS))
        .code("openrouter_credits", Meaning.QUOTA)
        .code("openrouter_free_tier_daily", Meaning.RPD)
        .code("openrouter_free_tier_minute", Meaning.RPM)
        .code("openrouter_shared_capacity", Meaning.CAPACITY)
        .code("upstream_provider_shared_pool", Meaning.CAPACITY)
        .phrase("rate limited upstream", Meaning.CAPACITY)
        .phrase("limit rpd /", Meaning.RPD)
        .phrase("limit rpm /", Meaning.RPM)
        .phrase("free models per day", Meaning.RPD)
        .phrase("free models per min", Meaning.RPM)
        .build();
  }
}
