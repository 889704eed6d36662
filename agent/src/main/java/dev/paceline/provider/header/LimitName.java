package dev.paceline.provider.header;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The name of a header that speaks of limits, taken apart. A provider sends the same few names with
 * every answer: those that were seen last are kept, each in the one place that its hash gives it.
 *
 * @param raw as it was sent
 * @param lower in lower case
 * @param what what is limited, where the name is one of a family: {@code tokens-minute} in {@code
 *     x-ratelimit-remaining-tokens-minute}; null for all other names
 * @param field what is said of it, {@code remaining}; null together with {@code what}
 */
record LimitName(String raw, String lower, @Nullable String what, @Nullable String field) {
  private static final int KEPT = 128;
  private static final AtomicReferenceArray<@Nullable LimitName> LAST =
      new AtomicReferenceArray<>(KEPT);
  private static final String[] FAMILIES = {"x-ratelimit-", "x-rate-limit-", "ratelimit-"};

  /** Of a name of at most 100 characters. */
  static LimitName of(String raw) {
    int place = raw.hashCode() & (KEPT - 1);
    LimitName kept = LAST.get(place);
    if (kept != null && kept.raw.equals(raw)) {
      return kept;
    }
    LimitName name = parsed(raw);
    LAST.set(place, name);
    return name;
  }

  private static LimitName parsed(String raw) {
    String lower = raw.toLowerCase(Locale.ROOT);
    for (String family : FAMILIES) {
      if (lower.startsWith(family)) {
        return ofFamily(raw, lower, lower.substring(family.length()));
      }
    }
    return new LimitName(raw, lower, null, null);
  }

  /** {@code remaining-tokens-minute}, or the other way round {@code tokens-remaining}. */
  private static LimitName ofFamily(String raw, String lower, String rest) {
    int dash = rest.indexOf('-');
    if (dash >= 0) {
      String field = rest.substring(0, dash);
      if (isField(field)) {
        return new LimitName(raw, lower, rest.substring(dash + 1), field);
      }
      int last = rest.lastIndexOf('-');
      field = rest.substring(last + 1);
      if (isField(field)) {
        return new LimitName(raw, lower, rest.substring(0, last), field);
      }
    }
    return new LimitName(raw, lower, null, null);
  }

  static boolean isField(String word) {
    return switch (word) {
      case "limit", "remaining", "reset", "renewalperiod", "used" -> true;
      default -> false;
    };
  }
}
