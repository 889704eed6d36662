package dev.paceline.sim.http;

import dev.paceline.sim.Api;
import java.util.Optional;

/**
 * What a path says.
 *
 * @param api what is asked for
 * @param dialect who speaks on such a path when the server was not told
 * @param model the model or deployment in the path; empty when it is in the body
 * @param stream whether the path itself asks for events
 */
record Route(Api api, String dialect, String model, boolean stream) {
  private static final String DEPLOYMENTS = "/openai/deployments/";
  private static final String MODELS = "/models/";

  static Optional<Route> of(String path) {
    int colon = path.lastIndexOf(':');
    int models = path.lastIndexOf(MODELS);
    if (models >= 0 && colon > models) {
      String method = path.substring(colon + 1);
      if (!method.equals("generateContent") && !method.equals("streamGenerateContent")) {
        return Optional.empty();
      }
      String model = path.substring(models + MODELS.length(), colon);
      return Optional.of(
          new Route(Api.GENERATE_CONTENT, "gemini", model, method.startsWith("stream")));
    }
    String dialect = path.startsWith("/openai/") ? "azure-openai" : "openai";
    String model = "";
    if (path.startsWith(DEPLOYMENTS)) {
      int end = path.indexOf('/', DEPLOYMENTS.length());
      model = end < 0 ? "" : path.substring(DEPLOYMENTS.length(), end);
    }
    if (path.endsWith("/chat/completions")) {
      return Optional.of(new Route(Api.CHAT, dialect, model, false));
    }
    if (path.endsWith("/v1/responses")) {
      return Optional.of(new Route(Api.RESPONSES, dialect, model, false));
    }
    if (path.endsWith("/v1/messages")) {
      return Optional.of(new Route(Api.MESSAGES, "anthropic", model, false));
    }
    if (path.endsWith("/embeddings")) {
      return Optional.of(new Route(Api.EMBEDDINGS, dialect, model, false));
    }
    return Optional.empty();
  }
}
