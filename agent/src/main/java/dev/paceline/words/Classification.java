package dev.paceline.words;

import org.jspecify.annotations.Nullable;

/**
 * What an answer means, without regard to the call it answers.
 *
 * @param kind what happened to the request at the provider
 * @param limit the limit that was hit, never null for {@link Kind#LIMITED}; for {@link
 *     Kind#TOO_LARGE} the limit that is too small for the request, for {@link
 *     Kind#PERHAPS_PROCESSED} the one that a gateway's 500 speaks of, if the answer names it; else
 *     null
 * @param retryable whether waiting at most one hour can help
 * @param waitMillis how long the answer says to wait, unclamped, in milliseconds; {@link #NO_HINT}
 *     when it says nothing
 * @param providerForbids whether the provider said {@code x-should-retry: false} (and means it)
 * @param why one short sentence for a person; no text of the answer's body in it
 */
public record Classification(
    Kind kind,
    @Nullable Limit limit,
    boolean retryable,
    long waitMillis,
    boolean providerForbids,
    String why) {

  /** The answer does not say how long to wait. */
  public static final long NO_HINT = -1;

  /** What happened to the request at the provider. */
  public enum Kind {
    /** Served: 1xx, 2xx, 3xx without an error inside. */
    SERVED,
    /** A limit, quota or overload answer: surely not processed. */
    LIMITED,
    /** 500, 502, 504, a bare 503: perhaps processed. */
    PERHAPS_PROCESSED,
    /** The one request is larger than a limit or the context: it can never pass. */
    TOO_LARGE,
    /** Any other error: the application's own business. */
    OTHER_ERROR
  }
}
