package dev.paceline.provider.header;

import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An answer's headers sorted by the limits that they speak of. Names tell what is limited, in the
 * families {@code x-ratelimit-remaining-tokens-minute} (and {@code x-rate-limit-…}, {@code
 * ratelimit-…}), {@code anthropic-ratelimit-tokens-remaining}, {@code X-TPM-Limit-Max}, and the
 * fields of the IETF's drafts ({@link IetfFields}). Most headers of an answer are none of these and
 * are put aside after a few characters: this runs for every served answer.
 */
final class LimitCells implements Predicate<String>, BiConsumer<String, List<String>> {
  static final String UTILISATION = "azure-openai-deployment-utilization";

  private static final int MAX_HEADERS = 400;
  private static final int MAX_NAME = 100;
  private static final int MAX_VALUE = 500;

  /** A cell is found by looking at all of them. */
  private static final int MAX_CELLS = 48;

  private static final String X = "x-ratelimit-";
  private static final String X_RATE = "x-rate-limit-";
  private static final String FORWARDED = "llm_provider-";

  final List<LimitCell> cells = new ArrayList<>(8);
  final IetfFields ietf = new IetfFields();
  private int seen;

  /** Reads the headers. */
  static LimitCells of(Headers headers) {
    LimitCells cells = new LimitCells();
    headers.forEach(cells, cells);
    return cells;
  }

  @Override
  public boolean test(String name) {
    return seen++ < MAX_HEADERS && mayMatter(name);
  }

  @Override
  public void accept(String name, List<String> values) {
    if (!values.isEmpty()) {
      collect(LimitName.of(name), values);
    }
  }

  /** Whether the name holds "limit" or "remai", or is one of the few without either. */
  static boolean mayMatter(String name) {
    int length = name.length();
    if (length < 9 || length > MAX_NAME) {
      return false;
    }
    // Each fifth character is one of the word's five, wherever the word stands.
    for (int i = 4; i < length; i += 5) {
      boolean hit =
          switch (name.charAt(i)) {
            case 'l', 'L' -> is(name, i, "limit");
            case 'i', 'I' ->
                is(name, i - 1, "limit") || is(name, i - 3, "limit") || is(name, i - 4, "remai");
            case 'm', 'M' -> is(name, i - 2, "limit") || is(name, i - 2, "remai");
            case 't', 'T' -> is(name, i - 4, "limit");
            case 'r', 'R' -> is(name, i, "remai");
            case 'e', 'E' -> is(name, i - 1, "remai");
            case 'a', 'A' -> is(name, i - 3, "remai");
            default -> false;
          };
      if (hit) {
        return true;
      }
    }
    char first = name.charAt(0);
    return (first == 'a' || first == 'A')
        && (is(name, 0, "anthropic-priority-")
            || is(name, 0, "anthropic-fast-")
            || name.equalsIgnoreCase(UTILISATION));
  }

  private static boolean is(String name, int from, String word) {
    return name.regionMatches(true, from, word, 0, word.length());
  }

  private void collect(LimitName parsed, List<String> values) {
    String value = values.get(0);
    if (value == null || value.length() > MAX_VALUE) {
      return;
    }
    String what = parsed.what();
    String field = parsed.field();
    if (what != null && field != null) {
      cell(what).put(field, value);
      return;
    }
    String name = parsed.lower();
    if (name.startsWith(X)) {
      family(name.substring(X.length()), value);
    } else if (name.startsWith(FORWARDED)) {
      forwarded(name.substring(FORWARDED.length()), values);
    } else if (name.startsWith("anthropic-")) {
      anthropic(name, value);
    } else if (name.startsWith("ratelimit")) {
      ratelimit(name, values, value);
    } else if (name.startsWith(X_RATE)) {
      family(name.substring(X_RATE.length()), value);
    } else if (name.equals(UTILISATION)) {
      cell(UTILISATION).remaining = value;
    } else if (!own(name, value)) {
      aside(name, value);
    }
  }

