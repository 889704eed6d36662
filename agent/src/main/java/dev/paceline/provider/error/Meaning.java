package dev.paceline.provider.error;

import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/** What an error code or a telling phrase of a provider means. */
public enum Meaning {
  QUOTA(Limit.QUOTA),
  RPM(Limit.RPM),
  TPM(Limit.TPM),
  ITPM(Limit.ITPM),
  OTPM(Limit.OTPM),
  RPD(Limit.RPD),
  TPD(Limit.TPD),
  CONCURRENCY(Limit.CONCURRENCY),
  CAPACITY(Limit.CAPACITY),
  /** A limit outside the closed set: images, pages, seconds. */
  ELSE(Limit.UNKNOWN),
  /** The one request is larger than a limit or the context. */
  TOO_LARGE(null),
  /** Requests ran out; the text says over which window, a minute if it does not. */
  REQUESTS(null),
  /** Tokens ran out; the text says over which window, a minute if it does not. */
  TOKENS(null),
  /** A rate limit, most often of requests; the headers know better. */
  REQUESTS_LIKELY(null),
  /** A rate limit that the code does not name. */
  LIMITED(null),
  /** The provider's own failure: perhaps processed. */
  FAILED(null);

  private final @Nullable Limit limit;

  Meaning(@Nullable Limit limit) {
    this.limit = limit;
  }

  /** The limit, when the meaning names one by itself. */
  public @Nullable Limit limit() {
    return limit;
  }
}
