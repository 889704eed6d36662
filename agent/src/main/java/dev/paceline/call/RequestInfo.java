package dev.paceline.call;

import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A request of the application as an adapter knows it before the first attempt.
 *
 * @param client the client it came through
 * @param endpoint what its host and path say
 * @param method HTTP method, upper case
 * @param host host name as in the URL
 * @param headers request headers that the application set
 * @param replayable whether the body can be sent again with identical bytes
 * @param deadlineNanos the instant on {@link Clock#nanos()} after which the caller wants no answer
 *     any more; {@link #NO_DEADLINE} for none
 * @param softDeadline whether a typed {@code max-wait} overrides the deadline as a bound for waits
 *     ({@code HttpRequest.timeout} does not bound the call, only each attempt)
 * @param origin where the call comes from, as {@link Calls#origin} told on the thread that makes
 *     it; null where {@link Calls#begin} runs on that thread itself
 */
public record RequestInfo(
    Client client,
    Endpoint endpoint,
    String method,
    String host,
    Headers headers,
    boolean replayable,
    long deadlineNanos,
    boolean softDeadline,
    @Nullable CallOrigin origin) {
  /** Of a call that begins on the thread that makes it. */
  public RequestInfo(
      Client client,
      Endpoint endpoint,
      String method,
      String host,
      Headers headers,
      boolean replayable,
      long deadlineNanos,
      boolean softDeadline) {
    this(client, endpoint, method, host, headers, replayable, deadlineNanos, softDeadline, null);
  }

  /** The caller waits as long as it takes. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;
}
