package dev.paceline.provider;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.Limit;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The limit answer that Paceline gives itself instead of sending a call that could not be served in
 * time: in the provider's own shape, so that the SDK above throws what it would have thrown, with a
 * message that says who answered, when to come again, why the call was not queued, and which
 * setting changes that. Headers say the same for programs: {@code Retry-After} in seconds, {@code
 * x-paceline-limit} (the {@code limit} tag), {@code x-paceline-waiting} (calls in the queue) and
 * {@code x-paceline-setting} (the key that decided).
 */
public final class LocalLimit {
  /** Tells it from the provider's own answers; its value says who answered. */
  public static final String MARKER = "x-paceline-answered";

  private LocalLimit() {}

  /** What did not allow the call to wait. */
  public enum Bound {
    MAX_WAIT("paceline.max-wait", "than paceline.max-wait allows"),
    MAX_CALL_WAIT("paceline.max-call-wait", "than paceline.max-call-wait allows"),
    /** The timeout that the request itself carries. */
    TIMEOUT("paceline.on-deadline", "than the request's own timeout allows"),
    /** The age at which this caller's calls have been cancelled so far. */
    CALLER("paceline.on-deadline", "than its caller does, whose calls are cancelled"),
    /** The instant until which the request's signature is valid. */
    SIGNATURE("paceline.on-deadline", "than the request's signature is valid"),
    /** As many calls wait as may. */
    QUEUE("paceline.queue.max", "");

    private final String key;
    private final String allows;

    Bound(String key, String allows) {
      this.key = key;
      this.allows = allows;
    }
  }

  /**
   * Why a call was not queued.
   *
   * @param limit the limit that the queue waits for
   * @param waitMillis predicted wait of a call that joins the queue now
   * @param waiting calls in the queue
   * @param bound what did not allow the wait
   * @param allowedMillis how long that would have been, counted from the call's beginning; 0 when
   *     there is no such figure
   * @param tenantRule the rule whose limit of one tenant holds the call; empty for a limit of all
   * @param tenant what that tenant is called; of letters, digits and no character to escape
   */
  public record Refusal(
      Limit limit,
      long waitMillis,
      int waiting,
      Bound bound,
      long allowedMillis,
      String tenantRule,
      String tenant) {
    /** For a limit of all. */
    public Refusal(Limit limit, long waitMillis, int waiting, Bound bound, long allowedMillis) {
      this(limit, waitMillis, waiting, bound, allowedMillis, "", "");
    }

    /** For a limit of one tenant. */
    public Refusal ofTenant(String rule, String name) {
      return new Refusal(limit, waitMillis, waiting, bound, allowedMillis, rule, name);
    }

    private String setting() {
      return tenantRule.isEmpty()
          ? bound.key
          : "paceline.rule." + tenantRule + ".tenant." + limit.tag();
    }
  }

  /**
   * A 429 with {@code Retry-After}: the predicted wait, rounded up to whole seconds, at least one.
   *
   * @param provider id or alias; unknown ones answer as OpenAI does
   */
  public static ProviderResponse answer(String provider, Refusal refusal) {
    long seconds = seconds(refusal.waitMillis());
    Provider known = Providers.find(provider);
    String id = known == null ? provider.toLowerCase(Locale.ROOT) : known.id();
    String text = text(refusal, seconds);
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("content-type", List.of("application/json"));
    headers.put("retry-after", List.of(Long.toString(seconds)));
    headers.put(MARKER, List.of("local"));
    headers.put("x-paceline-limit", List.of(refusal.limit().tag()));
    headers.put("x-paceline-waiting", List.of(Integer.toString(refusal.waiting())));
    headers.put("x-paceline-setting", List.of(refusal.setting()));
    String body =
        switch (id) {
          case "anthropic" ->
              "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\""
                  + text
                  + "\"}}";
          case "gemini", "vertex-ai" ->
              "{\"error\":{\"code\":429,\"message\":\""
                  + text
                  + "\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\""
                  + seconds
                  + "s\"}]}}";
          case "bedrock" -> {
            headers.put("x-amzn-errortype", List.of("ThrottlingException"));
            yield "{\"message\":\"" + text + "\"}";
          }
          case "azure-openai" -> "{\"error\":{\"code\":\"429\",\"message\":\"" + text + "\"}}";
          case "cohere", "mistral" -> "{\"message\":\"" + text + "\"}";
          default ->
              "{\"error\":{\"message\":\""
                  + text
                  + "\",\"type\":\""
                  + unit(refusal.limit())
                  + "\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}";
        };
    return new ProviderResponse(
        429, new MapHeaders(headers), body.getBytes(StandardCharsets.UTF_8), true);
  }

  /** What matters most first: Spring cuts a body after 200 characters. No character to escape. */
  private static String text(Refusal refusal, long seconds) {
    Bound bound = refusal.bound();
    StringBuilder text = new StringBuilder(300);
    text.append("Rate limit reached for ")
        .append(name(refusal.limit()))
        .append(refusal.tenant().isEmpty() ? "" : " of tenant " + refusal.tenant())
        .append(": retry after ")
        .append(seconds)
        .append(" s. Answered by Paceline, the request was not sent: ")
        .append(refusal.waiting())
        .append(refusal.waiting() == 1 ? " call waits" : " calls wait");
    if (bound == Bound.QUEUE) {
      text.append(", and the queue is full (paceline.queue.max).");
    } else {
      text.append(", and this one would wait longer ").append(bound.allows);
      if (refusal.allowedMillis() > 0) {
        text.append(bound == Bound.CALLER ? " after " : " (")
            .append(seconds(refusal.allowedMillis()))
            .append(bound == Bound.CALLER ? " s" : " s)");
      }
      text.append('.');
    }
    if (!refusal.tenantRule().isEmpty()) {
      text.append(" The limit is ").append(refusal.setting()).append('.');
    }
    return text.append(" To send such calls anyway: paceline.on-deadline=send.").toString();
  }

  private static long seconds(long millis) {
    return Math.max(1, (millis + 999) / 1_000);
  }

  private static String name(Limit limit) {
    return switch (limit) {
      case RPM -> "requests per minute (RPM)";
      case TPM -> "tokens per minute (TPM)";
      case ITPM -> "input tokens per minute (ITPM)";
      case OTPM -> "output tokens per minute (OTPM)";
      case RPD -> "requests per day (RPD)";
      case TPD -> "tokens per day (TPD)";
      case CONCURRENCY -> "concurrent requests";
      case QUOTA, CAPACITY, UNKNOWN -> "requests";
    };
  }

  private static String unit(Limit limit) {
    return switch (limit) {
      case TPM, ITPM, OTPM, TPD -> "tokens";
      default -> "requests";
    };
  }
}
