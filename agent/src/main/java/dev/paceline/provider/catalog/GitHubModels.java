package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;
import dev.paceline.provider.path.SuffixPaths;

/**
 * GitHub Models: the limit is named in {@code x-ratelimit-type} and in the message ({@code
 * UserByModelByDay}); the limit header of a served answer is not the binding one.
 */
final class GitHubModels {
  private GitHubModels() {}

  static Provider provider() {
    return Provider.named("github-models")
        .alias("github", "github_models")
        .host("models.github.ai", new SuffixPaths(BasePaths.openAi("/inference").build(), 3))
        .host("models.inference.ai.azure.com", BasePaths.openAi("", "/v1").build())
        .paths(BasePaths.openAi("/inference", "", "/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.SECONDS))
        .ownPhrase("rate limit of", Meaning.REQUESTS_LIKELY)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
