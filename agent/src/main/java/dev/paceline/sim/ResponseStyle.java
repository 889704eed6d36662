package dev.paceline.sim;

/**
 * How far a provider's speech departs from its dialect. Immutable; the {@code with…} methods make
 * changed copies.
 *
 * @param mood what it answers
 * @param limitHeaders whether limit headers are sent at all
 * @param limitHeadersOnError whether answers other than 2xx carry them too
 * @param resets whether reset headers are sent
 * @param hint how a 429 says how long to wait
 * @param customHint the value of {@code Retry-After} when {@code hint} is {@link Hint#CUSTOM}, sent
 *     as it is
 * @param wholeSecondResets reset values are cut to whole seconds
 * @param remainingGrain {@code remaining} of token limits is rounded to a multiple of this; 1 =
 *     exact
 * @param figures whether an OpenAI 429 tells limit and use in its message
 */
public record ResponseStyle(
    Mood mood,
    boolean limitHeaders,
    boolean limitHeadersOnError,
    boolean resets,
    Hint hint,
    String customHint,
    boolean wholeSecondResets,
    long remainingGrain,
    boolean figures) {

  /** What it answers. */
  public enum Mood {
    /** As its model decides. */
    NORMAL,
    /** 429 to everything, whatever the model says. */
    ALWAYS_429,
    /** 503 to everything. */
    ALWAYS_503,
    /** Out of credit: the dialect's answer that no waiting cures. */
    INSUFFICIENT_QUOTA
  }

  /** How a 429 (and the 503 of {@link Mood#ALWAYS_503}) says how long to wait. */
  public enum Hint {
    /** As the dialect does. */
    DIALECT,
    /** {@code Retry-After} in whole seconds, rounded up, at least 1. */
    SECONDS,
    /** {@code retry-after-ms}, rounded up. */
    MILLIS,
    /** Neither a header, nor a word of it in the body. */
    NONE,
    /** {@code Retry-After} with a given value. */
    CUSTOM
  }

  /** As the dialect's documentation says. */
  public static final ResponseStyle DOCUMENTED =
      new ResponseStyle(Mood.NORMAL, true, true, true, Hint.DIALECT, "", false, 1, true);

  public ResponseStyle {
    if (remainingGrain < 1) {
      throw new IllegalArgumentException("remainingGrain must be positive: " + remainingGrain);
    }
  }

  /** Another mood. */
  public ResponseStyle with(Mood newMood) {
    return new ResponseStyle(
        newMood,
        limitHeaders,
        limitHeadersOnError,
        resets,
        hint,
        customHint,
        wholeSecondResets,
        remainingGrain,
        figures);
  }

  /** Another kind of hint. */
  public ResponseStyle with(Hint newHint) {
    return new ResponseStyle(
        mood,
        limitHeaders,
        limitHeadersOnError,
        resets,
        newHint,
        customHint,
        wholeSecondResets,
        remainingGrain,
        figures);
  }

  /** {@code Retry-After} with exactly this value, such as {@code -1} or a date in the past. */
  public ResponseStyle withRetryAfter(String value) {
    return new ResponseStyle(
        mood,
        limitHeaders,
        limitHeadersOnError,
        resets,
        Hint.CUSTOM,
        value,
        wholeSecondResets,
        remainingGrain,
        figures);
  }

  /** No limit header on any answer. */
  public ResponseStyle withoutLimitHeaders() {
    return new ResponseStyle(
        mood, false, false, resets, hint, customHint, wholeSecondResets, remainingGrain, figures);
  }

  /** Limit headers on successes only. */
  public ResponseStyle withoutLimitHeadersOnError() {
    return new ResponseStyle(
        mood,
        limitHeaders,
        false,
        resets,
        hint,
        customHint,
        wholeSecondResets,
        remainingGrain,
        figures);
  }

  /** Limit and remaining, but no reset. */
  public ResponseStyle withoutResets() {
    return new ResponseStyle(
        mood,
        limitHeaders,
        limitHeadersOnError,
        false,
        hint,
        customHint,
        wholeSecondResets,
        remainingGrain,
        figures);
  }

  /** Coarse values: resets cut to whole seconds, remaining tokens rounded to the grain. */
  public ResponseStyle coarse(boolean wholeSeconds, long grain) {
    return new ResponseStyle(
        mood,
        limitHeaders,
        limitHeadersOnError,
        resets,
        hint,
        customHint,
        wholeSeconds,
        grain,
        figures);
  }

  /** No figures in the message of a 429. */
  public ResponseStyle withoutFigures() {
    return new ResponseStyle(
        mood,
        limitHeaders,
        limitHeadersOnError,
        resets,
        hint,
        customHint,
        wholeSecondResets,
        remainingGrain,
        false);
  }
}
