package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Map;

/**
 * Gemini API: no header at all; quota and wait are in the body. Source: google.rpc QuotaFailure and
 * RetryInfo, recorded answers.
 */
final class GeminiDialect implements SimDialect {
  @Override
  public void limits(
      List<ShownLevel> levels, ResponseStyle manners, long wallMillis, Map<String, String> out) {}

  @Override
  public void hint(long waitNanos, Map<String, String> out) {}

  @Override
  public String limited(
      Limit limit, ShownLevel level, long requested, long waitNanos, String model) {
    String metric = metric(limit);
    String message =
        "You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: "
            + metric
            + ", limit: "
            + level.max();
    String violation =
        "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{\"quotaMetric\":"
            + SimText.quote(metric)
            + ",\"quotaId\":"
            + SimText.quote(quotaId(limit))
            + ",\"quotaDimensions\":{\"location\":\"global\",\"model\":"
            + SimText.quote(model)
            + "},\"quotaValue\":\""
            + level.max()
            + "\"}]}";
    if (waitNanos < 0) {
      return error(429, "RESOURCE_EXHAUSTED", message, violation);
    }
    String retryInfo =
        "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\""
            + Math.max(1, SimText.ceilSeconds(waitNanos))
            + "s\"}";
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        message + "\nPlease retry in " + SimText.seconds(SimText.ceilMillis(waitNanos)) + "s.",
        violation + "," + retryInfo);
  }

  @Override
  public String tooLarge(Limit limit, ShownLevel level, long requested, String model) {
    return limited(limit, level, requested, -1, model);
  }

  @Override
  public String overloaded() {
    return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.", "");
  }

  @Override
  public String outOfCredit() {
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: "
            + metric(Limit.RPD)
            + ", limit: 0",
        "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{\"quotaMetric\":"
            + SimText.quote(metric(Limit.RPD))
            + ",\"quotaId\":\"GenerateRequestsPerDayPerProjectPerModel-FreeTier\"}]}");
  }

  private static String metric(Limit limit) {
    return "generativelanguage.googleapis.com/generate_content_"
        + (SimDialect.unit(limit).equals("tokens")
            ? "paid_tier_input_token_count"
            : "paid_tier_requests");
  }

  private static String quotaId(Limit limit) {
    return switch (limit) {
      case TPM, ITPM, OTPM -> "GenerateContentPaidTierInputTokensPerModelPerMinute";
      case TPD -> "GenerateContentPaidTierInputTokensPerModelPerDay";
      case RPD -> "GenerateRequestsPerDayPerProjectPerModel";
      default -> "GenerateRequestsPerMinutePerProjectPerModel";
    };
  }

  private static String error(int code, String status, String message, String details) {
    return "{\"error\":{\"code\":"
        + code
        + ",\"message\":"
        + SimText.quote(message)
        + ",\"status\":"
        + SimText.quote(status)
        + (details.isEmpty() ? "" : ",\"details\":[" + details + "]")
        + "}}";
  }
}
