package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/** SambaNova: headers with the day in the name beside those of the minute. */
final class SambaNova {
  private SambaNova() {}

  static Provider provider() {
    return Provider.named("sambanova")
        .alias("samba-nova")
        .hosts("api.sambanova.ai", "*.sambanova.ai")
        .paths(BasePaths.openAi("/v1").anthropic("/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.EPOCH_SECONDS))
        .build();
  }
}
