package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.GooglePaths;

/**
 * Vertex AI: project and region own the limit. Its pay-as-you-go pool is shared by all customers,
 * and says so only by a link.
 */
final class VertexAi {
  private VertexAi() {}

  static Provider provider() {
    return Provider.named("vertex-ai")
        .alias("vertex", "vertexai", "gcp.vertex_ai", "google-vertex")
        .hosts(
            "aiplatform.googleapis.com",
            "*-aiplatform.googleapis.com",
            "aiplatform.*.rep.googleapis.com",
            "*-aiplatform.mtls.googleapis.com")
        .paths(GooglePaths.vertex())
        .credentials("x-goog-api-key", "authorization")
        .ownPhrase("resource exhausted please try again later", Meaning.CAPACITY)
        .code("link:error-code-429", Meaning.CAPACITY)
        .charges(ChargingModel.PROMPT)
        .usage(UsageAt.GEMINI)
        .streamsArrays()
        .build();
  }
}
