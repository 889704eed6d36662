package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Mistral: limits of the wall-clock minute, named in the header ({@code -req-minute}); no reset and
 * no {@code retry-after}, and error types that lie.
 */
final class Mistral {
  private Mistral() {}

  static Provider provider() {
    return Provider.named("mistral")
        .alias("mistralai", "mistral_ai")
        .hosts("api.mistral.ai", "codestral.mistral.ai")
        .paths(BasePaths.openAi("/v1").othersBelow("/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.WALL_CLOCK))
        .phrase("service tier capacity exceeded", Meaning.CAPACITY)
        .ownCode("3505", Meaning.CAPACITY)
        .code("rate_limited", Meaning.LIMITED)
        .ownCode("1300", Meaning.REQUESTS_LIKELY)
        .build();
  }
}
