package dev.paceline.provider;

import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/** Which limit a normalised text names. Plain scans over the words, no regular expressions. */
final class LimitWords {
  private static final int MAX_WORDS = 2_000;
  private static final int LOOK_BACK = 8;
  private static final int LOOK_AHEAD = 4;

  private static final String[] QUOTA = {
    "insufficient balance",
    "insufficient credit",
    "insufficient fund",
    "insufficient quota",
    "credit balance is too low",
    "current quota exceeded",
    "usage quota",
    "usage limit",
    "spending limit",
    "spend limit",
    "spending cap",
    "out of credits",
    "exhausted your credits",
    "run out of credits",
    "no credits",
    "used up your",
    "billing hard limit",
    "budget has been exceeded",
    "exceeded your monthly",
    "depleted your monthly",
    "plan has expired",
    "payment required",
    "account is overdue",
    "overdue payment",
    "余额不足",
    "欠费",
    "额度已用完",
    "套餐已到期"
  };
  private static final String[] CONCURRENCY = {
    "concurren",
    "parallel request",
    "in flight",
    "inflight",
    "too many connections",
    "simultaneous",
    "pending requests",
    "queue full",
    "queue is full",
    "并发"
  };
  private static final String[] OVERLOAD = {
    "overload",
    "at capacity",
    "capacity",
    "high demand",
    "high traffic",
    "high load",
    "heavy load",
    "busy",
    "slow down",
    "no deployments available",
    "rate limited upstream",
    "temporarily limiting requests",
    "too many requests at the moment",
    "not enough resources",
    "reset reason overflow",
    "访问量过大",
    "繁忙",
    "过载"
  };
  private static final String[] INPUT = {"input token", "input tpm", "prompt token", "prompt tpm"};
  private static final String[] OUTPUT = {
    "output token", "output tpm", "generated token", "completion token"
  };
  private static final String[] TOKENS = {
    "token rate",
    "tokens rate",
    "token limit",
    "tokens limit",
    "too many tokens",
    "token count",
    "token quota",
    "tokens per",
    "token per",
    "number of tokens",
    "number of request tokens",
    "limit type tokens",
    "tokens exceeded",
    "token usage",
    "tokens limited"
  };
  private static final String[] REQUESTS = {
    "request rate",
    "requests rate",
    "request limit",
    "requests limit",
    "requests per",
    "request per",
    "number of requests",
    "max requests",
    "call rate",
    "call limit",
    "api calls",
    "calls per",
    "request quota",
    "tier requests",
    "requests exceeded",
    "limit type requests",
    "请求过多",
    "请求频率",
    "速率限制"
  };

  /** Said of nothing but limits, so they are understood under other statuses as well. */
  private static final String[] SIGNATURES = {
    "rate limit reached",
    "rate limit exceeded",
    "too many requests",
    "rpm limit exceeded",
    "tpm limit exceeded"
  };

  private static final String[] TOO_LARGE = {
    "request too large",
    "context length",
    "context window",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input too long",
    "input token count",
    "context size",
    "maximum number of tokens",
    "reduce the length",
    "payload too large",
    "entity too large",
    "content too large",
    "too large for model",
    "exceeds the token limit",
    "max context"
  };

  private LimitWords() {}

  /**
   * A window that a text names.
   *
   * @param day an hour or longer
   * @param limit the limit, when the text also says of what; null when it only names the window
   */
  record Window(boolean day, @Nullable Limit limit) {}

  static boolean quota(String text) {
    return any(text, QUOTA);
  }

  static boolean concurrency(String text) {
    return any(text, CONCURRENCY);
  }

  static boolean overload(String text) {
    return any(text, OVERLOAD);
  }

  static boolean signature(String text) {
    return any(text, SIGNATURES);
  }

  static boolean tooLarge(String text) {
    return any(text, TOO_LARGE);
  }

  /**
   * What ran out by its usual names, without a window: a minute, or a day when {@code day}. Null
   * when the text names nothing.
   */
  static @Nullable Limit loose(String text, boolean day) {
    if (any(text, INPUT)) {
      return day ? Limit.TPD : Limit.ITPM;
    }
    if (any(text, OUTPUT)) {
      return day ? Limit.TPD : Limit.OTPM;
    }
    if (any(text, TOKENS)) {
      return day ? Limit.TPD : Limit.TPM;
    }
    return any(text, REQUESTS) ? (day ? Limit.RPD : Limit.RPM) : null;
  }

