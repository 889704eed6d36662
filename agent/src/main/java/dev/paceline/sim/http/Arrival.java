package dev.paceline.sim.http;

import dev.paceline.words.Limit;
import java.util.Optional;

/**
 * One request that reached the server.
 *
 * @param nanos when, on {@link System#nanoTime}'s scale
 * @param path its path, without the query
 * @param model the model asked for; {@code unknown} when none was named
 * @param status what it was answered with
 * @param stainlessRetryCount {@code X-Stainless-Retry-Count}; {@link #NO_COUNT} when absent or no
 *     number
 * @param accepted whether the model admitted it
 * @param limit the limit that it was refused for; empty when it was not
 * @param inputTokens of the prompt, as its answer reports; 0 when it was refused
 * @param outputTokens of the answer, as it reports; 0 when it was refused
 * @param answeredNanos when the last byte of the answer was written; {@link #NOT_YET} before that
 *     and when the client left
 */
public record Arrival(
    long nanos,
    String path,
    String model,
    int status,
    int stainlessRetryCount,
    boolean accepted,
    Optional<Limit> limit,
    long inputTokens,
    long outputTokens,
    long answeredNanos) {
  /** The request did not say which attempt it is. */
  public static final int NO_COUNT = -1;

  /** The answer is still under way, or the client left. */
  public static final long NOT_YET = Long.MIN_VALUE;

  Arrival answered(long at) {
    return new Arrival(
        nanos,
        path,
        model,
        status,
        stainlessRetryCount,
        accepted,
        limit,
        inputTokens,
        outputTokens,
        at);
  }
}
