package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * OpenAI: {@code x-ratelimit-*} with Go durations, {@code Retry-After} in whole seconds, prose with
 * the exact wait. Source: OpenAI's rate limit and error code guides.
 */
final class OpenAiDialect implements SimDialect {
  @Override
  public void limits(
      List<ShownLevel> levels, ResponseStyle manners, long wallMillis, Map<String, String> out) {
    for (ShownLevel level : levels) {
      String unit = SimDialect.unit(level.limit());
      out.put("x-ratelimit-limit-" + unit, Long.toString(level.max()));
      out.put("x-ratelimit-remaining-" + unit, Long.toString(SimDialect.remaining(level, manners)));
      if (manners.resets()) {
        out.put("x-ratelimit-reset-" + unit, SimText.goDuration(SimDialect.reset(level, manners)));
      }
    }
  }

  @Override
  public void hint(long waitNanos, Map<String, String> out) {
    out.put("retry-after", Long.toString(Math.max(1, SimText.ceilSeconds(waitNanos))));
  }

  @Override
  public String limited(
      Limit limit, ShownLevel level, long requested, long waitNanos, String model) {
    if (limit == Limit.CONCURRENCY) {
      return error("Too many concurrent requests.", "requests", "rate_limit_exceeded");
    }
    String wait =
        waitNanos < 0 ? "" : " Please try again in " + SimText.goDuration(waitNanos) + ".";
    String figures =
        level.max() <= 0
            ? ""
            : String.format(
                Locale.ROOT,
                ": Limit %d, Used %d, Requested %d",
                level.max(),
                level.max() - level.remaining(),
                requested);
    String message =
        String.format(
            Locale.ROOT,
            "Rate limit reached for %s in organization org-sim on %s%s.%s",
            model,
            name(limit),
            figures,
            wait);
    return error(message, SimDialect.unit(limit), "rate_limit_exceeded");
  }

  @Override
  public String tooLarge(Limit limit, ShownLevel level, long requested, String model) {
    String message =
        String.format(
            Locale.ROOT,
            "Request too large for %s in organization org-sim on %s: Limit %d, Requested %d. The input or output tokens must be reduced in order to run successfully.",
            model,
            name(limit),
            level.max(),
            requested);
    return error(message, "tokens", "rate_limit_exceeded");
  }

  @Override
  public String overloaded() {
    return error("The engine is currently overloaded, please try again later.", "server_error", "");
  }

  @Override
  public String outOfCredit() {
    return error(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota");
  }

  private static String name(Limit limit) {
    return switch (limit) {
      case RPD -> "requests per day (RPD)";
      case TPD -> "tokens per day (TPD)";
      case TPM, ITPM, OTPM -> "tokens per min (TPM)";
      default -> "requests per min (RPM)";
    };
  }

  static String error(String message, String type, String code) {
    return "{\"error\":{\"message\":"
        + SimText.quote(message)
        + ",\"type\":"
        + SimText.quote(type)
        + ",\"param\":null,\"code\":"
        + (code.isEmpty() ? "null" : SimText.quote(code))
        + "}}";
  }
}