  /**
   * {@code Limit 6000, Used 0, Requested 12328}: whether this one request is larger than the whole
   * limit.
   */
  static boolean requestedMoreThanLimit(String text) {
    int requested = text.indexOf("requested ");
    if (requested < 0) {
      return false;
    }
    long wanted = number(text, requested + 10);
    int limit = text.lastIndexOf("limit ", requested);
    long most = limit < 0 ? -1 : number(text, limit + 6);
    return most > 0 && wanted > most;
  }

  /**
   * The first window that the text names, by words ({@code tokens per minute}, {@code daily}) or by
   * letters ({@code TPM}).
   */
  static @Nullable Window window(String text) {
    String[] words = text.split(" ", MAX_WORDS);
    for (int i = 0; i < words.length; i++) {
      Window window = acronym(words, i);
      if (window != null) {
        return window;
      }
      int kind = windowKind(words, i);
      if (kind != 0) {
        boolean day = kind > 1;
        return new Window(day, unit(words, i, day));
      }
    }
    return null;
  }

  private static @Nullable Window acronym(String[] words, int i) {
    String word = words[i];
    if (word.length() < 3 || word.length() > 4) {
      return null;
    }
    String before = i > 0 ? words[i - 1] : "";
    return switch (word) {
      case "rpm", "rps", "qps", "qpm" -> new Window(false, Limit.RPM);
      case "tpm" ->
          new Window(
              false, isInput(before) ? Limit.ITPM : isOutput(before) ? Limit.OTPM : Limit.TPM);
      case "itpm" -> new Window(false, Limit.ITPM);
      case "otpm" -> new Window(false, Limit.OTPM);
      case "rpd", "rph", "qph", "qpd" -> new Window(true, Limit.RPD);
      case "tpd", "tph" -> new Window(true, Limit.TPD);
      case "ipm", "ipd" -> new Window(word.endsWith("d"), Limit.UNKNOWN);
      default -> null;
    };
  }

  /** 0: no window at this word; 1: shorter than an hour; 2: an hour or longer. */
  private static int windowKind(String[] words, int i) {
    switch (words[i]) {
      case "daily", "hourly", "weekly", "monthly", "perday" -> {
        return 2;
      }
      case "per", "by", "/" -> {
        String next = i + 1 < words.length ? words[i + 1] : "";
        if (!next.isEmpty() && Character.isDigit(next.charAt(0))) {
          if (next.endsWith("s") && next.length() > 1) {
            return number(next, 0) >= 3_600 ? 2 : 1;
          }
          next = i + 2 < words.length ? words[i + 2] : "";
        }
        return switch (next) {
          case "minute", "min", "minutes", "second", "seconds", "sec" -> 1;
          case "day", "days", "hour", "hours", "week", "month" -> 2;
          default -> 0;
        };
      }
      default -> {
        return 0;
      }
    }
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
    switch (words[i]) {
      case "tokens", "token" -> {
        String before = i > 0 ? words[i - 1] : "";
        if (day) {
          return Limit.TPD;
        }
        return isInput(before) ? Limit.ITPM : isOutput(before) ? Limit.OTPM : Limit.TPM;
      }
      case "requests", "calls", "queries", "messages" -> {
        return day ? Limit.RPD : Limit.RPM;
      }
      case "request" -> {
        String next = i + 1 < words.length ? words[i + 1] : "";
        boolean named =
            next.equals("limit")
                || next.equals("rate")
                || next.equals("quota")
                || next.equals("per");
        return !named ? null : day ? Limit.RPD : Limit.RPM;
      }
      case "images", "pages", "neurons" -> {
        return Limit.UNKNOWN;
      }
      default -> {
        return null;
      }
    }
  }

  private static boolean isInput(String word) {
    return word.equals("input") || word.equals("prompt");
  }

  private static boolean isOutput(String word) {
    return word.equals("output") || word.equals("generated") || word.equals("completion");
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

  static boolean any(String text, String[] phrases) {
    for (String phrase : phrases) {
      if (text.contains(phrase)) {
        return true;
      }
    }
    return false;
  }
}
