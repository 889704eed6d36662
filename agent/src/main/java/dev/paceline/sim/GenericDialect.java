package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Map;

/**
 * Some OpenAI-compatible server: the same header names with plain seconds, and an error that names
 * no limit.
 */
final class GenericDialect implements SimDialect {
  @Override
  public void limits(
      List<ShownLevel> levels, ResponseStyle manners, long wallMillis, Map<String, String> out) {
    for (ShownLevel level : levels) {
      String unit = SimDialect.unit(level.limit());
      out.put("x-ratelimit-limit-" + unit, Long.toString(level.max()));
      out.put("x-ratelimit-remaining-" + unit, Long.toString(SimDialect.remaining(level, manners)));
      if (manners.resets()) {
        out.put(
            "x-ratelimit-reset-" + unit,
            Long.toString(SimText.ceilSeconds(SimDialect.reset(level, manners))));
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
    String message =
        limit == Limit.CONCURRENCY ? "Too many concurrent requests" : "Rate limit exceeded";
    return OpenAiDialect.error(message, "rate_limit_error", "rate_limit_exceeded");
  }

  @Override
  public String tooLarge(Limit limit, ShownLevel level, long requested, String model) {
    return OpenAiDialect.error("Request too large", "invalid_request_error", "request_too_large");
  }

  @Override
  public String overloaded() {
    return OpenAiDialect.error("Service overloaded", "server_error", "overloaded");
  }

  @Override
  public String outOfCredit() {
    return OpenAiDialect.error("Insufficient quota", "insufficient_quota", "insufficient_quota");
  }
}
