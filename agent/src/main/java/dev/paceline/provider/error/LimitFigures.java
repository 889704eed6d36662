package dev.paceline.provider.error;

import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/**
 * What a normalised text says of limits in figures: windows with their units ({@code tokens per
 * minute}, {@code RPM}, {@code 60 requests / 10s}), limits of nothing and requests larger than
 * their limit. Figures outweigh single words: "slow down: 60 requests per minute" is a limit of
 * requests, not the provider's overload. One pass over the words, no regular expressions.
 */
final class LimitFigures {
  private static final String[] WANTS = {"requested ", "needs ", "requires "};
  private static final int MAX_WORDS = 2_000;

  /** How far a unit stands from its window, in words. */
  private static final int LOOK_BACK = 8;

  private static final int LOOK_AHEAD = 4;
  private static final int HOUR_SECONDS = 3_600;

  private LimitFigures() {}

  /** How long a window is. */
  enum Span {
    /** Shorter than an hour. */
    MINUTE,
    /** An hour or a day. */
    DAY,
    /** A week, a month, or so many hours of a subscription: without a unit it is a plan's. */
    PLAN;

    boolean isDay() {
      return this != MINUTE;
    }
  }

  /**
   * A window that a text names.
   *
   * @param limit the limit, when the text also says of what; null when it only names the window
   */
  record Window(Span span, @Nullable Limit limit) {
    boolean day() {
      return span.isDay();
    }
  }

  /**
   * The first window that the text names together with its unit, else the first that it names, by
   * words ({@code tokens per minute}, {@code daily}) or by letters ({@code TPM}); null when it
   * names none.
   */
  static @Nullable Window window(String text) {
    String[] words = text.split(" ", MAX_WORDS);
    Window first = null;
    for (int i = 0; i < words.length; i++) {
      Window window = acronym(words, i);
      if (window == null) {
        Span span = span(words, i);
        window = span == null ? null : new Window(span, unit(words, i, span.isDay()));
      }
      if (window != null && window.limit() != null) {
        return window;
      }
      first = first == null ? window : first;
    }
    return first == null ? chinese(text) : first;
  }

  private static @Nullable Window chinese(String text) {
    boolean minute = text.contains("每分钟") || text.contains("每秒");
    boolean day =
        text.contains("每天") || text.contains("每日") || text.contains("当日") || text.contains("今日");
    if (!minute && !day) {
      return null;
    }
    Limit limit = null;
    if (text.contains("token")) {
      limit = day ? Limit.TPD : Limit.TPM;
    } else if (text.contains("请求") || text.contains("调用") || text.contains("次数")) {
      limit = day ? Limit.RPD : Limit.RPM;
    }
    return new Window(day ? Span.DAY : Span.MINUTE, limit);
  }

  private static @Nullable Window acronym(String[] words, int i) {
    String word = words[i];
    if (word.length() < 3 || word.length() > 4) {
      return null;
    }
    String before = i > 0 ? words[i - 1] : "";
    return switch (word) {
      case "rpm", "rps", "qps", "qpm" -> new Window(Span.MINUTE, Limit.RPM);
      case "tpm", "tps" ->
          new Window(
              Span.MINUTE,
              isInput(before) ? Limit.ITPM : isOutput(before) ? Limit.OTPM : Limit.TPM);
      case "itpm" -> new Window(Span.MINUTE, Limit.ITPM);
      case "otpm" -> new Window(Span.MINUTE, Limit.OTPM);
      case "rpd", "rph", "qph", "qpd" -> new Window(Span.DAY, Limit.RPD);
      case "tpd", "tph" -> new Window(Span.DAY, Limit.TPD);
      case "ipm" -> new Window(Span.MINUTE, Limit.UNKNOWN);
      case "ipd", "ash", "asd" -> new Window(Span.DAY, Limit.UNKNOWN);
      default -> null;
    };
  }

  /** The window that begins at this word; null when none does. */
  private static @Nullable Span span(String[] words, int i) {
    String word = words[i];
    switch (word) {
      case "daily", "hourly", "perday" -> {
        return Span.DAY;
      }
      case "weekly", "monthly" -> {
        return Span.PLAN;
      }
      case "per", "by", "/", "every", "each" -> {
        return length(words, i + 1);
      }
      case "a", "an", "in", "within" -> {
        // "60 requests a minute", but "try again in a minute".
        return i > 0 && counts(words[i - 1]) ? length(words, i + 1) : null;
      }
      default -> {
        return word.isEmpty() || !Character.isDigit(word.charAt(0)) ? null : adjective(words, i);
      }
    }
  }

