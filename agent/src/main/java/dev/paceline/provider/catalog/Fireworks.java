package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Fireworks: prompt, uncached prompt and generated tokens counted apart; {@code
 * x-ratelimit-over-limit} on a served answer is no refusal.
 */
final class Fireworks {
  private Fireworks() {}

  static Provider provider() {
    return Provider.named("fireworks")
        .alias("fireworks-ai", "fireworks_ai")
        .hosts("api.fireworks.ai")
        .paths(
            BasePaths.openAi("/inference/v1")
                .anthropic("/inference/v1")
                .othersBelow("/inference/v1")
                .build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.DURATION))
        .charges(ChargingModel.PROMPT)
        .build();
  }
}
