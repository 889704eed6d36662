package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

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
        // Of providers that are mapped by hand: iFlytek Spark's and Tencent Hunyuan's tables of
        // codes.
        .code("11200", Meaning.QUOTA)
        .code("11201", Meaning.RPD)
        .code("11202", Meaning.RPM)
        .code("11203", Meaning.CONCURRENCY)
        .code("10007", Meaning.CONCURRENCY)
        .code("10008", Meaning.CAPACITY)
        .code("10907", Meaning.TOO_LARGE)
        .code("failedoperation.engineserverlimitexceeded", Meaning.CAPACITY)
        .code("failedoperation.freeresourcepackexhausted", Meaning.QUOTA)
        .code("failedoperation.resourcepackexhausted", Meaning.QUOTA)
        .code("failedoperation.servicestoparrears", Meaning.QUOTA)
        .code("resourceinsufficient.chargeresourceexhausted", Meaning.QUOTA)
        .code("requestlimitexceeded", Meaning.REQUESTS_LIKELY)
        .code("insufficient_user_quota", Meaning.QUOTA)
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