  /**
   * What the proxy's upstream announced: only where the proxy itself says nothing, so raw headers
   * win.
   */
  private void forwarded(String inner, List<String> values) {
    LimitCells upstream = new LimitCells();
    if (!inner.startsWith(FORWARDED)) {
      upstream.collect(LimitName.of(inner), values);
    }
    for (LimitCell cell : upstream.cells) {
      cell(cell.what).merge(cell);
    }
    if (ietf.isEmpty()) {
      ietf.merge(upstream.ietf);
    }
  }

  private void ratelimit(String name, List<String> values, String value) {
    switch (name) {
      case "ratelimit" -> ietf.state = joined(values);
      case "ratelimit-policy" -> ietf.policies = joined(values);
      case "ratelimit-limit" -> ietf.limit = joined(values);
      case "ratelimit-remaining" -> ietf.remaining = value;
      case "ratelimit-reset" -> ietf.reset = value;
      default -> {
        if (name.startsWith("ratelimit-")) {
          family(name.substring(10), value);
        }
      }
    }
  }

  private static String joined(List<String> values) {
    if (values.size() == 1) {
      return values.get(0);
    }
    String all = String.join(",", values.subList(0, Math.min(values.size(), 8)));
    return all.length() > MAX_VALUE ? all.substring(0, MAX_VALUE) : all;
  }

  /** A name that says no more than the field. */
  private void family(String field, String value) {
    if (field.equals("limit")) {
      envoy(value);
    } else if (LimitName.isField(field)) {
      cell("").put(field, value);
    }
  }

  /** Envoy appends its policy: {@code 10, 10;w=60}. */
  private void envoy(String value) {
    int comma = value.indexOf(',');
    LimitCell cell = cell("");
    cell.limit = comma < 0 ? value : value.substring(0, comma);
    int window = comma < 0 ? -1 : value.indexOf("w=");
    if (window >= 0) {
      cell.period = leadingDigits(value, window + 2);
    }
  }

  private void anthropic(String name, String value) {
    int last = name.lastIndexOf('-');
    int first = name.indexOf('-', 10) + 1;
    String what = name.substring(first, Math.max(last, first));
    boolean usual = name.startsWith("anthropic-ratelimit-");
    if (!what.startsWith("unified")
        && (usual
            || name.startsWith("anthropic-priority-")
            || name.startsWith("anthropic-fast-"))) {
      cell(usual ? what : name.substring(0, first) + what).put(name.substring(last + 1), value);
    }
  }

  /** Names that only one server sends. */
  private boolean own(String name, String value) {
    switch (name) {
      case "x-trial-endpoint-call-limit" -> cell("requests-minute").limit = value;
      case "x-trial-endpoint-call-remaining" -> cell("requests-minute").remaining = value;
      case "x-endpoint-monthly-call-limit" -> cell("requests-month").limit = value;
      case "x-endpoint-monthly-call-remaining" -> cell("requests-month").remaining = value;
      case "x-tokenlimit-limit-dynamic", "x-litellm-key-tpm-limit" ->
          cell("tokens-minute").limit = value;
      case "x-tokenlimit-remaining-dynamic", "remaining-tokens", "x-litellm-key-remaining-tokens" ->
          cell("tokens-minute").remaining = value;
      default -> {
        return false;
      }
    }
    return true;
  }

  /** {@code X-<what>-Limit-<field>}: the dimension stands in the name. */
  private void aside(String name, String value) {
    String what = LimitHeaderNames.what(name);
    if (what == null) {
      return;
    }
    LimitCell cell = cell(what);
    cell.aside = true;
    String field = name.substring(name.lastIndexOf('-') + 1);
    if (!cell.put(field, value) && (field.equals("tokens") || field.equals("requests"))) {
      cell.used = value; // X-TPM-Limit-Tokens: what was used of it
    }
  }

  private LimitCell cell(String what) {
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i).what.equals(what)) {
        return cells.get(i);
      }
    }
    LimitCell cell = new LimitCell(what);
    if (cells.size() < MAX_CELLS) {
      cells.add(cell);
    }
    return cell;
  }

  private static @Nullable String leadingDigits(String value, int from) {
    int end = from;
    while (end < value.length() && value.charAt(end) >= '0' && value.charAt(end) <= '9') {
      end++;
    }
    return end == from ? null : value.substring(from, end);
  }
}
