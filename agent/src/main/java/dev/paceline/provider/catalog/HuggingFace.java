package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.HuggingFacePaths;
import dev.paceline.provider.path.PathGrammar;
import dev.paceline.provider.path.SuffixPaths;

/**
 * Hugging Face: the router, the old inference API and dedicated endpoints; spent credits are 402, a
 * model being loaded is 503.
 */
final class HuggingFace {
  private static final PathGrammar ROUTED = new HuggingFacePaths();

  private HuggingFace() {}

  static Provider provider() {
    return Provider.named("huggingface")
        .alias("hugging-face", "hf")
        .host("router.huggingface.co", new SuffixPaths(ROUTED, 3))
        .host("api-inference.huggingface.co", ROUTED)
        .host("*.endpoints.huggingface.cloud", ROUTED)
        .paths(ROUTED)
        .code("rate_limit_exceeded_error", Meaning.LIMITED)
        .phrase("is currently loading", Meaning.CAPACITY)
        .phrase("monthly included credits", Meaning.QUOTA)
        .build();
  }
}
