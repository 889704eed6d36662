package dev.paceline.provider.header;

import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what headers announce of limits. Names tell limit and window ({@code
 * x-ratelimit-remaining-tokens-minute}), the provider's {@link LimitGrammar} tells how resets are
 * written and what a name without a window means. Of a limit below 1 nothing is read, a remainder
 * of -1 is no figure.
 *
 * <p>Anthropic's Priority Tier and fast mode are read as {@link Limit#UNKNOWN}: beyond them
 * requests are served under the usual limits, so whoever paced by them would hold calls for
 * nothing.
 */
public final class LimitHeaders {
  /** An answer may be read so much later than its date says, in a JVM that has just begun. */
  private static final long LATE = 5_000;

  private LimitHeaders() {}

  /**
   * All readings of an answer, in the order of its headers.
   *
   * @param provider id or alias; unknown names are read as OpenAI's
   * @param nowEpochMillis used for resets that name a moment when the answer has no date
   */
  public static List<LimitReading> read(String provider, Headers headers, long nowEpochMillis) {
    return read(provider, headers, nowEpochMillis, 0);
  }

  /**
   * Likewise, with all resets counted from the sending of the request.
   *
   * @param sinceSentMillis time from the request's sending to its answer. Anthropic names the
   *     moment at which requests are whole again as of the request, and dates the answer: with
   *     answers of 12 s that moment was 12 s before their date, and a bucket looked like a window
   */
  public static List<LimitReading> read(
      String provider, Headers headers, long nowEpochMillis, long sinceSentMillis) {
    LimitCells cells = LimitCells.of(headers);
    if (cells.cells.isEmpty() && cells.ietf.isEmpty()) {
      return List.of();
    }
    LimitGrammar grammar = grammar(provider);
    long date = Hints.date(headers);
    long clock = date == Durations.NONE ? nowEpochMillis : date;
    // Read a little after its date, it lay here, and the clocks agree. Else one of them is wrong;
    // its moments are of the provider's.
    boolean sameClock = Math.abs(nowEpochMillis - clock) <= LATE;
    long sent =
        sinceSentMillis <= 0 ? clock : (sameClock ? nowEpochMillis : clock) - sinceSentMillis;
    List<LimitReading> readings = new ArrayList<>(cells.cells.size());
    for (LimitCell cell : cells.cells) {
      if (cell.aside && (cell.limit == null || cell.remaining == null)) {
        continue;
      }
      LimitReading reading = reading(cell.what, cell, grammar, clock, sent);
      if (reading != null) {
        readings.add(reading);
      }
    }
    if (!cells.ietf.isEmpty()) {
      readings.addAll(cells.ietf.readings(clock));
    }
    return readings;
  }

  private static LimitGrammar grammar(String provider) {
    Provider known = Providers.find(provider);
    return known == null ? LimitGrammar.UNKNOWN : known.limits();
  }

  /**
   * What the limit headers of a refused request say of the refusal.
   *
   * @param limit what ran out; null when they do not tell
   * @param waitMillis until when, where a header says nothing else; {@link Durations#NONE} else
   */
  public record Refusal(@Nullable Limit limit, long waitMillis) {
    public static final Refusal NOTHING = new Refusal(null, Durations.NONE);
  }

