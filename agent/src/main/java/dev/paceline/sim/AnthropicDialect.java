package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Anthropic: {@code anthropic-ratelimit-*} with RFC 3339 instants, remaining tokens rounded to
 * 1,000, {@code retry-after} in seconds. Source: Anthropic's rate limit page.
 */
final class AnthropicDialect implements SimDialect {
  private static final long TOKEN_GRAIN = 1_000;

  @Override
  public void limits(
      List<ShownLevel> levels, ResponseStyle manners, long wallMillis, Map<String, String> out) {
    ResponseStyle rounded =
        manners.remainingGrain() > 1
            ? manners
            : manners.coarse(manners.wholeSecondResets(), TOKEN_GRAIN);
    for (ShownLevel level : levels) {
      String prefix = "anthropic-ratelimit-" + dimension(level.limit());
      out.put(prefix + "-limit", Long.toString(level.max()));
      out.put(
          prefix + "-remaining",
          Long.toString(Math.min(level.max(), SimDialect.remaining(level, rounded))));
      if (manners.resets()) {
        Instant full = Instant.ofEpochMilli(wallMillis + SimText.ceilMillis(level.resetNanos()));
        out.put(prefix + "-reset", full.truncatedTo(ChronoUnit.SECONDS).toString());
      }
    }
  }

  @Override
  public void hint(long waitNanos, Map<String, String> out) {
    out.put("retry-after", Long.toString(Math.max(1, SimText.ceilSeconds(waitNanos))));
    out.put("x-should-retry", "true");
  }

  @Override
  public String limited(
      Limit limit, ShownLevel level, long requested, long waitNanos, String model) {
    if (limit == Limit.CONCURRENCY) {
      return error(
          "rate_limit_error",
          "Number of concurrent connections has exceeded your rate limit. Please try again later.");
    }
    String what =
        switch (limit) {
          case ITPM -> "input tokens";
          case OTPM -> "output tokens";
          case TPM, TPD -> "tokens";
          default -> "requests";
        };
    return error(
        "rate_limit_error",
        String.format(
            Locale.ROOT,
            "This request would exceed your organization's rate limit of %,d %s per minute (org: 00000000-0000-4000-8000-000000000000, model: %s).",
            level.max(),
            what,
            model));
  }

  @Override
  public String tooLarge(Limit limit, ShownLevel level, long requested, String model) {
    return limited(limit, level, requested, -1, model);
  }

  @Override
  public String overloaded() {
    return error("overloaded_error", "Overloaded");
  }

  @Override
  public String outOfCredit() {
    return "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"You have reached your API usage limits.\","
        + "\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}},\"request_id\":\"req_sim\"}";
  }

  private static String dimension(Limit limit) {
    return switch (limit) {
      case ITPM -> "input-tokens";
      case OTPM -> "output-tokens";
      case TPM, TPD -> "tokens";
      default -> "requests";
    };
  }

  private static String error(String type, String message) {
    return "{\"type\":\"error\",\"error\":{\"type\":"
        + SimText.quote(type)
        + ",\"message\":"
        + SimText.quote(message)
        + "},\"request_id\":\"req_sim\"}";
  }
}
