package dev.paceline.provider.header;

import dev.paceline.provider.error.ErrorText;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The fields of the IETF's draft "RateLimit header fields for HTTP" in its three generations:
 *
 * <ul>
 *   <li>to draft 6: {@code RateLimit-Limit: 100, 100;w=60}, {@code RateLimit-Remaining: 40}, {@code
 *       RateLimit-Reset: 30}, and {@code RateLimit-Policy: 10;w=1, 100;w=60}
 *   <li>draft 7: {@code RateLimit: limit=100, remaining=40, reset=30}
 *   <li>from draft 8: {@code RateLimit: "minute";r=40;t=30}, {@code RateLimit-Policy:
 *       "minute";q=100;w=60;qu="requests"}
 * </ul>
 *
 * Of several policies that limit the same thing the one counts of which the least is left.
 */
final class IetfFields {
  private static final int MAX_ITEMS = 16;

  @Nullable String limit;
  @Nullable String remaining;
  @Nullable String reset;
  @Nullable String state;
  @Nullable String policies;

  /** One item of a list. */
  private static final class Item {
    /** Of the policy; empty when it has none. */
    String name = "";

    /** The bare number that it begins with. */
    long figure = LimitReading.UNKNOWN;

    long quota = LimitReading.UNKNOWN;
    long left = LimitReading.UNKNOWN;
    long seconds = LimitReading.UNKNOWN;
    long window = LimitReading.UNKNOWN;
    String unit = "";
  }

  boolean isEmpty() {
    return limit == null && remaining == null && reset == null && state == null && policies == null;
  }

  /** Takes over what it does not say itself. */
  void merge(IetfFields from) {
    limit = limit == null ? from.limit : limit;
    remaining = remaining == null ? from.remaining : remaining;
    reset = reset == null ? from.reset : reset;
    state = state == null ? from.state : state;
    policies = policies == null ? from.policies : policies;
  }

  /** The reset where nothing else is said, in milliseconds; {@link Durations#NONE} else. */
  long resetAlone(long clock) {
    long seconds = limit == null && remaining == null && state == null ? figure(reset) : -1;
    return seconds < 0 ? Durations.NONE : LimitHeaders.untilOrIn(seconds, clock);
  }

  /**
   * A reading for each limit.
   *
   * @param clock epoch milliseconds; some servers name the moment of the reset
   */
  List<LimitReading> readings(long clock) {
    if (isEmpty()) {
      return List.of();
    }
    List<Item> known = items(policies);
    List<Item> said = items(state);
    List<Item> current = new ArrayList<>();
    Item plain = plain(said, known);
    if (plain != null) {
      current.add(plain);
    }
    for (Item item : said) {
      if (item.left != LimitReading.UNKNOWN || item.quota != LimitReading.UNKNOWN) {
        current.add(joined(item, known));
      }
    }
    if (current.isEmpty()) {
      current.addAll(known);
    }
    List<LimitReading> readings = new ArrayList<>();
    for (Item item : current) {
      LimitReading reading = reading(item, clock);
      if (reading != null) {
        keepTheBinding(readings, reading);
      }
    }
    return readings;
  }

  /** What stands without a policy's name: drafts 6 and 7. */
  private @Nullable Item plain(List<Item> said, List<Item> known) {
    Item item = new Item();
    List<Item> policies = known;
    List<Item> limits = items(limit);
    if (!limits.isEmpty()) {
      item.quota = limits.get(0).figure;
      if (limits.size() > 1) {
        policies = limits.subList(1, limits.size());
      }
    }
    item.left = figure(remaining);
    item.seconds = figure(reset);
    boolean any = item.quota != LimitReading.UNKNOWN || item.left != LimitReading.UNKNOWN;
    for (Item part : said) {
      if (part.figure == LimitReading.UNKNOWN) {
        continue;
      }
      switch (part.name) {
        case "limit" -> {
          item.quota = part.figure;
          item.window = part.window;
        }
        case "remaining" -> item.left = part.figure;
        case "reset" -> item.seconds = part.figure;
        default -> {
          continue;
        }
      }
      any = true;
    }
    if (!any) {
      return null;
    }
    Item policy = null;
    for (Item one : policies) {
      long quota = one.quota == LimitReading.UNKNOWN ? one.figure : one.quota;
      if (policies.size() == 1 || quota == item.quota) {
        policy = one;
        break;
      }
    }
    return policy == null ? item : filled(item, policy);
  }

  private static Item joined(Item item, List<Item> known) {
    for (Item policy : known) {
      if (policy.name.equals(item.name) || known.size() == 1) {
        return filled(item, policy);
      }
    }
    return item;
  }

  private static Item filled(Item item, Item policy) {
    if (item.quota == LimitReading.UNKNOWN) {
      item.quota = policy.quota == LimitReading.UNKNOWN ? policy.figure : policy.quota;
    }
    item.window = item.window == LimitReading.UNKNOWN ? policy.window : item.window;
    item.unit = item.unit.isEmpty() ? policy.unit : item.unit;
    item.name = item.name.isEmpty() ? policy.name : item.name;
    return item;
  }