  /**
   * Reads the headers of a refused request. What stands at nothing ran out. A header that says when
   * a limit is whole again, and nothing else of it, is the wait: there is no other sense in sending
   * it. The triple without a name ({@code x-ratelimit-remaining: 0}, {@code x-ratelimit-reset: 18})
   * is of the limit that refused; a named one tells the time until it is full, which is no wait.
   */
  public static Refusal refusal(@Nullable Provider provider, Headers headers, long nowEpochMillis) {
    LimitCells cells = LimitCells.of(headers);
    if (cells.cells.isEmpty() && cells.ietf.isEmpty()) {
      return Refusal.NOTHING;
    }
    LimitGrammar grammar = provider == null ? LimitGrammar.UNKNOWN : provider.limits();
    long date = Hints.date(headers);
    long clock = date == Durations.NONE ? nowEpochMillis : date;
    long wait = Durations.NONE;
    Limit zero = null;
    Limit told = null;
    boolean several = false;
    for (LimitCell cell : cells.cells) {
      LimitReading reading = reading(cell.what, cell, grammar, clock, clock);
      if (reading != null && reading.remaining() == 0) {
        zero = zero == null && reading.limit() != Limit.UNKNOWN ? reading.limit() : zero;
        wait = cell.what.isEmpty() ? Math.max(wait, reading.resetMillis()) : wait;
      }
      boolean resetOnly = cell.reset != null && cell.limit == null && cell.remaining == null;
      if (resetOnly && !grammar.resetIsWait()) {
        wait = Math.max(wait, reset(cell, grammar, cell.what.isEmpty(), -1, -1, 0, clock, clock));
      }
      if ((resetOnly || cell.aside) && !cell.what.isEmpty()) {
        Limit limit = limit(cell.what, window(cell.what));
        several |= told != null && told != limit;
        told = limit;
      }
    }
    wait = Math.max(wait, cells.ietf.resetAlone(clock));
    for (LimitReading reading : cells.ietf.readings(clock)) {
      if (reading.remaining() == 0) {
        zero = zero == null && reading.limit() != Limit.UNKNOWN ? reading.limit() : zero;
        wait = Math.max(wait, reading.resetMillis());
      }
    }
    return new Refusal(zero != null ? zero : several ? null : told, wait);
  }

  private static @Nullable LimitReading reading(
      String what, LimitCell cell, LimitGrammar grammar, long clock, long sent) {
    if (cell.limit == null && cell.remaining == null) {
      return null;
    }
    if (what.equals(LimitCells.UTILISATION)) {
      return utilisation(cell.remaining);
    }
    long limit = figure(cell.limit);
    long remaining = figure(cell.remaining);
    long used = cell.remaining == null ? figure(cell.used) : LimitReading.UNKNOWN;
    remaining = used >= 0 && limit > 0 ? Math.max(0, limit - used) : remaining;
    if (belowOne(cell.limit) || (limit < 0 && remaining < 0)) {
      return null; // sent by servers that do not know; a real limit of 0 answers 429
    }
    boolean beside = what.startsWith("anthropic-");
    boolean tokens = !beside && isTokens(what);
    boolean requests = !tokens && !beside && isRequests(what);
    boolean plain = what.isEmpty();
    long window = window(what);
    if (cell.period != null) {
      long period = Durations.plain(cell.period, 1_000);
      window = period > 0 ? period : window;
    }
    // Of tokens the moment is as of the answer, when what was set aside has come back.
    long asOf = requests ? sent : clock;
    long reset = reset(cell, grammar, plain, limit, remaining, window, clock, asOf);
    if (window == LimitReading.UNKNOWN && requests && !plain) {
      window =
          grammar.requestsWindow() == LimitGrammar.INFER
              ? inferred(limit, remaining, reset)
              : grammar.requestsWindow();
    } else if (window == LimitReading.UNKNOWN && tokens) {
      window =
          grammar.tokensWindow() == LimitGrammar.INFER
              ? inferred(limit, remaining, reset)
              : grammar.tokensWindow();
    }
    if (beside && window == LimitReading.UNKNOWN) {
      window = LimitGrammar.MINUTE;
    }
    Limit which = limit(what, window);
    boolean byTheClock = cell.reset == null && byTheClock(grammar, window);
    return new LimitReading(which, limit, remaining, reset, window, byTheClock);
  }

  private static boolean isTokens(String what) {
    return what.contains("token");
  }

  private static boolean isRequests(String what) {
    return (what.contains("req") && !isConcurrency(what))
        || what.isEmpty()
        || isWindow(what)
        || what.equals("dynamic")
        || what.startsWith("calls");
  }

