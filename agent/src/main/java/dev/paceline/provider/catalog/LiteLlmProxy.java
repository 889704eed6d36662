package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * A LiteLLM proxy: local limits in its own words, forwarded errors as text inside its message,
 * forwarded headers under {@code llm_provider-}.
 */
final class LiteLlmProxy {
  private LiteLlmProxy() {}

  static Provider provider() {
    return Provider.named("litellm-proxy")
        .alias("litellm")
        .local(4000, BasePaths.openAi("", "/v1").anthropic("/v1").build())
        .paths(BasePaths.openAi("", "/v1").anthropic("/v1").build())
        .limits(LimitGrammar.OPENAI)
        .credentials("authorization", "x-litellm-api-key", "api-key", "x-api-key", "x-goog-api-key")
        .phrase("no deployments available", Meaning.CAPACITY)
        .phrase("max parallel request limit", Meaning.CONCURRENCY)
        .phrase("budget has been exceeded", Meaning.QUOTA)
        .code("budget_exceeded", Meaning.QUOTA)
        .code("throttling_error", Meaning.LIMITED)
        .usage(UsageAt.UPSTREAMS)
        .build();
  }
}
