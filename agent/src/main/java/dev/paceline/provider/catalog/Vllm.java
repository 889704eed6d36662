package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.AUXILIARY;
import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.GENERATION;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.path.BasePaths;
import dev.paceline.provider.path.PathGrammar;

/**
 * vLLM: no limits of its own; over-long prompts are told apart by their text. Its default port is
 * everybody's, so only paths that nothing else has count.
 */
final class Vllm {
  private static final PathGrammar LOCAL =
      BasePaths.own("/v1/chat/completions", GENERATION)
          .own("/v1/completions", GENERATION)
          .own("/v1/responses", GENERATION)
          .own("/v1/messages", GENERATION)
          .own("/v1/messages/count_tokens", AUXILIARY)
          .own("/v1/embeddings", EMBEDDING)
          .build();

  private Vllm() {}

  static Provider provider() {
    return Provider.named("vllm")
        .local(8000, LOCAL)
        .paths(
            BasePaths.openAi("", "/v1")
                .anthropic("/v1")
                .own("/pooling", EMBEDDING)
                .own("/generate", GENERATION)
                .build())
        .charges(ChargingModel.NOTHING)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
