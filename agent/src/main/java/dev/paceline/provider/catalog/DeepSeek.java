package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.AUXILIARY;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** DeepSeek: announces no limits; an empty balance is 402 under generic codes. */
final class DeepSeek {
  private DeepSeek() {}

  static Provider provider() {
    return Provider.named("deepseek")
        .hosts("api.deepseek.com")
        .paths(
            BasePaths.openAi("", "/v1", "/beta")
                .anthropic("/anthropic/v1", "/anthropic")
                .own("/user/balance", AUXILIARY)
                .build())
        .phrase("insufficient balance", Meaning.QUOTA)
        .charges(ChargingModel.NOTHING)
        .build();
  }
}
