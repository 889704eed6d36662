package dev.paceline.diagnosis;

import java.util.Locale;

/** Figures and names as a person reads them. */
final class Formats {
  /** Longest name of a model in a sentence, in characters. */
  static final int MOST_NAME = 64;

  private Formats() {}

  /** {@code 92 %}; below one per cent with a digit more, so that little is not nothing. */
  static String percent(double part) {
    double percent = part * 100;
    return percent > 0 && percent < 1
        ? String.format(Locale.ROOT, "%.1f %%", percent)
        : Math.round(percent) + " %";
  }

  /** {@code 4.2 s}, {@code 11 min}, {@code 3 h}, {@code 2 days}. */
  static String time(long millis) {
    if (millis < 50) {
      return "less than 0.1 s";
    }
    if (millis < 10_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
    if (millis < 60_000) {
      return millis / 1_000 + " s";
    }
    long minutes = millis / 60_000;
    if (minutes < 120) {
      return minutes + " min";
    }
    long hours = minutes / 60;
    return hours < 48 ? hours + " h" : hours / 24 + " days";
  }

  /** {@code 30,000}. */
  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** {@code 1 call}, {@code 3 calls}. */
  static String count(long value, String singular) {
    return number(value) + " " + singular + (value == 1 ? "" : "s");
  }

  /**
   * A name that comes from a request, for log lines and messages: a line break or an escape
   * sequence in it would forge what is printed next.
   */
  static String name(String raw) {
    StringBuilder safe = new StringBuilder(Math.min(raw.length(), MOST_NAME));
    int[] points = raw.codePoints().limit(MOST_NAME + 1L).toArray();
    for (int i = 0; i < points.length; i++) {
      if (i == MOST_NAME) {
        return safe.append('…').toString();
      }
      safe.appendCodePoint(printable(points[i]) ? points[i] : '?');
    }
    return safe.length() == 0 ? "unknown" : safe.toString();
  }

  private static boolean printable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT, // the bidirectional overrides among others
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED,
          Character.PRIVATE_USE ->
          false;
      default -> true;
    };
  }
}
