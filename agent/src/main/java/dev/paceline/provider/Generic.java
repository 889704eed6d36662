package dev.paceline.provider;

/**
 * Any other server: OpenAI's and Anthropic's paths, every grammar that means the same whoever
 * speaks it. Only by the user's word.
 */
final class Generic {
  private Generic() {}

  static Provider provider() {
    return Provider.named("generic")
        .alias("auto", "openai-compatible", "other")
        .paths(
            BasePaths.openAi("", "/v1", "/openai/v1", "/api/v1", "/v2")
                .anthropic("/v1", "/anthropic/v1")
                .build())
        .errorsInsideSuccess()
        .code("too_many_requests", Meaning.LIMITED)
        .code("too_many_requests_error", Meaning.LIMITED)
        .code("ratelimitreached", Meaning.LIMITED)
        .code("rate_limit", Meaning.LIMITED)
        .code("ratelimit", Meaning.LIMITED)
        .code("quota_exceeded", Meaning.QUOTA)
        .code("insufficient_balance", Meaning.QUOTA)
        .code("insufficient_credits", Meaning.QUOTA)
        .code("payment_required", Meaning.QUOTA)
        .code("overloaded", Meaning.CAPACITY)
        .code("service_overloaded", Meaning.CAPACITY)
        .code("concurrency_limit_exceeded", Meaning.CONCURRENCY)
        .code("server_error", Meaning.FAILED)
        .code("internal_server_error", Meaning.FAILED)
        .code("internal_error", Meaning.FAILED)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
