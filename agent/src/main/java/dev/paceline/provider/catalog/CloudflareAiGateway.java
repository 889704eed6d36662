package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;
import dev.paceline.provider.path.CloudflarePaths;
import dev.paceline.provider.path.SuffixPaths;

/**
 * Cloudflare: the AI Gateway in front of others, and Workers AI with its daily allocation of
 * neurons.
 */
final class CloudflareAiGateway {
  private CloudflareAiGateway() {}

  static Provider provider() {
    return Provider.named("cloudflare-ai-gateway")
        .alias("cloudflare", "cloudflare-workers-ai", "workers-ai", "cf-ai-gateway")
        .host("gateway.ai.cloudflare.com", CloudflarePaths.gateway())
        .host("api.cloudflare.com", CloudflarePaths.workers())
        .paths(new SuffixPaths(BasePaths.openAi("", "/v1").anthropic("/v1").build(), 5))
        .phrase("daily free allocation", Meaning.QUOTA)
        .ownCode("3036", Meaning.QUOTA)
        .ownCode("4006", Meaning.QUOTA)
        .ownCode("3040", Meaning.CAPACITY)
        .ownCode("2003", Meaning.REQUESTS_LIKELY)
        .usage(UsageAt.UPSTREAMS)
        .build();
  }
}
