package dev.paceline.provider;

import static dev.paceline.words.Operation.AUXILIARY;

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
        .charges(Charge.NOTHING)
        .build();
  }
}