  /** {@code 5 hour usage limit}, {@code 1 minute window}: a window beside the word for a limit. */
  private static @Nullable Span adjective(String[] words, int i) {
    int unit = number(words[i], 0) >= 0 && isDigits(words[i]) ? i + 1 : i;
    String next = word(words, unit + 1);
    boolean limits =
        next.equals("limit")
            || next.equals("usage")
            || next.equals("quota")
            || next.equals("window");
    if (!limits) {
      return null;
    }
    Span span = length(words, i);
    return span == Span.DAY ? Span.PLAN : span;
  }

  /** {@code minute}, {@code 10 seconds}, {@code 60s}, {@code 1min}. */
  private static @Nullable Span length(String[] words, int at) {
    String word = word(words, at);
    if (word.isEmpty()) {
      return null;
    }
    long count = 1;
    String unit = word;
    if (Character.isDigit(word.charAt(0))) {
      count = number(word, 0);
      int end = 0;
      while (end < word.length()
          && (Character.isDigit(word.charAt(end)) || word.charAt(end) == '.')) {
        end++;
      }
      unit = end == word.length() ? word(words, at + 1) : word.substring(end);
    } else if (word.equals("the") || word.equals("one") || word.equals("last")) {
      unit = word(words, at + 1);
    }
    long seconds =
        switch (unit) {
          case "s", "sec", "secs", "second", "seconds" -> 1;
          case "m", "min", "mins", "minute", "minutes" -> 60;
          case "h", "hr", "hrs", "hour", "hours" -> HOUR_SECONDS;
          case "d", "day", "days" -> 24 * HOUR_SECONDS;
          case "w", "week", "weeks", "month", "months" -> 7 * 24 * HOUR_SECONDS;
          default -> 0;
        };
    if (seconds == 0) {
      return null;
    }
    long length = seconds * Math.max(0, Math.min(count, 1_000_000));
    return length >= 7L * 24 * HOUR_SECONDS
        ? Span.PLAN
        : length >= HOUR_SECONDS ? Span.DAY : Span.MINUTE;
  }

  private static @Nullable Limit unit(String[] words, int window, boolean day) {
    for (int i = window - 1; i >= 0 && i >= window - LOOK_BACK && !words[i].equals("|"); i--) {
      Limit limit = unitAt(words, i, day);
      if (limit != null) {
        return limit;
      }
    }
    for (int i = window + 1;
        i < words.length && i <= window + LOOK_AHEAD && !words[i].equals("|");
        i++) {
      Limit limit = unitAt(words, i, day);
      if (limit != null) {
        return limit;
      }
    }
    return null;
  }

  private static @Nullable Limit unitAt(String[] words, int i, boolean day) {
    String before = i > 0 ? words[i - 1] : "";
    switch (words[i]) {
      case "tokens", "token" -> {
        if (day) {
          return Limit.TPD;
        }
        return isInput(before) ? Limit.ITPM : isOutput(before) ? Limit.OTPM : Limit.TPM;
      }
      case "requests", "calls", "queries", "messages", "reqs", "req", "invocations" -> {
        return isAtOnce(before) ? Limit.CONCURRENCY : day ? Limit.RPD : Limit.RPM;
      }
      case "request", "call" -> {
        String next = word(words, i + 1);
        boolean named =
            next.equals("limit")
                || next.equals("rate")
                || next.equals("quota")
                || next.equals("count")
                || next.equals("per")
                || next.equals("/");
        return !named ? null : isAtOnce(before) ? Limit.CONCURRENCY : day ? Limit.RPD : Limit.RPM;
      }
      case "images", "pages", "neurons", "characters", "videos", "frames", "audio" -> {
        return Limit.UNKNOWN;
      }
      default -> {
        return null;
      }
    }
  }

  private static boolean counts(String word) {
    return switch (word) {
      case "tokens", "requests", "calls", "queries", "messages", "reqs", "images", "pages" -> true;
      default -> false;
    };
  }

  private static boolean isAtOnce(String word) {
    return switch (word) {
      case "concurrent", "parallel", "simultaneous", "inflight", "flight" -> true;
      default -> false;
    };
  }

