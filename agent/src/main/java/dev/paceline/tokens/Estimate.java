package dev.paceline.tokens;

/**
 * What a request is expected to cost, before calibration.
 *
 * @param input tokens of the prompt
 * @param tools whether it offers tools: providers put instructions of their own before them
 * @param schema whether it demands an answer of some schema: few providers show it to the model as
 *     it is written
 * @param media whether part of it is no text
 * @param maxOutput the largest output that it asks for, all choices together; -1 when it does not
 *     say
 * @param choices answers that it asks for
 * @param exact whether the text was counted by the model's own table
 */
public record Estimate(
    double input,
    boolean tools,
    boolean schema,
    boolean media,
    long maxOutput,
    int choices,
    boolean exact) {
  /** Of a request whose body was not read. */
  public static final Estimate UNKNOWN = new Estimate(0, false, false, false, -1, 1, false);
}