  private static boolean isConcurrency(String what) {
    return what.contains("concurren") || what.contains("parallel");
  }

  private static Limit limit(String what, long window) {
    boolean day = window >= LimitGrammar.HOUR;
    if (what.startsWith("anthropic-")) {
      return Limit.UNKNOWN;
    }
    if (isConcurrency(what)) {
      return Limit.CONCURRENCY;
    }
    if (isTokens(what)) {
      boolean input = what.contains("input") || what.contains("prompt");
      boolean output = what.contains("output") || what.contains("generated");
      return day ? Limit.TPD : input ? Limit.ITPM : output ? Limit.OTPM : Limit.TPM;
    }
    return !isRequests(what) ? Limit.UNKNOWN : day ? Limit.RPD : Limit.RPM;
  }

  private static boolean byTheClock(LimitGrammar grammar, long window) {
    return grammar.reset() == LimitGrammar.Reset.WALL_CLOCK && window == LimitGrammar.MINUTE;
  }

  /**
   * {@code 89.3%} of a provisioned deployment is used. From 100 % on every request is refused until
   * it is less again, which takes milliseconds.
   */
  private static @Nullable LimitReading utilisation(@Nullable String text) {
    String trimmed = text == null ? "" : text.trim();
    String number =
        trimmed.endsWith("%") ? trimmed.substring(0, trimmed.length() - 1).trim() : trimmed;
    long used = Durations.plain(number, 10); // tenths of a percent
    return used == Durations.NONE
        ? null
        : new LimitReading(
            Limit.CAPACITY,
            LimitReading.WHOLE_DEPLOYMENT,
            Math.max(0, LimitReading.WHOLE_DEPLOYMENT - used),
            LimitReading.UNKNOWN,
            LimitReading.UNKNOWN);
  }

  private static long reset(
      LimitCell cell,
      LimitGrammar grammar,
      boolean plain,
      long limit,
      long remaining,
      long window,
      long clock,
      long asOf) {
    String text = cell.reset;
    if (text == null && byTheClock(grammar, window)) {
      return window - Math.floorMod(clock, window);
    }
    if (text == null || (plain && grammar.resetIsWait())) {
      return LimitReading.UNKNOWN;
    }
    LimitGrammar.Reset how =
        plain && grammar.reset() != LimitGrammar.Reset.EPOCH_MILLIS
            ? LimitGrammar.Reset.SECONDS
            : grammar.reset();
    return switch (how) {
      case DURATION -> epochOr(Durations.duration(text), text, clock);
      case SECONDS, WALL_CLOCK -> epochOr(Durations.duration(text), text, clock);
      case AZURE -> azure(text, limit, remaining, window);
      case INSTANT -> {
        long instant = Durations.instant(text);
        yield instant == Durations.NONE ? LimitReading.UNKNOWN : until(instant, asOf);
      }
      case EPOCH_SECONDS, EPOCH_MILLIS -> epochOr(Durations.plain(text, 1_000), text, clock);
    };
  }

  /**
   * A number too large for a wait is a moment: ten digits are seconds since 1970, thirteen are
   * milliseconds.
   */
  private static long epochOr(long duration, String text, long clock) {
    String trimmed = text.trim();
    if (trimmed.length() != 10 && trimmed.length() != 13) {
      return duration;
    }
    for (int i = 0; i < trimmed.length(); i++) {
      if (!Character.isDigit(trimmed.charAt(i))) {
        return duration;
      }
    }
    long value = Long.parseLong(trimmed);
    return until(trimmed.length() == 10 ? value * 1_000 : value, clock);
  }

  /** Seconds, or a moment in seconds or milliseconds since 1970. */
  static long untilOrIn(long figure, long clock) {
    if (figure >= 1_000_000_000_000L) {
      return until(figure, clock);
    }
    return figure >= 1_000_000_000L
        ? until(figure * 1_000, clock)
        : Durations.bounded(figure * 1_000);
  }

