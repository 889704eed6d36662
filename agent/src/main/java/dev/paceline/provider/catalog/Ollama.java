package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.AUXILIARY;
import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.GENERATION;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;
import dev.paceline.provider.path.PathGrammar;

/** Ollama, local and in the cloud: errors are plain strings, a full queue is 503. */
final class Ollama {
  private static final PathGrammar PATHS =
      BasePaths.openAi("/v1")
          .anthropic("/v1")
          .own("/api/chat", GENERATION)
          .own("/api/generate", GENERATION)
          .own("/api/embed", EMBEDDING)
          .own("/api/embeddings", EMBEDDING)
          .own("/api/tags", AUXILIARY)
          .own("/api/show", AUXILIARY)
          .own("/api/ps", AUXILIARY)
          .build();

  private Ollama() {}

  static Provider provider() {
    return Provider.named("ollama")
        .hosts("ollama.com", "www.ollama.com")
        .local(11434, PATHS)
        .paths(PATHS)
        .phrase("maximum pending requests exceeded", Meaning.CONCURRENCY)
        .phrase("hourly usage limit", Meaning.QUOTA)
        .phrase("weekly usage limit", Meaning.QUOTA)
        .charges(ChargingModel.NOTHING)
        .usage(UsageAt.OLLAMA)
        .build();
  }
}
