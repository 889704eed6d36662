package dev.paceline.provider.error;

import dev.paceline.provider.header.Durations;
import dev.paceline.provider.header.LimitHeaderNames;
import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the facts of an error from its headers and body, whatever the envelope: flat, nested, in
 * an array, as a problem document, as text, or pasted into another error's message.
 */
public final class ErrorReader {
  private static final int MAX_CODES = 64;
  private static final int MAX_NESTED = 3;

  /**
   * A thousand messages say no more than the first of them, and each is searched for every phrase.
   */
  private static final int MAX_TEXTS = 32;

  private static final int MAX_VIOLATIONS = 32;
  private final Set<String> codes = new LinkedHashSet<>();
  private final StringBuilder codeWords = new StringBuilder();
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder words = new StringBuilder();
  private final List<ErrorFacts.Violation> violations = new ArrayList<>();
  private final List<LenientJson.Node> pendingViolations = new ArrayList<>();
  private boolean google;
  private boolean zero;
  private boolean html;
  private long hint = Durations.NONE;
  private long resetAt = Durations.NONE;
  private int nested;
  private int texts;

  public ErrorFacts facts(int status) {
    for (LenientJson.Node violation : pendingViolations) {
      violations.add(violation(violation));
    }
    String raw = text.toString();
    String lower = raw.toLowerCase(Locale.ROOT);
    if (lower.contains("/error-code-429")) {
      codes.add("link:error-code-429");
    }
    return new ErrorFacts(
        status,
        codes,
        codeWords.toString(),
        words.toString(),
        lower,
        violations,
        zero || LimitFigures.zero(words.toString()),
        google,
        html,
        hint,
        resetAt);
  }

  public ErrorReader headers(Headers headers) {
    code(before(headers.first("x-amzn-errortype"), ':'));
    code(headers.first("x-ms-error-code"));
    for (String sign : LimitHeaderNames.signs(headers)) {
      code(sign);
    }
    text(headers.first("x-error-message"));
    return this;
  }

  /** The name of an exception frame of AWS's event stream. */
  public ErrorReader exception(String name) {
    code(name);
    return this;
  }

  public ErrorReader body(byte[] body) {
    int start = 0;
    while (start < body.length
        && (body[start] <= ' ' || (body[start] & 0xff) >= 0xef && start < 3)) {
      start++; // white space and a byte order mark
    }
    if (start == body.length) {
      return this;
    }
    byte first = body[start];
    if (first == '{' || first == '[' || first == '"') {
      LenientJson.Node root = LenientJson.parse(body, start, body.length - start);
      if (root != null && (root.size() > 0 || root.isScalar())) {
        return node(root);
      }
    }
    String page =
        new String(
            body,
            start,
            Math.min(body.length - start, ErrorText.MAX),
            java.nio.charset.StandardCharsets.UTF_8);
    if (first == '<') {
      html = true;
      text(withoutTags(page));
    } else {
      text(page);
    }
    return this;
  }

  public ErrorReader node(LenientJson.Node root) {
    if (root.isScalar()) {
      text(root.text());
    } else {
      walk(root, 0);
    }
    return this;
  }

  private void walk(LenientJson.Node node, int depth) {
    if (depth > 10) {
      return;
    }
    if (node.isObject() && (node.has("quotaMetric") || node.has("quotaId"))) {
      google = true;
      if (pendingViolations.size() < MAX_VIOLATIONS) {
        pendingViolations.add(node);
      }
    }
    for (int i = 0; i < node.size(); i++) {
      LenientJson.Node child = node.child(i);
      String name = node.name(i);
      if (ErrorKeys.ECHOES.contains(name) && !(name.equals("body") && isAnswer(node))) {
        continue;
      }
      if (child.isScalar()) {
        scalar(node, name, child.text());
      } else if (name.equals("base_resp")) {
        code("base_resp:" + child.get("status_code").text());
        walk(child, depth + 1);
      } else if (name.equals("headers")) {
        headersInBody(child);
      } else if (name.equals("metadata") && node.has("reason")) {
        errorInfo(child);
      } else if (name.equals("retryDelay")) {
        hint(Durations.plain(child.get("seconds").text(), 1_000));
      } else {
        walk(child, depth + 1);
      }
    }
  }