  /**
   * A moment that is cut to a second, less one that is not, would look exact and is not: a bucket's
   * full minute of 59.1 s was taken for what is left of a fixed window.
   */
  private static long until(long moment, long from) {
    boolean cut = moment % 1_000 == 0;
    return Math.max(0, moment - (cut ? from - Math.floorMod(from, 1_000L) : from));
  }

  /**
   * Azure's resets were milliseconds until 2026 and are truncated seconds since. What was used of
   * the limit, as a share of the renewal period, is the time that is expected; the unit that comes
   * nearer is taken.
   */
  private static long azure(String text, long limit, long remaining, long window) {
    long asMillis = Durations.plain(text, 1);
    if (asMillis == Durations.NONE) {
      return Durations.duration(text);
    }
    if (limit <= 0 || remaining < 0 || remaining > limit) {
      return asMillis >= 1_000 ? asMillis : asMillis * 1_000;
    }
    long period = window > 0 ? window : LimitGrammar.MINUTE;
    double expected = (double) period * (limit - remaining) / limit;
    double millisOff = Math.abs(asMillis - expected);
    double secondsOff = Math.abs(asMillis * 1_000.0 - expected);
    return millisOff <= secondsOff ? asMillis : asMillis * 1_000;
  }

  /**
   * "Time until full" tells the window: reset × limit / used. Only a reset of a second and more is
   * exact enough; the shorter ones are all of a minute, for a day's bucket gives back no slot that
   * fast below 86,400 a day.
   */
  private static long inferred(long limit, long remaining, long reset) {
    if (limit <= 0 || remaining < 0 || remaining >= limit || reset < 1_000) {
      return limit > 0 ? LimitGrammar.MINUTE : LimitReading.UNKNOWN;
    }
    double window = (double) reset * limit / (limit - remaining);
    return window > 12.0 * LimitGrammar.HOUR
        ? LimitGrammar.DAY
        : window > LimitGrammar.HOUR / 2.0 ? LimitGrammar.HOUR : LimitGrammar.MINUTE;
  }

  private static boolean isWindow(String what) {
    return what.equals("minute")
        || what.equals("hour")
        || what.equals("day")
        || what.equals("second")
        || what.equals("month");
  }

  private static long window(String what) {
    if (what.endsWith("minute")) {
      return LimitGrammar.MINUTE;
    }
    if (what.endsWith("10-second")) {
      return 10_000;
    }
    if (what.endsWith("second")) {
      return 1_000;
    }
    if (what.endsWith("hour")) {
      return LimitGrammar.HOUR;
    }
    if (what.endsWith("day")) {
      return LimitGrammar.DAY;
    }
    if (what.endsWith("week")) {
      return 7 * LimitGrammar.DAY;
    }
    return what.endsWith("month") ? 30 * LimitGrammar.DAY : LimitReading.UNKNOWN;
  }

  /** Whether a limit is a number below 1: {@code 0}, {@code -1}, {@code -5}, {@code 0.4}. */
  static boolean belowOne(@Nullable String limit) {
    if (limit == null) {
      return false;
    }
    String trimmed = limit.trim();
    return trimmed.startsWith("-") || Durations.plain(trimmed, 1) == 0;
  }

  private static long figure(@Nullable String text) {
    if (text == null) {
      return LimitReading.UNKNOWN;
    }
    long thousand = Durations.plain(text, 1);
    if (thousand != Durations.NONE) {
      return thousand;
    }
    String trimmed = text.trim();
    if (trimmed.isEmpty() || trimmed.length() > 18) {
      return LimitReading.UNKNOWN;
    }
    for (int i = 0; i < trimmed.length(); i++) {
      if (trimmed.charAt(i) < '0' || trimmed.charAt(i) > '9') {
        return LimitReading.UNKNOWN;
      }
    }
    return Long.parseLong(trimmed);
  }
}
