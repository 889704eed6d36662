package dev.paceline.provider;

import dev.paceline.words.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the dialect of a server that the user mapped as {@code auto} by headers that only one
 * provider sends. Names that gateways copy from OpenAI ({@code x-ratelimit-limit-requests}) tell
 * nothing and are not here.
 */
public final class Dialects {
  /** A sign: the beginning of a header's name, or the whole of it. */
  private record Sign(String name, boolean prefix, String provider) {}

  /** A gateway re-emits what its upstream said, so gateways stand first. */
  private static final Sign[] SIGNS = {
    new Sign("x-litellm-", true, "litellm-proxy"),
    new Sign("llm_provider-", true, "litellm-proxy"),
    new Sign("cf-aig-", true, "cloudflare-ai-gateway"),
    new Sign("anthropic-ratelimit-", true, "anthropic"),
    new Sign("anthropic-organization-id", false, "anthropic"),
    new Sign("x-ratelimit-renewalperiod-", true, "azure-openai"),
    new Sign("x-ms-deployment-name", false, "azure-openai"),
    new Sign("azure-openai-deployment-utilization", false, "azure-openai"),
    new Sign("openai-version", false, "openai"),
    new Sign("openai-organization", false, "openai"),
    new Sign("x-gemini-service-tier", false, "gemini"),
    new Sign("x-amzn-bedrock-", true, "bedrock"),
    new Sign("mistral-correlation-id", false, "mistral"),
    new Sign("x-ratelimit-limit-req-minute", false, "mistral"),
    new Sign("x-groq-region", false, "groq"),
    new Sign("x-endpoint-monthly-call-limit", false, "cohere"),
    new Sign("x-trial-endpoint-call-limit", false, "cohere"),
    new Sign("x-ds-trace-id", false, "deepseek"),
    new Sign("x-ppl-region", false, "perplexity"),
    new Sign("x-generation-id", false, "openrouter"),
    new Sign("x-tokenlimit-limit-dynamic", false, "together"),
    new Sign("x-ratelimit-limit-tokens-cache-adjusted-prompt", false, "fireworks"),
    new Sign("x-ratelimit-limit-requests-hour", false, "cerebras"),
    new Sign("x-ratelimit-timeremaining", false, "github-models"),
  };

  private static final int MAX_HEADERS = 400;

  private Dialects() {}

  /** The provider's id; null when the headers do not tell. */
  public static @Nullable String recognise(Headers answerHeaders) {
    int best = SIGNS.length;
    int seen = 0;
    for (Map.Entry<String, List<String>> header : answerHeaders.all().entrySet()) {
      if (seen++ >= MAX_HEADERS) {
        break;
      }
      String name = header.getKey();
      if (name.length() > 100) {
        continue;
      }
      String lower = name.toLowerCase(Locale.ROOT);
      for (int i = 0; i < best; i++) {
        Sign sign = SIGNS[i];
        if (sign.prefix ? lower.startsWith(sign.name) : lower.equals(sign.name)) {
          best = i;
        }
      }
    }
    return best == SIGNS.length ? null : SIGNS[best].provider;
  }
}
