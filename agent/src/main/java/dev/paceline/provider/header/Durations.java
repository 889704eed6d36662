package dev.paceline.provider.header;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * Numbers, durations and instants as providers write them. Everything is read by one pass over the
 * characters; what does not fit a grammar, is negative or lies beyond ten years is {@link #NONE}.
 * Fractions of a millisecond are cut off.
 */
public final class Durations {
  public static final long NONE = -1;
  private static final long MAX_MILLIS = 10L * 366 * 24 * 3_600_000;
  private static final int MAX_LENGTH = 64;

  /** So many digits fit an int. */
  private static final int MAX_DIGITS = 9;

  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  /** The 29th of February is left to the formatter. */
  private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private Durations() {}

  /** {@code 30}, {@code 0.5}: so many units. */
  public static long plain(String text, long unitMillis) {
    long whole = text.length() > MAX_DIGITS ? -1 : digits(text, 0, text.length());
    if (whole > 0) { // as nearly all are
      return whole > MAX_MILLIS / unitMillis ? NONE : whole * unitMillis;
    }
    Cursor cursor = new Cursor(text.length() > MAX_LENGTH ? "" : text.trim(), 0);
    long nanos = cursor.number(unitMillis);
    return nanos == NONE || cursor.at != cursor.text.length() ? NONE : bounded(nanos / 1_000_000);
  }

  /**
   * Go's and protobuf's durations ({@code 6m0s}, {@code 20ms}, {@code 0.539477544s}), or a plain
   * number of seconds.
   */
  public static long duration(String text) {
    if (text.length() > MAX_LENGTH) {
      return NONE;
    }
    String trimmed = text.trim();
    boolean unitless =
        !trimmed.isEmpty() && Character.isDigit(trimmed.charAt(trimmed.length() - 1));
    long seconds = unitless ? plain(trimmed, 1_000) : NONE;
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
  public static long instant(String text) {
    if (text.length() > MAX_LENGTH || text.length() < 10) {
      return NONE;
    }
    String trimmed = text.trim();
    long plain = plainInstant(trimmed);
    if (plain != NONE) {
      return plain;
    }
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
   * {@code Sun, 06 Nov 1994 08:49:37 GMT} and {@code 2025-03-15T12:58:20Z}, which nearly all are:
   * every served answer has a date, and a formatter takes as long for it as everything else here.
   */
  private static long plainInstant(String text) {
    if (text.length() == 29 && text.charAt(3) == ',' && text.endsWith(" GMT")) {
      int month = month(text);
      boolean separated =
          text.charAt(4) == ' '
              && text.charAt(7) == ' '
              && text.charAt(11) == ' '
              && text.charAt(16) == ' ';
      return month == 0 || !separated
          ? NONE
          : epochMillis(digits(text, 12, 4), month, digits(text, 5, 2), text, 17);
    }
    if (text.length() == 20 && text.charAt(10) == 'T' && text.charAt(19) == 'Z') {
      return text.charAt(4) != '-' || text.charAt(7) != '-'
          ? NONE
          : epochMillis(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), text, 11);
    }
    return NONE;
  }

  private static int month(String text) {
    for (int month = 0; month < 12; month++) {
      if (text.regionMatches(8, MONTHS, 3 * month, 3)) {
        return month + 1;
      }
    }
    return 0;
  }

  /** What is no date of the calendar is left to the formatter. */
  private static long epochMillis(int year, int month, int day, String text, int time) {
    int hour = digits(text, time, 2);
    int minute = digits(text, time + 3, 2);
    int second = digits(text, time + 6, 2);
    boolean valid =
        year >= 1970
            && month >= 1
            && month <= 12
            && day >= 1
            && day <= DAYS[month - 1]
            && hour >= 0
            && hour < 24
            && minute >= 0
            && minute < 60
            && second >= 0
            && second < 60
            && text.charAt(time + 2) == ':'
            && text.charAt(time + 5) == ':';
    if (!valid) {
      return NONE;
    }
    // Days since 1970 in the proleptic Gregorian calendar, years from March on.
    long y = month <= 2 ? year - 1L : year;
    long era = y / 400;
    long yearOfEra = y - era * 400;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return (((days - 719_468) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000L;
  }

  private static int digits(String text, int at, int count) {
    int value = 0;
    for (int i = at; i < at + count; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
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
    public long duration(boolean prose) {
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
            case "w", "week", "weeks" -> 604_800_000;
            default -> NONE;
          };
      if (unit == NONE) {
        at = start;
      }
      return unit;
    }
  }
}
