package dev.paceline.sim;

/**
 * What one request asks, as far as the answer depends on it.
 *
 * @param api what for
 * @param model the model named in the path or the body
 * @param stream whether events are asked for
 * @param base64 whether an embedding is wanted as base64 instead of numbers
 * @param promptTokens tokens of the prompt, for the usage in the answer
 * @param number a running number: makes ids
 */
public record SimRequest(
    Api api, String model, boolean stream, boolean base64, long promptTokens, long number) {}
