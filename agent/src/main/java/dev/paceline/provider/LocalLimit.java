package dev.paceline.provider;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limit answer that Paceline gives itself instead of sending a call that could not be served in
 * time: in the provider's own shape, so that the SDK above throws what it would have thrown.
 */
public final class LocalLimit {
  /** Tells it from the provider's own answers; its value says who answered. */
  public static final String MARKER = "x-paceline-answered";

  private LocalLimit() {}

  /**
   * A 429 with {@code Retry-After}.
   *
   * @param provider id or alias; unknown ones answer as OpenAI does
   * @param waitMillis the predicted wait; rounded up to whole seconds, at least one
   */
  public static ProviderResponse answer(String provider, Limit limit, long waitMillis) {
    long seconds = Math.max(1, (waitMillis + 999) / 1_000);
    Provider known = Providers.find(provider);
    String id = known == null ? provider.toLowerCase(Locale.ROOT) : known.id();
    String text =
        "Rate limit ("
            + limit.tag()
            + ") reached, answered by Paceline without sending the request. Please try again in "
            + seconds
            + "s.";
    TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("content-type", List.of("application/json"));
    headers.put("retry-after", List.of(Long.toString(seconds)));
    headers.put(MARKER, List.of("local"));
    String body =
        switch (id) {
          case "anthropic" ->
              "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\""
                  + text
                  + "\"}}";
          case "gemini", "vertex-ai" ->
              "{\"error\":{\"code\":429,\"message\":\""
                  + text
                  + "\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\""
                  + seconds
                  + "s\"}]}}";
          case "bedrock" -> {
            headers.put("x-amzn-errortype", List.of("ThrottlingException"));
            yield "{\"message\":\"" + text + "\"}";
          }
          case "azure-openai" -> "{\"error\":{\"code\":\"429\",\"message\":\"" + text + "\"}}";
          case "cohere", "mistral" -> "{\"message\":\"" + text + "\"}";
          default ->
              "{\"error\":{\"message\":\""
                  + text
                  + "\",\"type\":\""
                  + unit(limit)
                  + "\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}";
        };
    return new ProviderResponse(
        429, new Fixed(headers), body.getBytes(StandardCharsets.UTF_8), true);
  }

  private static String unit(Limit limit) {
    return switch (limit) {
      case TPM, ITPM, OTPM, TPD -> "tokens";
      default -> "requests";
    };
  }

  private record Fixed(TreeMap<String, List<String>> values) implements Headers {
    @Override
    public @Nullable String first(String name) {
      List<String> found = values.get(name);
      return found == null ? null : found.get(0);
    }

    @Override
    public Map<String, List<String>> all() {
      return values;
    }
  }
}
