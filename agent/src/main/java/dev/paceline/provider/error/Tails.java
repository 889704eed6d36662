package dev.paceline.provider.error;

import static dev.paceline.words.Operation.ASSISTANTS;
import static dev.paceline.words.Operation.AUDIO;
import static dev.paceline.words.Operation.AUXILIARY;
import static dev.paceline.words.Operation.BATCH;
import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.FILES;
import static dev.paceline.words.Operation.FINE_TUNING;
import static dev.paceline.words.Operation.GENERATION;
import static dev.paceline.words.Operation.IMAGE;
import static dev.paceline.words.Operation.MODERATION;
import static dev.paceline.words.Operation.OTHER;
import static dev.paceline.words.Operation.REALTIME;
import static dev.paceline.words.Operation.RERANK;
import static dev.paceline.words.Operation.VIDEO;

import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/** The ends of paths that several dialects share, each with what it asks for. */
public final class Tails {
  /**
   * One end of a path.
   *
   * @param text begins with a slash, has none at its end
   * @param exact what the path asks for when it ends here
   * @param below what it asks for when further segments follow (a stored response, a file's
   *     content); null when that is no path of the dialect
   */
  public record Tail(String text, Operation exact, @Nullable Operation below) {}

  /** OpenAI's paths, spoken by most providers. Longer ends stand before their own beginnings. */
  private static final Tail[] OPENAI = {
    new Tail("/chat/completions", GENERATION, AUXILIARY),
    new Tail("/responses/input_tokens", AUXILIARY, AUXILIARY),
    new Tail("/responses/compact", GENERATION, AUXILIARY),
    new Tail("/responses", GENERATION, AUXILIARY),
    new Tail("/completions", GENERATION, null),
    new Tail("/fim/completions", GENERATION, null),
    new Tail("/agents/completions", GENERATION, null),
    new Tail("/embeddings", EMBEDDING, EMBEDDING),
    new Tail("/rerank", RERANK, null),
    new Tail("/reranking", RERANK, null),
    new Tail("/score", RERANK, null),
    new Tail("/models", AUXILIARY, AUXILIARY),
    new Tail("/tokenize", AUXILIARY, null),
    new Tail("/detokenize", AUXILIARY, null),
    new Tail("/moderations", MODERATION, null),
    new Tail("/chat/moderations", MODERATION, null),
    new Tail("/files", FILES, FILES),
    new Tail("/uploads", FILES, FILES),
    new Tail("/vector_stores", FILES, FILES),
    new Tail("/batches", BATCH, BATCH),
    new Tail("/batch", BATCH, BATCH),
    new Tail("/fine_tuning", FINE_TUNING, FINE_TUNING),
    new Tail("/fine-tunes", FINE_TUNING, FINE_TUNING),
    new Tail("/fine-tuning", FINE_TUNING, FINE_TUNING),
    new Tail("/assistants", ASSISTANTS, ASSISTANTS),
    new Tail("/threads", ASSISTANTS, ASSISTANTS),
    new Tail("/conversations", ASSISTANTS, ASSISTANTS),
    new Tail("/images", IMAGE, IMAGE),
    new Tail("/audio", AUDIO, AUDIO),
    new Tail("/videos", VIDEO, VIDEO),
    new Tail("/video", VIDEO, VIDEO),
    new Tail("/realtime", REALTIME, AUXILIARY),
    new Tail("/ocr", OTHER, null),
  };

  /**
   * Anthropic's paths; LM Studio, Ollama, vLLM, OpenRouter and the Chinese providers speak them as
   * well.
   */
  private static final Tail[] ANTHROPIC = {
    new Tail("/messages/count_tokens", AUXILIARY, null),
    new Tail("/messages/batches", BATCH, BATCH),
    new Tail("/messages", GENERATION, null),
    new Tail("/complete", GENERATION, null),
    new Tail("/models", AUXILIARY, AUXILIARY),
    new Tail("/files", FILES, FILES),
  };

  private Tails() {}

  public static @Nullable Operation openAi(String path, int from, int end) {
    return match(OPENAI, path, from, end);
  }

  public static @Nullable Operation anthropic(String path, int from, int end) {
    return match(ANTHROPIC, path, from, end);
  }

  /**
   * The first tail of the table that {@code path[from, end)} is, or is below. Allocates nothing.
   */
  public static @Nullable Operation match(Tail[] tails, String path, int from, int end) {
    int last = end > from && path.charAt(end - 1) == '/' ? end - 1 : end;
    for (int i = 0; i < tails.length; i++) {
      Tail tail = tails[i];
      int length = tail.text.length();
      if (last - from < length || !path.regionMatches(from, tail.text, 0, length)) {
        continue;
      }
      if (last - from == length) {
        return tail.exact;
      }
      if (path.charAt(from + length) == '/' && tail.below != null) {
        return tail.below;
      }
    }
    return null;
  }
}
