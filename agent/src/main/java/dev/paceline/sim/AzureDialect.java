package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Map;

/**
 * Azure OpenAI: OpenAI's names with whole seconds cut off, the renewal period, both {@code
 * retry-after} and {@code retry-after-ms}. Source: recorded answers of 2026.
 */
final class AzureDialect implements SimDialect {
  @Override
  public void limits(
      List<ShownLevel> levels, ResponseStyle manners, long wallMillis, Map<String, String> out) {
    for (ShownLevel level : levels) {
      String unit = SimDialect.unit(level.limit());
      out.put("x-ratelimit-limit-" + unit, Long.toString(level.max()));
      out.put("x-ratelimit-remaining-" + unit, Long.toString(SimDialect.remaining(level, manners)));
      out.put(
          "x-ratelimit-renewalperiod-" + unit, Long.toString(level.windowNanos() / 1_000_000_000));
      if (manners.resets()) {
        out.put("x-ratelimit-reset-" + unit, Long.toString(level.resetNanos() / 1_000_000_000));
      }
    }
  }

  @Override
  public void hint(long waitNanos, Map<String, String> out) {
    out.put("retry-after", Long.toString(Math.max(1, SimText.ceilSeconds(waitNanos))));
    out.put("retry-after-ms", Long.toString(Math.max(1, SimText.ceilMillis(waitNanos))));
  }

  @Override
  public String limited(
      Limit limit, ShownLevel level, long requested, long waitNanos, String model) {
    String which = SimDialect.unit(limit).equals("tokens") ? "token" : "call";
    String wait =
        waitNanos < 0
            ? ""
            : " Please retry after " + Math.max(1, SimText.ceilSeconds(waitNanos)) + " seconds.";
    return error(
        "429",
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded "
            + which
            + " rate limit of your current OpenAI S0 pricing tier."
            + wait);
  }

  @Override
  public String tooLarge(Limit limit, ShownLevel level, long requested, String model) {
    return new OpenAiDialect().tooLarge(limit, level, requested, model);
  }

  @Override
  public String overloaded() {
    return error(
        "503", "The server is temporarily unable to process your request. Please try again later.");
  }

  @Override
  public String outOfCredit() {
    return OpenAiDialect.error(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota");
  }

  private static String error(String code, String message) {
    return "{\"error\":{\"code\":"
        + SimText.quote(code)
        + ",\"message\":"
        + SimText.quote(message)
        + "}}";
  }
}
