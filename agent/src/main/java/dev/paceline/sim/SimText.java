package dev.paceline.sim;

import java.util.Locale;

/** The grammars in which providers write durations, and JSON strings. */
final class SimText {
  private SimText() {}

  /**
   * Go's {@code time.Duration}: {@code 1h2m3.5s}, {@code 12ms}, {@code 0s}. Rounded up to whole
   * milliseconds, as OpenAI shows them.
   */
  static String goDuration(long nanos) {
    long millis = ceilMillis(nanos);
    if (millis == 0) {
      return "0s";
    }
    if (millis < 1000) {
      return millis + "ms";
    }
    StringBuilder out = new StringBuilder();
    long hours = millis / 3_600_000;
    long minutes = millis / 60_000 % 60;
    if (hours > 0) {
      out.append(hours).append('h');
    }
    if (hours > 0 || minutes > 0) {
      out.append(minutes).append('m');
    }
    return out.append(seconds(millis % 60_000)).append('s').toString();
  }

  /** Seconds with up to three decimals: {@code 12}, {@code 0.084}. */
  static String seconds(long millis) {
    long fraction = millis % 1000;
    if (fraction == 0) {
      return Long.toString(millis / 1000);
    }
    // By hand: a replay writes two of them for every answer.
    String digits = Long.toString(1000 + fraction); // 1, then three digits
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return millis / 1000 + "." + digits.substring(1, end);
  }

  static long ceilMillis(long nanos) {
    return nanos <= 0 ? 0 : (nanos + 999_999) / 1_000_000;
  }

  static long ceilSeconds(long nanos) {
    return nanos <= 0 ? 0 : (nanos + 999_999_999) / 1_000_000_000;
  }

  /** A JSON string literal. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> {
          if (c < 0x20) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
