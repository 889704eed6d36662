package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/**
 * Moonshot (Kimi): one type for every limit, the message names it; "after 1 seconds" is a constant,
 * not a prediction.
 */
final class Moonshot {
  private Moonshot() {}

  static Provider provider() {
    return Provider.named("moonshot")
        .alias("kimi", "moonshotai", "moonshot_ai")
        .hosts("api.moonshot.ai", "api.moonshot.cn")
        .host(
            "api.kimi.com",
            BasePaths.openAi("/coding/v1", "/coding").anthropic("/coding/v1", "/coding").build())
        .paths(BasePaths.openAi("/v1").anthropic("/anthropic/v1").othersBelow("/v1").build())
        .code("engine_overloaded_error", Meaning.CAPACITY)
        .phrase("receiving too many requests at the moment", Meaning.CAPACITY)
        .code("exceeded_current_quota_error", Meaning.QUOTA)
        .code("rate_limit_reached_error", Meaning.LIMITED)
        .build();
  }
}