  private static @Nullable LimitReading reading(Item item, long clock) {
    long quota = item.quota == LimitReading.UNKNOWN ? item.figure : item.quota;
    if (quota == 0 || (quota < 0 && item.left < 0)) {
      return null;
    }
    String words = ErrorText.normalise(item.name) + " " + item.unit;
    long window = item.window > 0 ? Durations.bounded(item.window * 1_000) : named(words);
    long reset =
        item.seconds < 0 ? LimitReading.UNKNOWN : LimitHeaders.untilOrIn(item.seconds, clock);
    return new LimitReading(of(words, window), quota, item.left, reset, window);
  }

  private static Limit of(String words, long window) {
    boolean day = window >= LimitGrammar.HOUR;
    if (words.contains("concurren") || words.contains("parallel")) {
      return Limit.CONCURRENCY;
    }
    if (words.contains("token") || words.contains("tpm") || words.contains("tpd")) {
      return day
          ? Limit.TPD
          : words.contains("input") || words.contains("itpm")
              ? Limit.ITPM
              : words.contains("output") || words.contains("otpm") ? Limit.OTPM : Limit.TPM;
    }
    if (words.contains("bytes") || words.contains("image")) {
      return Limit.UNKNOWN;
    }
    return day ? Limit.RPD : Limit.RPM;
  }

  private static long named(String words) {
    if (words.contains("month")) {
      return 30 * LimitGrammar.DAY;
    }
    if (words.contains("week")) {
      return 7 * LimitGrammar.DAY;
    }
    if (words.contains("day") || words.contains("daily") || words.contains("rpd")) {
      return LimitGrammar.DAY;
    }
    if (words.contains("hour")) {
      return LimitGrammar.HOUR;
    }
    if (words.contains("minute") || words.contains("rpm") || words.contains("tpm")) {
      return LimitGrammar.MINUTE;
    }
    return words.contains("second") ? 1_000 : LimitReading.UNKNOWN;
  }

  private static void keepTheBinding(List<LimitReading> readings, LimitReading reading) {
    for (int i = 0; i < readings.size(); i++) {
      LimitReading other = readings.get(i);
      if (other.limit() == reading.limit()) {
        if (share(reading) < share(other)) {
          readings.set(i, reading);
        }
        return;
      }
    }
    readings.add(reading);
  }

  private static double share(LimitReading reading) {
    if (reading.remaining() < 0) {
      return 1;
    }
    return reading.limitValue() <= 0
        ? Math.min(reading.remaining(), 1)
        : (double) reading.remaining() / reading.limitValue();
  }

  /** The items of a list; quotes hold commas and semicolons together. */
  private static List<Item> items(@Nullable String value) {
    List<Item> items = new ArrayList<>();
    if (value == null) {
      return items;
    }
    Item item = new Item();
    boolean some = false;
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i <= value.length() && items.size() < MAX_ITEMS; i++) {
      char c = i == value.length() ? ',' : value.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if ((!quoted || i == value.length()) && (c == ',' || c == ';')) {
        some |= part(item, value.substring(start, i).trim());
        start = i + 1;
        if (c == ',') {
          if (some) {
            items.add(item);
          }
          item = new Item();
          some = false;
        }
      }
    }
    return items;
  }

  private static boolean part(Item item, String part) {
    if (part.isEmpty()) {
      return false;
    }
    int equals = part.charAt(0) == '"' ? -1 : part.indexOf('=');
    if (equals < 0) {
      long figure = quota(part);
      if (figure == LimitReading.UNKNOWN) {
        item.name = part.replace("\"", "").toLowerCase(Locale.ROOT);
      } else {
        item.figure = figure;
      }
      return true;
    }
    String key = part.substring(0, equals).trim().toLowerCase(Locale.ROOT);
    String text = part.substring(equals + 1).trim();
    switch (key) {
      case "q" -> item.quota = quota(text);
      case "r" -> item.left = figure(text);
      case "t" -> item.seconds = figure(text);
      case "w" -> item.window = figure(text);
      case "qu" -> item.unit = text.replace("\"", "").toLowerCase(Locale.ROOT);
      case "limit", "remaining", "reset" -> {
        item.name = key;
        item.figure = key.equals("limit") ? quota(text) : figure(text);
      }
      default -> {}
    }
    return true;
  }

  /** A limit; 0, which is none, for all that is below 1. */
  private static long quota(String text) {
    return LimitHeaders.belowOne(text) ? 0 : figure(text);
  }

  /** A whole number; the draft knows no others. */
  private static long figure(@Nullable String text) {
    if (text == null) {
      return LimitReading.UNKNOWN;
    }
    String trimmed = text.trim();
    if (trimmed.isEmpty() || trimmed.length() > 15) {
      return LimitReading.UNKNOWN;
    }
    for (int i = 0; i < trimmed.length(); i++) {
      if (trimmed.charAt(i) < '0' || trimmed.charAt(i) > '9') {
        return LimitReading.UNKNOWN;
      }
    }
    return Long.parseLong(trimmed);
  }
}
