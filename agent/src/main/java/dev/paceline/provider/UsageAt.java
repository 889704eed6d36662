package dev.paceline.provider;

/** Where an answer says what it did cost. */
public enum UsageAt {
  /** OpenAI's {@code usage}; in streams only when {@code stream_options.include_usage} asks. */
  OPENAI("`usage`; streams: last chunk, if `include_usage` asks"),
  /** The same shape, in streams without asking. */
  OPENAI_UNASKED("`usage`; streams: last chunk"),
  /** The same shape in every chunk of a stream, cumulative: not to be added up. */
  OPENAI_EVERY_CHUNK("`usage`; streams: every chunk, cumulative"),
  /** {@code x_groq.usage} beside OpenAI's shape. */
  GROQ("`usage`; streams: last chunk, `x_groq.usage` or `usage`"),
  /** Input tokens without the cache; in streams twice. */
  ANTHROPIC("`usage`; streams: `message_start`, then `message_delta`"),
  /** {@code usageMetadata}; the last one of a stream counts. */
  GEMINI("`usageMetadata`; streams: the last of several"),
  /** {@code usage}, the {@code metadata} event, or headers of {@code /invoke}. */
  BEDROCK("`usage`; streams: `metadata` event; `/invoke`: headers"),
  /** Real tokens, which are not the billed ones. */
  COHERE("`usage.tokens`; streams: `message-end`"),
  /** OpenAI's shape, or Ollama's counters in the last object. */
  OLLAMA("`usage`, or `prompt_eval_count` and `eval_count` in the last object"),
  /** In the shape of whoever answers behind it. */
  UPSTREAMS("as the upstream has it");

  private final String words;

  UsageAt(String words) {
    this.words = words;
  }

  /** For the documentation. */
  String words() {
    return words;
  }
}
