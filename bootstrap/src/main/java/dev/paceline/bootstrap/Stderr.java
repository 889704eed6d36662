package dev.paceline.bootstrap;

import java.time.LocalDate;

/**
 * The agent's lines on standard error: time in UTC, level, text, or the same as one JSON object a
 * line ({@code paceline.log.format=json}). No logging library is touched: the application's may not
 * be set up yet.
 */
public final class Stderr {
  /** What a text may begin with, and a JSON object tells in a field of its own. */
  private static final String NAME = "paceline: ";

  private static final long DAY_MILLIS = 86_400_000L;

  private static volatile boolean json = "json".equalsIgnoreCase(given());

  private Stderr() {}

  /** How lines are written from now on, once all sources of the configuration are read. */
  public static void json(boolean asJson) {
    json = asJson;
  }

  /** Writes one line; a level such as {@code WARN}. */
  public static void print(String level, String text) {
    System.err.println(line(level, text, System.currentTimeMillis(), json));
  }

  public static void warn(String text) {
    print("WARN", text);
  }

  /**
   * The line without its end.
   *
   * @param millis since the epoch
   */
  static String line(String level, String text, long millis, boolean asJson) {
    String message = text.startsWith(NAME) ? text.substring(NAME.length()) : text;
    return asJson
        ? "{\"time\":\""
            + time(millis)
            + "\",\"level\":\""
            + level
            + "\",\"logger\":\"paceline\",\"message\":\""
            + escaped(message)
            + "\"}"
        : time(millis) + " " + level + " " + NAME + message;
  }

  // Not Instant.toString: its formatter costs a JVM that has not used it yet some 10 ms, on the
  // thread that loads a class of the application's.
  private static String time(long millis) {
    long ofDay = Math.floorMod(millis, DAY_MILLIS);
    StringBuilder text = new StringBuilder(24);
    text.append(LocalDate.ofEpochDay(Math.floorDiv(millis, DAY_MILLIS)));
    padded(text.append('T'), ofDay / 3_600_000, 2);
    padded(text.append(':'), ofDay / 60_000 % 60, 2);
    padded(text.append(':'), ofDay / 1_000 % 60, 2);
    padded(text.append('.'), ofDay % 1_000, 3);
    return text.append('Z').toString();
  }

  private static void padded(StringBuilder text, long number, int digits) {
    String plain = Long.toString(number);
    for (int i = plain.length(); i < digits; i++) {
      text.append('0');
    }
    text.append(plain);
  }

  private static String escaped(String text) {
    StringBuilder json = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.toString();
  }

  private static String given() {
    try {
      String property = System.getProperty("paceline.log.format");
      return property != null ? property : System.getenv("PACELINE_LOG_FORMAT");
    } catch (SecurityException refused) {
      return null;
    }
  }
}