  /** {@code {"status":429,"headers":{…},"body":"…"}}: what an upstream answered, not an echo. */
  private static boolean isAnswer(LenientJson.Node node) {
    return node.has("status")
        || node.has("statusCode")
        || node.has("status_code")
        || node.has("headers");
  }

  private void scalar(LenientJson.Node parent, String name, String value) {
    if (value.isEmpty()) {
      return;
    }
    switch (name) {
      case "retryDelay" -> hint(Durations.duration(value));
      case "retry_after_ms", "retryAfterMs" -> hint(Durations.plain(value, 1));
      case "retry_after",
          "retryAfter",
          "retry_after_seconds",
          "retryAfterSeconds",
          "resets_in_seconds",
          "estimated_time" ->
          hint(Durations.duration(value));
      case "reset_at",
          "resetAt",
          "resets_at",
          "resetsAt",
          "reset_time",
          "resetTime",
          "retry_at",
          "retryAt" -> {
        long instant = Durations.instant(value);
        resetAt = instant == Durations.NONE ? epochMillis(value) : instant;
      }
      case "limit", "limit_value" -> zero |= Durations.plain(value, 1) == 0;
      case "title" -> statusPhrase(value);
      case "" -> {
        if (parent.isArray()) {
          text(value);
        }
      }
      case "error_code" -> {
        code("error_code:" + value);
        code(value);
      }
      default -> {
        if (ErrorKeys.CODES.contains(name)) {
          code(before(value, '#'));
          if (name.equals("status") && parent.has("code") && isUpper(value)) {
            google = true;
          }
        }
        if (ErrorKeys.TEXTS.contains(name)) {
          text(value);
          if (name.equals("error") && value.indexOf(' ') < 0) {
            code(value);
          }
        } else if (value.charAt(0) == '{' || value.charAt(0) == '[') {
          pasted(value);
        }
      }
    }
  }

  /**
   * {@code {"status":429,"title":"Too Many Requests"}}: a title says no more than the status unless
   * it is a sentence of its own.
   */
  private void statusPhrase(String title) {
    if (!ErrorText.normalise(title).endsWith("too many requests")) {
      text(title);
    }
  }

  /**
   * {@code google.rpc.ErrorInfo.metadata}: the quota by name where there is no {@code
   * QuotaFailure}.
   */
  private void errorInfo(LenientJson.Node metadata) {
    String limit = metadata.get("quota_limit").text();
    if (!limit.isEmpty() && violations.size() < MAX_VIOLATIONS) {
      google = true;
      violations.add(
          new ErrorFacts.Violation(
              ErrorText.normalise(limit), metadata.get("quota_limit_value").text().equals("0")));
    }
  }

  private void headersInBody(LenientJson.Node headers) {
    for (int i = 0; i < headers.size(); i++) {
      String value = headers.child(i).text();
      switch (headers.name(i).toLowerCase(Locale.ROOT)) {
        case "retry-after" -> hint(Durations.duration(value));
        case "retry-after-ms" -> hint(Durations.plain(value, 1));
        case "x-ratelimit-reset" -> {
          long millis = Durations.plain(value, 1);
          // plain() bounds a wait, this is a moment: epoch milliseconds lie beyond what a wait may
          // be.
          resetAt = millis == Durations.NONE ? epochMillis(value) : resetAt;
        }
        default -> {}
      }
    }
  }

  /** Of a moment in seconds or milliseconds since 1970. */
  private static long epochMillis(String value) {
    if (value.length() != 13 && value.length() != 10) {
      return Durations.NONE;
    }
    try {
      long moment = Long.parseLong(value);
      return Math.max(Durations.NONE, value.length() == 10 ? moment * 1_000 : moment);
    } catch (NumberFormatException e) {
      return Durations.NONE;
    }
  }

  private ErrorFacts.Violation violation(LenientJson.Node node) {
    String id = node.get("quotaId").text();
    String metric = node.get("quotaMetric").text();
    String value = node.get("quotaValue").text();
    String words =
        ErrorText.normalise(
            !id.isEmpty() ? id : !metric.isEmpty() ? metric : node.get("description").text());
    // Protobuf's JSON leaves out a zero. A text that names a limit above zero outweighs a missing
    // field.
    boolean none =
        value.equals("0") || (value.isEmpty() && !metric.isEmpty() && !namesPositiveLimit(metric));
    return new ErrorFacts.Violation(words, none);
  }

