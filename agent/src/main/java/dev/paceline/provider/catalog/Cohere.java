package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.AUXILIARY;
import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.GENERATION;
import static dev.paceline.words.Operation.RERANK;

import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Cohere: plain messages, trial limits in headers of their own, too many tokens in one prompt as
 * 400.
 */
final class Cohere {
  private Cohere() {}

  static Provider provider() {
    return Provider.named("cohere")
        .hosts("api.cohere.com", "api.cohere.ai", "*.api.cohere.com")
        .paths(
            BasePaths.openAi("/compatibility/v1", "/v1", "/v2")
                .own("/v2/chat", GENERATION)
                .own("/v1/chat", GENERATION)
                .own("/v1/generate", GENERATION)
                .own("/v1/summarize", GENERATION)
                .own("/v1/classify", GENERATION)
                .own("/v1/embed", EMBEDDING)
                .own("/v2/embed", EMBEDDING)
                .ownAndBelow("/v1/rerank", RERANK)
                .ownAndBelow("/v2/rerank", RERANK)
                .own("/v1/check-api-key", AUXILIARY)
                .othersBelow("/v1")
                .othersBelow("/v2")
                .build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.SECONDS))
        .code("too_many_tokens", Meaning.TOO_LARGE)
        .phrase("maximum billing reached", Meaning.QUOTA)
        .phrase("update your payment method", Meaning.QUOTA)
        .phrase("per minute request limit", Meaning.RPM)
        .usage(UsageAt.COHERE)
        .build();
  }
}
