package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a provider says what its model has decided: status, headers and body in the provider's
 * documented grammar. Pure; wall time comes in as an argument.
 */
public final class ResponseWriter {
  /**
   * How long an answer asks for that no model has computed: always-429, always-503 and a
   * concurrency limit.
   */
  private static final long DEFAULT_WAIT_NANOS = 1_000_000_000L;

  private final SimDialect dialect;
  private final ResponseStyle manners;

  private ResponseWriter(SimDialect dialect, ResponseStyle manners) {
    this.dialect = dialect;
    this.manners = manners;
  }

  /**
   * The speech of one provider.
   *
   * @param dialect {@code openai}, {@code anthropic}, {@code gemini}, {@code azure-openai} or
   *     {@code generic}
   * @throws IllegalArgumentException for another one
   */
  public static ResponseWriter of(String dialect, ResponseStyle manners) {
    SimDialect found =
        switch (dialect) {
          case "openai" -> new OpenAiDialect();
          case "anthropic" -> new AnthropicDialect();
          case "gemini" -> new GeminiDialect();
          case "azure-openai" -> new AzureDialect();
          case "generic" -> new GenericDialect();
          default ->
              throw new IllegalArgumentException(
                  "dialect must be openai, anthropic, gemini, azure-openai or generic: " + dialect);
        };
    return new ResponseWriter(found, manners);
  }

  /** The tokens that a success reports for what it says. */
  public static long outputTokens(SimRequest ask) {
    return ask.api() == Api.EMBEDDINGS ? 0 : SuccessBodies.WORDS.size();
  }

  /** Whether the model is asked at all; otherwise {@link #regardless} is the answer. */
  public boolean asksModel() {
    return manners.mood() == ResponseStyle.Mood.NORMAL;
  }

  /** The answer to one request that the model has decided on. */
  public Reply answer(SimRequest ask, Decision decision, long wallMillis) {
    if (decision instanceof Decision.Rejected rejected) {
      long wait =
          rejected.waitNanos() == Decision.Rejected.WAIT_UNKNOWN
              ? DEFAULT_WAIT_NANOS
              : rejected.waitNanos();
      ShownLevel hit =
          rejected.unseen().orElseGet(() -> level(rejected.limit(), rejected.levels()));
      return limited(ask, hit, rejected.requested(), wait, rejected.levels(), wallMillis);
    }
    if (decision instanceof Decision.TooLarge tooLarge) {
      Map<String, String> headers = headers(false, tooLarge.levels(), wallMillis);
      return new Reply(
          429,
          headers,
          List.of(
              dialect.tooLarge(
                  tooLarge.limit(),
                  level(tooLarge.limit(), tooLarge.levels()),
                  tooLarge.requested(),
                  ask.model())));
    }
    Map<String, String> headers = headers(true, decision.levels(), wallMillis);
    headers.put(
        "content-type", ask.stream() ? "text/event-stream; charset=utf-8" : "application/json");
    return new Reply(
        200,
        headers,
        ask.stream()
            ? SuccessBodies.events(ask, wallMillis / 1000)
            : List.of(SuccessBodies.json(ask, wallMillis / 1000)));
  }

  /** The answer when the mood is another than {@link ResponseStyle.Mood#NORMAL}. */
  public Reply regardless(SimRequest ask, List<ShownLevel> levels, long wallMillis) {
    return switch (manners.mood()) {
      case ALWAYS_429, NORMAL ->
          limited(ask, level(Limit.RPM, levels), 1, DEFAULT_WAIT_NANOS, levels, wallMillis);
      case ALWAYS_503 -> {
        Map<String, String> headers = headers(false, List.of(), wallMillis);
        // An overload answer of a real provider has no hint: only what is asked for by name.
        if (manners.hint() != ResponseStyle.Hint.DIALECT) {
          hint(DEFAULT_WAIT_NANOS, headers);
        }
        yield new Reply(503, headers, List.of(dialect.overloaded()));
      }
      case INSUFFICIENT_QUOTA ->
          new Reply(429, headers(false, List.of(), wallMillis), List.of(dialect.outOfCredit()));
    };
  }

  private Reply limited(
      SimRequest ask,
      ShownLevel hit,
      long requested,
      long waitNanos,
      List<ShownLevel> levels,
      long wallMillis) {
    Map<String, String> headers = headers(false, levels, wallMillis);
    hint(waitNanos, headers);
    boolean says = manners.hint() == ResponseStyle.Hint.DIALECT;
    return new Reply(
        429,
        headers,
        List.of(
            dialect.limited(
                hit.limit(),
                manners.figures() ? hit : new ShownLevel(hit.limit(), 0, hit.windowNanos(), 0, 0),
                requested,
                says ? waitNanos : -1,
                ask.model())));
  }

  private void hint(long waitNanos, Map<String, String> headers) {
    switch (manners.hint()) {
      case DIALECT -> dialect.hint(waitNanos, headers);
      case SECONDS ->
          headers.put("retry-after", Long.toString(Math.max(1, SimText.ceilSeconds(waitNanos))));
      case MILLIS ->
          headers.put("retry-after-ms", Long.toString(Math.max(1, SimText.ceilMillis(waitNanos))));
      case CUSTOM -> headers.put("retry-after", manners.customHint());
      case NONE -> {}
    }
  }

  private Map<String, String> headers(boolean success, List<ShownLevel> levels, long wallMillis) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", "application/json");
    if (manners.limitHeaders() && (success || manners.limitHeadersOnError())) {
      dialect.limits(levels, manners, wallMillis, headers);
    }
    return headers;
  }

  /**
   * The level of the limit that was hit; of one that has none to show the error speaks of one unit.
   */
  private static ShownLevel level(Limit limit, List<ShownLevel> levels) {
    for (ShownLevel level : levels) {
      if (level.limit() == limit) {
        return level;
      }
    }
    return new ShownLevel(limit, 1, 60_000_000_000L, 0, 0);
  }
}