  private boolean namesPositiveLimit(String metric) {
    int at = text.indexOf("limit: ", Math.max(0, text.indexOf(metric)));
    return at >= 0
        && at + 7 < text.length()
        && text.charAt(at + 7) >= '1'
        && text.charAt(at + 7) <= '9';
  }

  private void code(@Nullable String code) {
    if (code == null || code.isEmpty() || code.length() > 200 || codes.size() >= MAX_CODES) {
      return;
    }
    String lower = code.trim().toLowerCase(Locale.ROOT);
    int slash = lower.startsWith("type.googleapis.com/") ? -1 : lower.lastIndexOf('/');
    if (codes.add(slash < 0 ? lower : lower.substring(slash + 1))) {
      if (codeWords.length() > 0) {
        codeWords.append(" | ");
      }
      codeWords.append(ErrorText.normalise(code));
    }
  }

  private void text(@Nullable String value) {
    if (value == null
        || value.isEmpty()
        || text.length() >= ErrorText.MAX
        || words.length() >= ErrorText.MAX
        || texts >= MAX_TEXTS) {
      return;
    }
    texts++;
    int start = text.length();
    if (start > 0) {
      text.append('\n');
    }
    int kept = Math.min(value.length(), ErrorText.MAX - start);
    text.append(value, 0, kept);
    if (words.length() > 0) {
      words.append(" | ");
    }
    words.append(withoutAdvice(ErrorText.normalise(value.substring(0, kept))));
    bracketed(value);
    pasted(value);
  }

  /** Zhipu's {@code [1308][Usage limit reached]}, MiniMax' {@code usage limit exceeded (2056)}. */
  private void bracketed(String value) {
    int length = value.length();
    if (length > 6 && value.charAt(0) == '[') {
      code(digitsUntil(value, 1, ']'));
    } else if (length > 6 && value.charAt(length - 1) == ')') {
      int open = value.lastIndexOf('(');
      code(open < 0 ? null : digitsUntil(value, open + 1, ')'));
    }
  }

  private static @Nullable String digitsUntil(String value, int from, char end) {
    int at = from;
    while (at < value.length() && Character.isDigit(value.charAt(at))) {
      at++;
    }
    boolean code =
        at - from >= 4 && at - from <= 6 && at < value.length() && value.charAt(at) == end;
    return code ? value.substring(from, at) : null;
  }

  /**
   * Gateways paste the upstream's error, as JSON or as Python prints it, into their own message.
   */
  private void pasted(String value) {
    if (nested >= MAX_NESTED) {
      return;
    }
    for (int i = value.indexOf('{');
        i >= 0 && i + 1 < value.length();
        i = value.indexOf('{', i + 1)) {
      int next = i + 1;
      while (next < value.length() && value.charAt(next) <= ' ') {
        next++;
      }
      if (next < value.length() && (value.charAt(next) == '"' || value.charAt(next) == '\'')) {
        nested++;
        LenientJson.Node node = LenientJson.parseNested(value.substring(i));
        if (node != null && node.size() > 0) {
          walk(node, 0);
        }
        return;
      }
    }
  }

  private void hint(long millis) {
    hint = Math.max(hint, millis);
  }

  private static String withoutAdvice(String normalised) {
    int end = normalised.length();
    for (String advice : ErrorKeys.ADVICE) {
      int at = normalised.indexOf(advice);
      if (at > 0 && at < end) {
        end = at;
      }
    }
    return normalised.substring(0, end);
  }

  private static String withoutTags(String page) {
    StringBuilder out = new StringBuilder(page.length());
    boolean tag = false;
    for (int i = 0; i < page.length(); i++) {
      char c = page.charAt(i);
      if (c == '<') {
        tag = true;
        out.append(' ');
      } else if (c == '>') {
        tag = false;
      } else if (!tag) {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static @Nullable String before(@Nullable String value, char separator) {
    int at = value == null ? -1 : value.indexOf(separator);
    if (value == null || at < 0) {
      return value;
    }
    return separator == '#' ? value.substring(at + 1) : value.substring(0, at);
  }

  private static boolean isUpper(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != '_' && (c < 'A' || c > 'Z')) {
        return false;
      }
    }
    return true;
  }
}
