package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.GooglePaths;

/**
 * The Gemini API: no limit headers at all, everything is in {@code google.rpc} details, which
 * {@link dev.paceline.provider.error.ErrorReader} reads.
 */
final class Gemini {
  private Gemini() {}

  static Provider provider() {
    return Provider.named("gemini")
        .alias("google", "gcp.gemini", "google-ai", "google-gemini", "gemini-api")
        .hosts(
            "generativelanguage.googleapis.com",
            "cloudcode-pa.googleapis.com",
            "*.generativelanguage.googleapis.com")
        .paths(GooglePaths.gemini())
        .credentials("x-goog-api-key", "authorization")
        .code("quota_exhausted", Meaning.QUOTA)
        .code("insufficient_g1_credits_balance", Meaning.QUOTA)
        .code("model_capacity_exhausted", Meaning.CAPACITY)
        .code("resource_exhausted", Meaning.LIMITED)
        .code("ratelimitexceeded", Meaning.LIMITED)
        .code("internal", Meaning.FAILED)
        .charges(ChargingModel.PROMPT)
        .usage(UsageAt.GEMINI)
        .streamsArrays()
        .build();
  }
}
