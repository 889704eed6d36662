package dev.paceline.provider;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * Numbers, durations and instants as providers write them. Everything is read by one pass over the
 * characters; what does not fit a grammar, is negative or lies beyond ten years is {@link #NONE}.
 * Fractions of a millisecond are cut off.
 */
final class Durations {
  static final long NONE = -1;
  private static final long MAX_MILLIS = 10L * 366 * 24 * 3_600_000;
  private static final int MAX_LENGTH = 64;

  private Durations() {}

  /** {@code 30}, {@code 0.5}: so many units. */
  static long plain(String text, long unitMillis) {
    Cursor cursor = new Cursor(text.length() > MAX_LENGTH ? "" : text.trim(), 0);
    long nanos = cursor.number(unitMillis);
    return nanos == NONE || cursor.at != cursor.text.length() ? NONE : bounded(nanos / 1_000_000);
  }

  /**
   * Go's and protobuf's durations ({@code 6m0s}, {@code 20ms}, {@code 0.539477544s}), or a plain
   * number of seconds.
   */
  static long duration(String text) {
    if (text.length() > MAX_LENGTH) {
      return NONE;
    }
    String trimmed = text.trim();
    long seconds = plain(trimmed, 1_000);
    if (seconds != NONE) {
      return seconds;
    }
    Cursor cursor = new Cursor(trimmed, 0);
    long millis = cursor.duration(false);
    return cursor.at == trimmed.length() ? millis : NONE;
  }

  /**
   * The duration in words or Go's notation that stands at {@code from}; {@link #NONE} when none
   * stands there.
   */
  static long prose(String lower, int from) {
    return new Cursor(lower, from).duration(true);
  }

  /**
   * An RFC 1123 date as epoch milliseconds, or an RFC 3339 one; {@link #NONE} when it is neither.
   */
  static long instant(String text) {
    if (text.length() > MAX_LENGTH || text.length() < 10) {
      return NONE;
    }
    String trimmed = text.trim();
    DateTimeFormatter format =
        !trimmed.isEmpty() && Character.isDigit(trimmed.charAt(0)) && trimmed.indexOf('T') > 0
            ? DateTimeFormatter.ISO_OFFSET_DATE_TIME
            : DateTimeFormatter.RFC_1123_DATE_TIME;
    try {
      return ZonedDateTime.parse(trimmed, format).toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      return NONE;
    }
  }

  /**
   * {@code 2026-07-12 08:05:00 utc}, {@code 2026-08-03 23:59:59 +0800 cst}, {@code 2026-09-01 at
   * 00:00 utc}, {@code 2026-09-01t00:00:00z} at an index.
   */
  static long proseInstant(String lower, int from) {
    int at = from;
    if (at + 10 > lower.length() || lower.charAt(at + 4) != '-' || lower.charAt(at + 7) != '-') {
      return NONE;
    }
    try {
      LocalDate date =
          LocalDate.of(digits(lower, at, 4), digits(lower, at + 5, 2), digits(lower, at + 8, 2));
      at = skip(lower, at + 10);
      if (lower.startsWith("at ", at) || lower.startsWith("t", at)) {
        at = skip(lower, at + (lower.startsWith("at ", at) ? 3 : 1));
      }
      if (at + 5 > lower.length() || lower.charAt(at + 2) != ':') {
        return NONE;
      }
      int hour = digits(lower, at, 2);
      int minute = digits(lower, at + 3, 2);
      at += 5;
      int second = 0;
      if (at + 3 <= lower.length() && lower.charAt(at) == ':') {
        second = digits(lower, at + 1, 2);
        at += 3;
      }
      while (at < lower.length()
          && (lower.charAt(at) == '.' || Character.isDigit(lower.charAt(at)))) {
        at++;
      }
      at = skip(lower, at);
      int offsetMinutes = 0;
      if (at + 5 <= lower.length() && (lower.charAt(at) == '+' || lower.charAt(at) == '-')) {
        int colon = lower.charAt(at + 3) == ':' ? 1 : 0;
        if (at + 5 + colon > lower.length()) {
          return NONE;
        }
        offsetMinutes = digits(lower, at + 1, 2) * 60 + digits(lower, at + 3 + colon, 2);
        offsetMinutes = lower.charAt(at) == '-' ? -offsetMinutes : offsetMinutes;
      } else if (!lower.startsWith("utc", at)
          && !lower.startsWith("gmt", at)
          && !lower.startsWith("z", at)) {
        return NONE; // a wall clock somewhere: no instant
      }
      return date.atTime(LocalTime.of(hour, minute, second)).toEpochSecond(ZoneOffset.UTC) * 1_000
          - offsetMinutes * 60_000L;
    } catch (DateTimeException | NumberFormatException e) {
      return NONE;
    }
  }

  private static int digits(String text, int at, int count) {
    int value = 0;
    for (int i = at; i < at + count; i++) {
      char c = i < text.length() ? text.charAt(i) : ' ';
      if (c < '0' || c > '9') {
        throw new NumberFormatException();
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  private static int skip(String text, int at) {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  static long bounded(long millis) {
    return millis < 0 || millis > MAX_MILLIS ? NONE : millis;
  }

  /** Reads forward through a text. */
  private static final class Cursor {
    private static final int MAX_PARTS = 6;
    private final String text;
    private int at;

    Cursor(String text, int at) {
      this.text = text;
      this.at = at;
    }

    /**
     * A decimal number of units, in nanoseconds; {@link #NONE} and the position unchanged when none
     * stands here.
     */
    long number(long unitMillis) {
      int start = at;
      long whole = 0;
      int digits = 0;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        whole = digits < 12 ? whole * 10 + (text.charAt(at) - '0') : whole;
        digits++;
        at++;
      }
      if (digits == 0 || digits > 12) {
        at = start;
        return NONE;
      }
      long nanosOfUnit = unitMillis * 1_000_000;
      long fraction = 0;
      if (at + 1 < text.length()
          && text.charAt(at) == '.'
          && text.charAt(at + 1) >= '0'
          && text.charAt(at + 1) <= '9') {
        at++;
        long scale = 1;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
          if (scale < 1_000_000_000L) {
            fraction = fraction * 10 + (text.charAt(at) - '0');
            scale *= 10;
          }
          at++;
        }
        // Whole milliseconds and the rest apart: a day in nanoseconds times a fraction's digits
        // would not fit a long.
        fraction =
            (unitMillis * fraction / scale) * 1_000_000
                + (unitMillis * fraction % scale) * 1_000_000 / scale;
      }
      if (whole > MAX_MILLIS / Math.max(1, unitMillis) + 1) {
        return Long.MAX_VALUE;
      }
      return whole > (Long.MAX_VALUE - fraction) / nanosOfUnit
          ? Long.MAX_VALUE
          : whole * nanosOfUnit + fraction;
    }

    /** One or more numbers with units, largest first, in milliseconds. */
    long duration(boolean prose) {
      long total = 0;
      int parts = 0;
      while (parts < MAX_PARTS) {
        int before = at;
        if (prose && parts > 0) {
          between();
        }
        int start = at;
        if (number(1) == NONE) {
          at = before;
          break;
        }
        int afterNumber = at;
        while (prose && at < text.length() && text.charAt(at) == ' ' && at - afterNumber < 2) {
          at++;
        }
        long unit = unit();
        if (unit == NONE) {
          boolean ends =
              afterNumber == text.length() || ".,;)\n\"'".indexOf(text.charAt(afterNumber)) >= 0;
          at = parts == 0 ? afterNumber : before;
          if (prose && parts == 0 && ends) {
            unit = 1_000; // "retry after 30."
          } else {
            break;
          }
        }
        int afterUnit = at;
        at = start;
        long nanos = number(unit);
        at = afterUnit;
        if (nanos == Long.MAX_VALUE) {
          return NONE;
        }
        total = total > Long.MAX_VALUE - nanos ? Long.MAX_VALUE : total + nanos;
        parts++;
      }
      return parts == 0 || total == Long.MAX_VALUE ? NONE : bounded(total / 1_000_000);
    }

    private void between() {
      while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == ',')) {
        at++;
      }
      if (text.startsWith("and ", at)) {
        at += 4;
      }
    }

    private long unit() {
      int start = at;
      while (at < text.length() && Character.isLetter(text.charAt(at)) && at - start < 13) {
        at++;
      }
      // Go writes units and numbers without a space, so a unit ends where its letters end.
      long unit =
          switch (text.substring(start, at)) {
            case "ms", "msec", "msecs", "millisecond", "milliseconds", "毫秒" -> 1;
            case "s", "sec", "secs", "second", "seconds", "秒", "秒后", "秒后重试" -> 1_000;
            case "m", "min", "mins", "minute", "minutes", "分钟", "分", "分钟后" -> 60_000;
            case "h", "hr", "hrs", "hour", "hours", "小时", "小时后" -> 3_600_000;
            case "d", "day", "days", "天" -> 86_400_000;
            default -> NONE;
          };
      if (unit == NONE) {
        at = start;
      }
      return unit;
    }
  }
}
