package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * Anthropic. A spend cap, and on the OpenAI-compatible path even a rate limit, comes under a type
 * that says something else; the subscription headers ({@code unified}) tell a plan window from an
 * API limit.
 */
final class Anthropic {
  private Anthropic() {}

  static Provider provider() {
    return Provider.named("anthropic")
        .alias("claude")
        .hosts("api.anthropic.com", "*.api.anthropic.com")
        .host("claude.*.api.aws", BasePaths.anthropic("/v1").openAi("/v1").build())
        .paths(BasePaths.anthropic("/v1").openAi("/v1").othersBelow("/v1").build())
        .limits(LimitGrammar.of(LimitGrammar.Reset.INSTANT))
        .credentials("x-api-key", "authorization")
        .answerOwners("anthropic-organization-id")
        .code("enforced_spend_limit_reached", Meaning.QUOTA)
        .code("billing_error", Meaning.QUOTA)
        .phrase("credit balance is too low", Meaning.QUOTA)
        .phrase("reached your api usage limits", Meaning.QUOTA)
        .phrase("reached your specified api usage limits", Meaning.QUOTA)
        .code("overloaded_error", Meaning.CAPACITY)
        .code("request_too_large", Meaning.TOO_LARGE)
        .phrase("server is temporarily limiting requests", Meaning.CAPACITY)
        .phrase("concurrent connections", Meaning.CONCURRENCY)
        .code("rate_limit_error", Meaning.LIMITED)
        .code("api_error", Meaning.FAILED)
        .charges(ChargingModel.PROMPT)
        .cacheFree()
        .usage(UsageAt.ANTHROPIC)
        .build();
  }
}
