package dev.paceline.provider.header;

import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the names of headers say that belong to no announcing family, and headers that name a limit.
 */
public final class LimitHeaderNames {
  private static final int MAX_HEADERS = 400;
  private static final int MAX_NAME = 60;
  private static final int MAX_VALUE = 80;
  private static final int MAX_SIGNS = 8;

  /** Last words of headers whose value names the limit that refused: {@code x-ratelimit-scope}. */
  private static final List<String> NAMING =
      List.of(
          "scope",
          "type",
          "dimension",
          "policy",
          "resource",
          "bucket",
          "reason",
          "metric",
          "kind",
          "exceeded",
          "category",
          "id");

  private LimitHeaderNames() {}

  /**
   * What {@code x-tpm-limit-max} limits, in the words of the announcing families ({@code
   * tokens-minute}); null when the name has no dimension, or is a limit of something else ({@code
   * x-request-size-limit}).
   */
  static @Nullable String what(String lowerName) {
    boolean tokens = false;
    boolean requests = false;
    boolean concurrency = false;
    String side = "";
    String window = "";
    for (String word : lowerName.split("[-_]", 12)) {
      switch (word) {
        case "rpm", "qpm" -> {
          requests = true;
          window = "-minute";
        }
        case "rps", "qps" -> {
          requests = true;
          window = "-second";
        }
        case "rph" -> {
          requests = true;
          window = "-hour";
        }
        case "rpd" -> {
          requests = true;
          window = "-day";
        }
        case "tpm" -> {
          tokens = true;
          window = "-minute";
        }
        case "itpm" -> {
          tokens = true;
          side = "input-";
          window = "-minute";
        }
        case "otpm" -> {
          tokens = true;
          side = "output-";
          window = "-minute";
        }
        case "tph" -> {
          tokens = true;
          window = "-hour";
        }
        case "tpd" -> {
          tokens = true;
          window = "-day";
        }
        case "token", "tokens" -> tokens = true;
        case "request", "requests", "calls" -> requests = true;
        case "input", "prompt" -> side = "input-";
        case "output", "completion", "generated" -> side = "output-";
        case "concurrency", "concurrent", "parallel", "inflight" -> concurrency = true;
        case "minute", "second", "hour", "day", "month" -> window = "-" + word;
        case "size",
            "length",
            "bytes",
            "body",
            "upload",
            "timeout",
            "depth",
            "page",
            "max_size" -> {
          return null;
        }
        default -> {}
      }
    }
    if (concurrency) {
      return "concurrency";
    }
    return tokens ? side + "tokens" + window : requests ? "requests" + window : null;
  }

  /**
   * The values of headers that name the limit which refused: {@code x-ratelimit-scope: rpm}, {@code
   * policy-id: DeploymentRatelimit-Token}, {@code x-ratelimit-type: UserByModelByDay}.
   */
  public static List<String> signs(Headers headers) {
    List<String> signs = new ArrayList<>();
    int seen = 0;
    for (Map.Entry<String, List<String>> header : headers.all().entrySet()) {
      if (seen++ >= MAX_HEADERS || signs.size() >= MAX_SIGNS) {
        break;
      }
      String name = header.getKey();
      if (name.length() > MAX_NAME || header.getValue().isEmpty() || !names(name)) {
        continue;
      }
      String value = header.getValue().get(0);
      if (value != null && value.length() <= MAX_VALUE && !hasFigures(value)) {
        signs.add(value);
      }
    }
    return signs;
  }

  private static boolean names(String rawName) {
    String name = rawName.toLowerCase(Locale.ROOT);
    if (name.equals("policy-id")) {
      return true;
    }
    boolean ofLimits = name.contains("limit") || name.contains("throttl") || name.contains("quota");
    return ofLimits
        && !name.startsWith("ratelimit")
        && !name.startsWith("anthropic-")
        && NAMING.contains(name.substring(name.lastIndexOf('-') + 1));
  }

  /** A number or a structured field is no name. */
  private static boolean hasFigures(String value) {
    boolean letter = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == ';' || c == '=' || c == ',') {
        return true;
      }
      letter |= Character.isLetter(c);
    }
    return !letter;
  }
}
