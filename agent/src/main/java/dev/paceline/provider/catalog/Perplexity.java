package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.OTHER;

import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** Perplexity: no headers; the type names the limit. */
final class Perplexity {
  private Perplexity() {}

  static Provider provider() {
    return Provider.named("perplexity")
        .alias("pplx")
        .hosts("api.perplexity.ai")
        .paths(BasePaths.openAi("", "/v1").own("/search", OTHER).build())
        .code("request_rate_limit_exceeded", Meaning.RPM)
        .code("token_rate_limit_exceeded", Meaning.TPM)
        .code("too_many_prompt_tokens", Meaning.TOO_LARGE)
        .usage(UsageAt.OPENAI_EVERY_CHUNK)
        .build();
  }
}
