package dev.paceline.provider.header;

/**
 * How a provider's limit headers are read.
 *
 * @param reset how their reset values are written
 * @param requestsWindow window of {@code …-requests} without a window in its name, in milliseconds;
 *     {@link #INFER} to work it out from the reset
 * @param tokensWindow the same of {@code …-tokens}
 * @param resetIsWait whether the plain {@code x-ratelimit-reset} is the wait that the provider
 *     suggests, in seconds
 */
public record LimitGrammar(
    Reset reset, long requestsWindow, long tokensWindow, boolean resetIsWait) {
  public static final long INFER = 0;
  static final long MINUTE = 60_000;
  public static final long HOUR = 60 * MINUTE;
  public static final long DAY = 24 * HOUR;

  /** OpenAI's headers as most providers copy them. */
  public static final LimitGrammar OPENAI = new LimitGrammar(Reset.DURATION, INFER, MINUTE, false);

  /** What is assumed of a provider that is not known. */
  public static final LimitGrammar UNKNOWN = new LimitGrammar(Reset.DURATION, INFER, MINUTE, false);

  public static LimitGrammar of(Reset reset) {
    return new LimitGrammar(reset, MINUTE, MINUTE, false);
  }

  public LimitGrammar requestsPer(long windowMillis) {
    return new LimitGrammar(reset, windowMillis, tokensWindow, resetIsWait);
  }

  public LimitGrammar withResetAsWait() {
    return new LimitGrammar(reset, requestsWindow, tokensWindow, true);
  }

  /** How a reset is written. */
  public enum Reset {
    /** Go's durations, {@code 6m0s}, {@code 20ms}; a plain number is seconds. */
    DURATION,
    /** Seconds, whole or not. */
    SECONDS,
    /** Seconds or milliseconds: the renewal period tells which (Azure changed the unit in 2026). */
    AZURE,
    /** RFC 3339, {@code 2025-03-15T12:58:20Z}. */
    INSTANT,
    /** Seconds since 1970. */
    EPOCH_SECONDS,
    /** Milliseconds since 1970. */
    EPOCH_MILLIS,
    /** Not at all: the limits of a minute are whole again when the clock's next minute begins. */
    WALL_CLOCK
  }
}
