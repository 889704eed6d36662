package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/**
 * OpenAI. Limits belong to the organisation and the project; {@code x-ratelimit-limit-requests} may
 * be of a minute or of a day.
 */
final class OpenAi {
  private OpenAi() {}

  static Provider provider() {
    return Provider.named("openai")
        .hosts("api.openai.com", "eu.api.openai.com", "us.api.openai.com", "*.api.openai.com")
        .paths(BasePaths.openAi("/v1").othersBelow("/v1").build())
        .limits(LimitGrammar.OPENAI)
        .requestOwners("openai-organization", "openai-project")
        .answerOwners("openai-organization", "openai-project")
        .code("insufficient_quota", Meaning.QUOTA)
        .code("credit_balance_exhausted", Meaning.QUOTA)
        .code("organization_spend_limit_exceeded", Meaning.QUOTA)
        .code("project_spend_limit_exceeded", Meaning.QUOTA)
        .code("organization_usage_limit_exceeded", Meaning.QUOTA)
        .code("project_usage_limit_exceeded", Meaning.QUOTA)
        .code("billing_hard_limit_reached", Meaning.QUOTA)
        .code("billing_not_active", Meaning.QUOTA)
        .code("usage_not_included", Meaning.QUOTA)
        .code("usage_limit_reached", Meaning.QUOTA)
        .code("context_length_exceeded", Meaning.TOO_LARGE)
        .code("string_above_max_length", Meaning.TOO_LARGE)
        .code("slow_down", Meaning.CAPACITY)
        .code("rate_reduction_required", Meaning.CAPACITY)
        .code("resource_unavailable", Meaning.CAPACITY)
        .code("server_is_overloaded", Meaning.CAPACITY)
        .code("rate_limit_exceeded", Meaning.LIMITED)
        .code("tokens", Meaning.TOKENS)
        .code("requests", Meaning.REQUESTS)
        .code("input-images", Meaning.ELSE)
        .charges(ChargingModel.LARGER_OF_PROMPT_AND_MAX)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
