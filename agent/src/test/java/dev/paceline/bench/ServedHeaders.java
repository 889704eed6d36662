package dev.paceline.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The headers of a served answer as OpenAI sends them behind its proxy, 25 in all: without them the
 * hot path was measured without its dearest part. Values are made up, and large enough (tokens of a
 * second, by a header of Azure's) that no call of a benchmark is held.
 */
final class ServedHeaders {
  private static final String[] LINES = {
    "date", "Tue, 14 Nov 2023 22:13:20 GMT",
    "content-type", "application/json",
    "content-length", "2",
    "connection", "keep-alive",
    "access-control-expose-headers", "X-Request-ID",
    "openai-organization", "org-example",
    "openai-processing-ms", "412",
    "openai-project", "proj_example",
    "openai-version", "2020-10-01",
    "x-envoy-upstream-service-time", "430",
    "x-ratelimit-limit-requests", "400000000",
    "x-ratelimit-limit-tokens", "400000000",
    "x-ratelimit-remaining-requests", "399999999",
    "x-ratelimit-remaining-tokens", "399999974",
    "x-ratelimit-reset-requests", "12ms",
    "x-ratelimit-reset-tokens", "9ms",
    "x-request-id", "req_example",
    "cf-cache-status", "DYNAMIC",
    "set-cookie", "a=b; path=/",
    "strict-transport-security", "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options", "nosniff",
    "server", "cloudflare",
    "cf-ray", "8000000000000000-AMS",
    "alt-svc", "h3=\":443\"; ma=86400",
    "x-ratelimit-renewalperiod-tokens", "1"
  };

  private ServedHeaders() {}

  static String[] lines() {
    return LINES.clone();
  }

  static Map<String, List<String>> map() {
    Map<String, List<String>> map = new LinkedHashMap<>();
    for (int i = 0; i < LINES.length; i += 2) {
      map.put(LINES[i], List.of(LINES[i + 1]));
    }
    return map;
  }
}
