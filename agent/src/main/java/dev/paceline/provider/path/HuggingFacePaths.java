package dev.paceline.provider.path;

import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's tails below {@code /v1}, {@code /models/{owner}/{name}} of the old inference API, and
 * text-generation-inference's own paths.
 */
public final class HuggingFacePaths implements PathGrammar {
  private static final String MODELS = "/models/";
  private static final String PIPELINE = "/pipeline/";
  private static final PathGrammar OPENAI =
      BasePaths.openAi("/v1", "/openai/v1")
          .own("/generate", Operation.GENERATION)
          .own("/generate_stream", Operation.GENERATION)
          .own("/embed", Operation.EMBEDDING)
          .build();

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    if (path.startsWith(MODELS, from) && end > from + MODELS.length()) {
      if (end - from > 20 && path.startsWith("/v1/chat/completions", end - 20)) {
        return Operation.GENERATION;
      }
      return path.indexOf("/feature-extraction", from) > 0
          ? Operation.EMBEDDING
          : Operation.GENERATION;
    }
    if (path.startsWith(PIPELINE, from)) {
      return Operation.EMBEDDING;
    }
    return OPENAI.operation(path, from, end);
  }

  @Override
  public String model(String path, int from, int end) {
    if (!path.startsWith(MODELS, from)) {
      return "";
    }
    int start = from + MODELS.length();
    int first = path.indexOf('/', start);
    int second = first < 0 ? -1 : path.indexOf('/', first + 1);
    return PercentCoding.decode(path.substring(start, second < 0 || second > end ? end : second));
  }

  @Override
  public boolean namesModelOrOwner() {
    return true;
  }
}
