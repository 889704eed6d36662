package dev.paceline.call;

import dev.paceline.config.Policy;
import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.limit.ScopeLimiter;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.retry.CallSoFar;
import dev.paceline.retry.RetryRules;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One refusal judged and learned from before there is any, into a budget that nobody uses, while
 * the first attempts are on the way. Without it the classes for it load with the first 429, and in
 * a JVM of 300 threads that has just begun, 150 more calls left for it in that time.
 */
final class WarmUp {
  private static final String BODY =
      "{\"error\":{\"message\":\"Rate limit reached for requests. Please try again in 80ms.\","
          + "\"type\":\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}";

  private static final Map<String, List<String>> HEADERS =
      Map.of(
          "content-type", List.of("application/json"),
          "retry-after", List.of("1"),
          "x-ratelimit-limit-requests", List.of("60"),
          "x-ratelimit-remaining-requests", List.of("0"),
          "x-ratelimit-reset-requests", List.of("59.9s"));

  private WarmUp() {}

  static void run(Classifier classifier, Policy policy, long now, long epochMillis) {
    Headers headers =
        new Headers() {
          @Override
          public @Nullable String first(String name) {
            List<String> values = HEADERS.get(name);
            return values == null ? null : values.get(0);
          }

          @Override
          public Map<String, List<String>> all() {
            return HEADERS;
          }
        };
    ProviderResponse answer =
        new ProviderResponse(429, headers, BODY.getBytes(StandardCharsets.UTF_8), true);
    Classification judgement = classifier.judge("openai", answer, epochMillis, false);
    RetryRules.decide(policy, new CallSoFar(1, 1, 1, 0, 0, true, true), judgement, 0.5);
    List<LimitReading> readings = LimitHeaders.read("openai", headers, epochMillis);
    ScopeLimiter budget = new ScopeLimiter(now);
    Permit served = budget.left(now, Cost.ONE);
    Permit refused = budget.left(now, Cost.ONE);
    budget.answered(now + 1, served, readings, null, 0, 1, 1, 0.5);
    budget.ended(now + 1, served);
    budget.answered(now + 2, refused, readings, judgement.limit(), 1, 1, 1, 0.5);
    budget.ended(now + 2, refused);
    budget.earliest(now + 3, Cost.ONE, 1, now);
    budget.predict(now + 3, 1, 0, 0);
  }
}
