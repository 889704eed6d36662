package dev.paceline.provider;

import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what headers announce of limits. Names tell limit and window ({@code
 * x-ratelimit-remaining-tokens-minute}), the provider's {@link LimitGrammar} tells how resets are
 * written and what a name without a window means. A limit or remainder of -1, or a limit of 0, is
 * no figure.
 *
 * <p>Anthropic's Priority Tier and fast mode are read as {@link Limit#UNKNOWN}: beyond them
 * requests are served under the usual limits, so whoever paced by them would hold calls for
 * nothing.
 */
public final class LimitHeaders {
  private static final int MAX_HEADERS = 400;

  /** An answer may be read so much later than its date says, in a JVM that has just begun. */
  private static final long LATE = 5_000;

  private static final String UTILISATION = "azure-openai-deployment-utilization";

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
    Provider known = Providers.find(provider);
    LimitGrammar grammar = known == null ? LimitGrammar.UNKNOWN : known.limits();
    Map<String, Cell> cells = new LinkedHashMap<>();
    int seen = 0;
    for (Map.Entry<String, List<String>> header : headers.all().entrySet()) {
      if (seen++ >= MAX_HEADERS) {
        break;
      }
      if (!header.getValue().isEmpty()) {
        collect(cells, header.getKey(), header.getValue().get(0));
      }
    }
    if (cells.isEmpty()) {
      return List.of();
    }
    long date = Hints.date(headers);
    long clock = date == Durations.NONE ? nowEpochMillis : date;
    // Read a little after its date, it lay here, and the clocks agree. Else one of them is wrong;
    // its moments are of the provider's.
    boolean sameClock = Math.abs(nowEpochMillis - clock) <= LATE;
    long sent =
        sinceSentMillis <= 0 ? clock : (sameClock ? nowEpochMillis : clock) - sinceSentMillis;
    List<LimitReading> readings = new ArrayList<>(cells.size());
    for (Map.Entry<String, Cell> cell : cells.entrySet()) {
      LimitReading reading = reading(cell.getKey(), cell.getValue(), grammar, clock, sent);
      if (reading != null) {
        readings.add(reading);
      }
    }
    return readings;
  }

  /** The three figures of one limit, as they were written. */
  private static final class Cell {
    @Nullable String limit;
    @Nullable String remaining;
    @Nullable String reset;
    @Nullable String period;

    void put(String field, String value) {
      switch (field) {
        case "limit" -> limit = value;
        case "remaining" -> remaining = value;
        case "reset" -> reset = value;
        case "renewalperiod" -> period = value;
        default -> {}
      }
    }
  }

  private static void collect(Map<String, Cell> cells, String rawName, @Nullable String value) {
    if (value == null || value.length() > 500 || rawName.length() > 100 || !mayMatter(rawName)) {
      return;
    }
    String name = rawName.toLowerCase(Locale.ROOT);
    if (name.startsWith("llm_provider-")) {
      // What the proxy's upstream announced: only where the proxy itself says nothing, so raw
      // headers win.
      String inner = name.substring(13);
      Map<String, Cell> forwarded = new LinkedHashMap<>();
      collect(forwarded, inner, value);
      forwarded.forEach((key, cell) -> merge(cells.computeIfAbsent(key, k -> new Cell()), cell));
      return;
    }
    if (name.equals("azure-openai-deployment-utilization")) {
      cell(cells, UTILISATION).remaining = value;
    } else if (name.startsWith("x-ratelimit-")) {
      String rest = name.substring(12);
      int dash = rest.indexOf('-');
      String field = dash < 0 ? rest : rest.substring(0, dash);
      if (dash < 0 && field.equals("limit")) {
        envoy(cells, value);
      } else {
        cell(cells, dash < 0 ? "" : rest.substring(dash + 1)).put(field, value);
      }
    } else if (name.startsWith("anthropic-ratelimit-")
        || name.startsWith("anthropic-priority-")
        || name.startsWith("anthropic-fast-")) {
      int last = name.lastIndexOf('-');
      int first = name.indexOf('-', 10) + 1;
      String what = name.substring(first, Math.max(last, first));
      if (!what.startsWith("unified")) {
        boolean usual = name.startsWith("anthropic-ratelimit-");
        cell(cells, usual ? what : name.substring(0, first) + what)
            .put(name.substring(last + 1), value);
      }
    } else if (name.startsWith("ratelimit-") && !name.equals("ratelimit-policy")) {
      cell(cells, "").put(name.substring(10), value);
    } else if (name.equals("ratelimit") || name.equals("ratelimit-policy")) {
      structured(cell(cells, "ietf"), value);
    } else if (name.equals("x-trial-endpoint-call-limit")
        || name.equals("x-trial-endpoint-call-remaining")) {
      cell(cells, "requests-minute").put(name.substring(name.lastIndexOf('-') + 1), value);
    } else if (name.equals("x-endpoint-monthly-call-limit")
        || name.equals("x-endpoint-monthly-call-remaining")) {
      cell(cells, "requests-month").put(name.substring(name.lastIndexOf('-') + 1), value);
    } else if (name.equals("x-tokenlimit-limit-dynamic")
        || name.equals("x-tokenlimit-remaining-dynamic")) {
      cell(cells, "tokens-minute").put(name.substring(13, name.lastIndexOf('-')), value);
    } else if (name.equals("remaining-tokens")
        || name.equals("x-litellm-key-tpm-limit")
        || name.equals("x-litellm-key-remaining-tokens")) {
      cell(cells, "tokens-minute").put(name.endsWith("limit") ? "limit" : "remaining", value);
    }
  }

  private static boolean mayMatter(String name) {
    for (int i = 0; i + 5 <= name.length(); i++) {
      if (name.regionMatches(true, i, "limit", 0, 5)
          || name.regionMatches(true, i, "remai", 0, 5)
          || name.regionMatches(true, i, "utili", 0, 5)
          || name.regionMatches(true, i, "prior", 0, 5)
          || name.regionMatches(true, i, "-fast", 0, 5)) {
        return true;
      }
    }
    return false;
  }

  private static Cell cell(Map<String, Cell> cells, String what) {
    return cells.computeIfAbsent(what, key -> new Cell());
  }

  private static void merge(Cell into, Cell from) {
    into.limit = into.limit == null ? from.limit : into.limit;
    into.remaining = into.remaining == null ? from.remaining : into.remaining;
    into.reset = into.reset == null ? from.reset : into.reset;
    into.period = into.period == null ? from.period : into.period;
  }

  /** Envoy appends its policy: {@code 10, 10;w=60}. */
  private static void envoy(Map<String, Cell> cells, String value) {
    int comma = value.indexOf(',');
    Cell cell = cell(cells, "");
    cell.limit = comma < 0 ? value : value.substring(0, comma);
    int window = value.indexOf("w=");
    if (window >= 0) {
      cell.period = leadingDigits(value, window + 2);
    }
  }

  /** {@code "api";q=1000;w=300} and {@code "api";r=999;t=295}. */
  private static void structured(Cell cell, String value) {
    String first = value.indexOf(',') < 0 ? value : value.substring(0, value.indexOf(','));
    for (String part : first.split(";", 12)) {
      String trimmed = part.trim();
      if (trimmed.length() > 2 && trimmed.charAt(1) == '=') {
        String digits = leadingDigits(trimmed, 2);
        switch (trimmed.charAt(0)) {
          case 'q' -> cell.limit = digits;
          case 'r' -> cell.remaining = digits;
          case 't' -> cell.reset = digits;
          case 'w' -> cell.period = digits;
          default -> {}
        }
      }
    }
  }

  private static String leadingDigits(String value, int from) {
    int end = from;
    while (end < value.length() && Character.isDigit(value.charAt(end))) {
      end++;
    }
    return value.substring(from, end);
  }

  private static @Nullable LimitReading reading(
      String what, Cell cell, LimitGrammar grammar, long clock, long sent) {
    if (cell.limit == null && cell.remaining == null) {
      return null;
    }
    if (what.equals(UTILISATION)) {
      return utilisation(cell.remaining);
    }
    long limit = figure(cell.limit);
    long remaining = figure(cell.remaining);
    if (limit == 0 || (limit < 0 && remaining < 0)) {
      return null; // "0" and "-1" are sent by servers that do not know; a real limit of 0 answers
      // 429
    }
    boolean beside = what.startsWith("anthropic-");
    boolean tokens = !beside && what.contains("token");
    boolean requests =
        !tokens
            && !beside
            && (what.contains("req")
                || what.isEmpty()
                || what.equals("ietf")
                || isWindow(what)
                || what.equals("dynamic"));
    boolean plain = what.isEmpty() || what.equals("ietf");
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
    boolean day = window >= LimitGrammar.HOUR;
    Limit which;
    if (tokens) {
      boolean input = what.contains("input") || what.contains("prompt");
      boolean output = what.contains("output") || what.contains("generated");
      which = day ? Limit.TPD : input ? Limit.ITPM : output ? Limit.OTPM : Limit.TPM;
    } else if (requests) {
      which = day ? Limit.RPD : Limit.RPM;
    } else {
      which = Limit.UNKNOWN;
    }
    boolean byTheClock = cell.reset == null && byTheClock(grammar, window);
    return new LimitReading(which, limit, remaining, reset, window, byTheClock);
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
      Cell cell,
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
    return what.endsWith("month") ? 30 * LimitGrammar.DAY : LimitReading.UNKNOWN;
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
