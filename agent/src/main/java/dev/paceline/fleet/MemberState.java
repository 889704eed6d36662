package dev.paceline.fleet;

import dev.paceline.words.Limit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one member tells the others, and its text in the table. Whatever is read is bounded: a
 * broken or hostile line is no member, and a large demand is no more than all there is.
 *
 * @param at Redis' time when it was written, as far as its writer knew, in milliseconds
 * @param promise the next write comes within so many milliseconds
 * @param hold so long its claim counts after that: the window in which its use is counted
 * @param cooldown for so many milliseconds it sends nothing after a limit answer
 * @param limit the limit that was hit
 * @param claims millionths of a limit, by {@link Resource}
 * @param demands units a minute that it would send
 * @param capacities units a minute that it knows the limit to grant; 0 for unknown
 */
record MemberState(
    long at,
    long promise,
    long hold,
    long cooldown,
    Limit limit,
    int[] claims,
    long[] demands,
    long[] capacities) {
  private static final String VERSION = "1";
  private static final int MOST_CHARACTERS = 300;
  static final long MAX_PROMISE = 16_000;
  static final long MAX_HOLD = 61_000;

  /** A window: a longer one is told again meanwhile, by those who really met it. */
  static final long MAX_COOLDOWN = 61_000;

  static final long MAX_UNITS = 1_000_000_000_000L;

  /** As it is written. */
  String text() {
    StringBuilder text = new StringBuilder(VERSION);
    text.append(';').append(at).append(';').append(promise).append(';').append(hold);
    text.append(';').append(cooldown).append(';').append(limit.name().toLowerCase(Locale.ROOT));
    for (int i = 0; i < Resource.COUNT; i++) {
      text.append(';').append(claims[i]).append(',').append(demands[i]);
      text.append(',').append(capacities[i]);
    }
    return text.toString();
  }

  /** What a text says; null when it is none of ours. */
  static @Nullable MemberState parse(@Nullable String text) {
    if (text == null || text.length() > MOST_CHARACTERS) {
      return null;
    }
    String[] parts = text.split(";", -1);
    if (parts.length != 6 + Resource.COUNT || !parts[0].equals(VERSION)) {
      return null;
    }
    try {
      int[] claims = new int[Resource.COUNT];
      long[] demands = new long[Resource.COUNT];
      long[] capacities = new long[Resource.COUNT];
      for (int i = 0; i < Resource.COUNT; i++) {
        String[] numbers = parts[6 + i].split(",", -1);
        if (numbers.length != 3) {
          return null;
        }
        claims[i] = (int) number(numbers[0], 0, Claim.WHOLE);
        demands[i] = number(numbers[1], 0, MAX_UNITS);
        capacities[i] = number(numbers[2], 0, MAX_UNITS);
      }
      return new MemberState(
          number(parts[1], 0, Long.MAX_VALUE),
          number(parts[2], 1, MAX_PROMISE),
          number(parts[3], 0, MAX_HOLD),
          number(parts[4], 0, MAX_COOLDOWN),
          limit(parts[5]),
          claims,
          demands,
          capacities);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static long number(String text, long least, long most) {
    return Math.max(least, Math.min(most, Long.parseLong(text)));
  }

  private static Limit limit(String name) {
    for (Limit limit : Limit.values()) {
      if (limit.name().toLowerCase(Locale.ROOT).equals(name)) {
        return limit;
      }
    }
    return Limit.UNKNOWN;
  }
}
