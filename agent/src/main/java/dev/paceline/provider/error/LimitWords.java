package dev.paceline.provider.error;

import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/**
 * Which limit the words of a normalised text name, where {@link LimitFigures} finds no figures.
 * Plain scans, no regular expressions.
 */
final class LimitWords {
  /** Money and credit: no figure beside them makes them a rate. */
  private static final String[] MONEY = {
    "insufficient balance",
    "insufficient credit",
    "insufficient fund",
    "insufficient quota",
    "credit balance is too low",
    "current quota exceeded",
    "spending limit",
    "spend limit",
    "spending cap",
    "out of credits",
    "exhausted your credits",
    "run out of credits",
    "no credits",
    "billing hard limit",
    "budget has been exceeded",
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

  /** A plan's allowance, unless figures or a short wait say that it is a rate. */
  private static final String[] ALLOWANCE = {
    "usage quota", "usage limit", "used up your", "exceeded your monthly"
  };

  /**
   * What codes and types call an allowance: {@code FreeUsageLimitError}, {@code
   * user_weekly_rate_limited}, {@code trial_allowance_exhausted}.
   */
  private static final String[] ALLOWANCE_CODES = {
    "free usage",
    "free tier",
    "free plan",
    "free limit",
    "free quota",
    "free allowance",
    "freetier",
    "weekly",
    "monthly",
    "usage limit",
    "usage quota",
    "usage cap",
    "plan limit",
    "plan quota",
    "subscription",
    "allowance",
    "trial",
    "credits",
    "out of credit",
    "insufficient credit",
    "insufficient balance",
    "insufficient quota",
    "insufficient fund",
    "insufficient user quota",
    "no balance",
    "balance exhausted",
    "billing",
    "spend limit",
    "spending limit",
    "budget",
    "arrears",
    "overdue",
    "pack exhausted",
    "5h limit",
    "five hour"
  };

  private static final String[] CONCURRENCY = {
    "concurren",
    "parallel request",
    "parallel generation",
    "parallel call",
    "parallel job",
    "parallel session",
    "in parallel",
    "open streams",
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
    "饱和",
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
    "请求速率",
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

  private static final String[] OF_A_LIMIT = {"limit", "throttl", "quota"};
  private static final int MAX_CODES = 64;

  private LimitWords() {}

  static boolean money(String text) {
    return any(text, MONEY);
  }

  static boolean allowance(String text) {
    return any(text, ALLOWANCE);
  }

  static boolean allowanceCode(String codeWords) {
    return any(codeWords, ALLOWANCE_CODES);
  }

  /** Whether the text speaks of what is paid for by the month rather than of a rate. */
  static boolean plan(String text) {
    return text.contains("upgrade") || text.contains("your plan") || text.contains("subscription");
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
   * What ran out by the words of a code or of a header's value that speaks of a limit: {@code
   * DeploymentRatelimit-Token}, or by a word that stands alone: {@code requests}.
   */
  static @Nullable Limit ofCode(String codeWords, boolean day) {
    Limit found = loose(codeWords, day);
    if (found != null) {
      return found;
    }
    for (String code : codeWords.split(" \\| ", MAX_CODES)) {
      boolean token = code.contains("token");
      boolean request = code.contains("request") || code.contains("call");
      boolean alone = code.indexOf(' ') < 0;
      if ((token || request) && (alone || any(code, OF_A_LIMIT))) {
        return token ? (day ? Limit.TPD : Limit.TPM) : day ? Limit.RPD : Limit.RPM;
      }
    }
    return null;
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
