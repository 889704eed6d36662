package dev.paceline.words;

/**
 * What a request asks of the provider; decides what is safe to repeat and what is charged to the
 * generation limits.
 */
public enum Operation {
  /** Chat, responses, messages, completions, generateContent, converse: text generation. */
  GENERATION,
  EMBEDDING,
  RERANK,
  /** Counting tokens, listing models, health: cheap reads and helpers with limits of their own. */
  AUXILIARY,
  MODERATION,
  FILES,
  BATCH,
  FINE_TUNING,
  ASSISTANTS,
  IMAGE,
  AUDIO,
  VIDEO,
  /** A WebSocket upgrade: only observed. */
  REALTIME,
  /** On a recognised path of the provider, but of no kind above. */
  OTHER;

  /**
   * Whether a <em>perhaps processed</em> failure may be repeated when the request has no
   * server-side state (rule 5 of the design).
   */
  public boolean repeatableWhenPerhapsProcessed() {
    return this == GENERATION || this == EMBEDDING || this == RERANK;
  }

  /** Whether the request draws on the model's generation limits. */
  public boolean sharesGenerationLimits() {
    return this == GENERATION;
  }
}
