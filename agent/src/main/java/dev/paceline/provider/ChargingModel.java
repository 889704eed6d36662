package dev.paceline.provider;

/**
 * What a request is charged to the limit of tokens when it is admitted, as the provider documents
 * it or as its answers show.
 */
public enum ChargingModel {
  /** The prompt and all of the output that was asked for. */
  PROMPT_AND_MAX("prompt + largest output"),
  /** OpenAI: the larger of the output that was asked for and an estimate of the prompt. */
  LARGER_OF_PROMPT_AND_MAX("the larger of prompt and largest output"),
  /** The prompt; output counts as it is produced, or never. */
  PROMPT("prompt"),
  /** Not published; the prompt is what answers show. */
  UNPUBLISHED("not published (prompt is assumed)"),
  /** No limit of tokens. */
  NOTHING("nothing");

  private final String words;

  ChargingModel(String words) {
    this.words = words;
  }

  /** For the documentation. */
  String words() {
    return words;
  }
}
