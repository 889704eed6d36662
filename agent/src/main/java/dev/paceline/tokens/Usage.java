package dev.paceline.tokens;

/**
 * What a provider says that a call did cost, in tokens.
 *
 * @param input of the prompt, as the provider counts them: OpenAI's and Google's figure includes
 *     what came from the cache, Anthropic's and Bedrock's does not
 * @param cached of the prompt, read from the provider's cache
 * @param written of the prompt, written to the provider's cache
 * @param cacheBeside whether {@code cached} and {@code written} come on top of {@code input}
 * @param output all that was produced, thinking included
 */
public record Usage(long input, long cached, long written, boolean cacheBeside, long output) {
  /** The whole prompt, cache included. */
  public long prompt() {
    return cacheBeside ? input + cached + written : input;
  }

  /** The part of the prompt that did not come from the cache. */
  public long uncached() {
    return cacheBeside ? input + written : Math.max(0, input - cached);
  }
}