  /**
   * Whether the text names a limit of 0: {@code Limit: 0/1min}, {@code a quota of 0 tokens}. What
   * remains of a limit is often 0 and is not meant.
   */
  static boolean zero(String text) {
    if (!text.contains(" 0")) {
      return false;
    }
    String[] words = text.split(" ", MAX_WORDS);
    for (int i = 1; i < words.length; i++) {
      if (isZero(words[i])
          && (ofBefore(words, i) || limitBefore(words, i) || allowedAfter(words, i))
          && !leftAfter(words, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isZero(String word) {
    if (word.isEmpty() || word.charAt(0) != '0') {
      return false;
    }
    for (int i = 1; i < word.length(); i++) {
      if (word.charAt(i) != '0' && word.charAt(i) != '.') {
        return false;
      }
    }
    return true;
  }

  private static boolean limitBefore(String[] words, int zero) {
    for (int i = zero - 1; i >= 0 && i >= zero - 6; i--) {
      switch (words[i]) {
        case "limit", "limits", "limited", "quota", "maximum", "max", "allowance" -> {
          return true;
        }
        case "of", "is", "to", "value", "at", "set", "your", "for", "this", "the" -> {}
        case "model", "key", "project", "account", "deployment", "tier" -> {}
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  /** {@code used 3 of 0}. */
  private static boolean ofBefore(String[] words, int zero) {
    return words[zero - 1].equals("of") && isDigits(word(words, zero - 2));
  }

  /** {@code 0 requests per minute allowed}. */
  private static boolean allowedAfter(String[] words, int zero) {
    for (int i = zero + 2; i < words.length && i <= zero + 5 && !words[i].equals("|"); i++) {
      if (words[i].equals("allowed") || words[i].equals("permitted")) {
        return true;
      }
    }
    return false;
  }

  private static boolean leftAfter(String[] words, int zero) {
    for (int i = zero + 1; i < words.length && i <= zero + 3; i++) {
      switch (words[i]) {
        case "remaining", "left", "available", "remain" -> {
          return true;
        }
        case "/", "of", "out" -> {
          if (isDigits(word(words, i + 1))) {
            return true; // "0 / 60", but "0 / 1min"
          }
        }
        case "|" -> {
          return false;
        }
        default -> {}
      }
    }
    return false;
  }

  /**
   * {@code Limit 6000, Used 0, Requested 12328}, {@code requested 9000 tokens exceeds the limit of
   * 8000}: whether this one request is larger than the whole limit.
   */
  static boolean requestedMoreThanLimit(String text) {
    int requested = text.indexOf("requested ");
    int limit = requested < 0 ? -1 : text.lastIndexOf("limit ", requested);
    if (limit >= 0) {
      long most = number(text, limit + 6);
      return most > 0 && number(text, requested + 10) > most;
    }
    for (String verb : WANTS) {
      int at = text.indexOf(verb);
      if (at >= 0 && text.indexOf(" token", at) > at) {
        long most = limitBehind(text, text.indexOf(" token", at));
        return most > 0 && number(text, at + verb.length()) > most;
      }
    }
    return false;
  }

  /** The figure of the limit that is named next. */
  private static long limitBehind(String text, int from) {
    int of = text.indexOf("limit of ", from);
    int is = text.indexOf("limit is ", from);
    int limit = of < 0 ? is : of;
    return limit < 0 ? -1 : number(text, limit + 9);
  }

  private static String word(String[] words, int i) {
    return i >= 0 && i < words.length ? words[i] : "";
  }

  private static boolean isInput(String word) {
    return word.equals("input") || word.equals("prompt");
  }

  private static boolean isOutput(String word) {
    return word.equals("output") || word.equals("generated") || word.equals("completion");
  }

  private static boolean isDigits(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (!Character.isDigit(word.charAt(i))) {
        return false;
      }
    }
    return !word.isEmpty();
  }

  private static long number(String text, int from) {
    int at = from;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '~')) {
      at++;
    }
    long value = -1;
    for (int digits = 0;
        at < text.length() && digits < 15 && Character.isDigit(text.charAt(at));
        digits++, at++) {
      value = Math.max(0, value) * 10 + Character.digit(text.charAt(at), 10);
    }
    return value;
  }
}
