package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.GENERATION;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.path.BasePaths;

/** LM Studio on the developer's machine: no limits but the machine's own. */
final class LmStudio {
  private LmStudio() {}

  static Provider provider() {
    return Provider.named("lmstudio")
        .alias("lm-studio", "lm_studio")
        .local(
            1234,
            BasePaths.openAi("/v1", "/api/v0")
                .anthropic("/v1")
                .own("/api/v1/chat", GENERATION)
                .build())
        .paths(
            BasePaths.openAi("/v1", "/api/v0")
                .anthropic("/v1")
                .own("/api/v1/chat", GENERATION)
                .build())
        .charges(ChargingModel.NOTHING)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
