package dev.paceline.sim;

/**
 * What a request weighs under limits on tokens.
 *
 * @param requested under tokens of both kinds: the prompt and the most that may be answered, as
 *     OpenAI counts it at admission
 * @param input the prompt
 * @param output what the answer will have. Anthropic counts this and not {@code max_tokens}; a
 *     model of a provider knows it beforehand and charges it at admission
 */
public record Load(long requested, long input, long output) {
  /** The same number under every limit on tokens. */
  public static Load of(long tokens) {
    return new Load(tokens, tokens, tokens);
  }
}
