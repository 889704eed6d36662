package dev.paceline.record;

/**
 * What is kept of one call: counts and times, nothing of what was asked or answered, and by whom.
 *
 * @param at when the application made it, milliseconds since 1970
 * @param provider provider id
 * @param model as {@link RecordedModel} lets it pass
 * @param inputEstimate estimated tokens of the prompt; {@link #UNKNOWN} where nothing is known, as
 *     for all tokens here
 * @param outputEstimate tokens set aside for the answer
 * @param input tokens of the prompt, cache included, as the provider counted them
 * @param cached tokens of those that came from the provider's cache
 * @param output tokens that were produced
 * @param waitMillis how long the agent held it, all waits together
 * @param millis from its beginning to the end of its answer, waits included
 * @param headMillis from its beginning to the headers of its answer, waits not included
 * @param attempts requests on the wire; 0 for one that was answered locally
 * @param limited answers of the provider to these with status 429 or 529
 * @param outcome the {@code outcome} tag of {@code paceline.calls}
 */
public record CallRecord(
    long at,
    String provider,
    String model,
    long inputEstimate,
    long outputEstimate,
    long input,
    long cached,
    long output,
    long waitMillis,
    long millis,
    long headMillis,
    int attempts,
    int limited,
    String outcome) {
  /** Nobody has said it. */
  public static final long UNKNOWN = -1;

  /** Outcome of a call that got its answer. */
  public static final String SUCCESS = "success";
}
