package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * xAI: limits of the team; the error is a string beside the code, spent credits come as 429 or as
 * 403.
 */
final class XAi {
  private XAi() {}

  static Provider provider() {
    return Provider.named("xai")
        .alias("x.ai", "x_ai", "grok")
        .hosts("api.x.ai", "*.api.x.ai")
        .paths(BasePaths.openAi("/v1").anthropic("/v1").othersBelow("/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.DURATION))
        .phrase("used all available credits", Meaning.QUOTA)
        .phrase("monthly spending limit", Meaning.QUOTA)
        .code("some resource has been exhausted", Meaning.LIMITED)
        .build();
  }
}
