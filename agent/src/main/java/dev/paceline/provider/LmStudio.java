package dev.paceline.provider;

import static dev.paceline.words.Operation.GENERATION;

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
        .charges(Charge.NOTHING)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
