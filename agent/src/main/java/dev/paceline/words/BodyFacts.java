package dev.paceline.words;

/**
 * What a request's body says of the call.
 *
 * @param model the model as sent, at most 200 characters of it; {@code unknown} when neither path
 *     nor body names one
 * @param stream whether the body asks for a stream
 * @param tools whether the request offers tools
 * @param serverState whether the server keeps or continues something for it (stored or background
 *     response, conversation, container)
 */
public record BodyFacts(String model, boolean stream, boolean tools, boolean serverState) {
  /** The model when none could be read. */
  public static final String UNKNOWN_MODEL = "unknown";
}
