package dev.paceline.provider.header;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import org.jspecify.annotations.Nullable;

/**
 * Moments as messages write them: {@code 2026-07-12 08:05:00 utc}, {@code 2026-08-03 23:59:59 +0800
 * cst}, {@code 2026-09-01t00:00:00z}, {@code sun, 12 jul 2026 08:05:00 gmt}, {@code july 12, 2026
 * at 8:05 am pst}, seconds or milliseconds since 1970. A time without a zone is a wall clock
 * somewhere and no moment: taken for the wrong zone's it is hours off.
 */
final class Moments {
  private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
  private static final int MAX_ZONE = 32;

  private final String text;
  private int at;

  private Moments(String lower, int from) {
    this.text = lower;
    this.at = from;
  }

  /** Epoch milliseconds of the moment that stands at an index; {@link Durations#NONE} else. */
  static long at(String lower, int from) {
    try {
      return new Moments(lower, from).moment();
    } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException e) {
      return Durations.NONE;
    }
  }

  private long moment() {
    spaces();
    word("on ");
    word("at ");
    int digits = digitsAhead();
    if (digits == 10 || digits == 13) {
      long value = Long.parseLong(text.substring(at, at + digits));
      return digits == 10 ? value * 1_000 : value;
    }
    LocalDate date = digits == 4 ? numeric() : inWords();
    if (date == null) {
      return Durations.NONE;
    }
    if (at < text.length() && (text.charAt(at) == 't' || text.charAt(at) == ',')) {
      at++;
    }
    spaces();
    word("at ");
    LocalTime time = time();
    long offset = offset(date, time);
    return offset == Long.MIN_VALUE
        ? Durations.NONE
        : date.atTime(time).toEpochSecond(ZoneOffset.UTC) * 1_000
            + time.get(ChronoField.MILLI_OF_SECOND)
            - offset * 1_000;
  }

  /** {@code 2026-07-12}, {@code 2026/07/12}. */
  private LocalDate numeric() {
    int year = number(4);
    char separator = text.charAt(at);
    if (separator != '-' && separator != '/') {
      throw new NumberFormatException();
    }
    at++;
    int month = number(2);
    if (text.charAt(at) != separator) {
      throw new NumberFormatException();
    }
    at++;
    return LocalDate.of(year, month, number(2));
  }

  /** {@code sun, 12 jul 2026}, {@code jul 12, 2026}, {@code 12 july 2026}. */
  private @Nullable LocalDate inWords() {
    int month = 0;
    int day = 0;
    for (int part = 0; part < 5; part++) {
      spaces();
      if (digitsAhead() == 4 && month > 0 && day > 0) {
        return LocalDate.of(number(4), month, day);
      }
      if (digitsAhead() > 0) {
        day = number(digitsAhead());
      } else {
        int start = at;
        while (at < text.length() && Character.isLetter(text.charAt(at)) && at - start < 10) {
          at++;
        }
        if (at - start < 2) {
          return null;
        }
        int found = at - start < 3 ? -1 : MONTHS.indexOf(text.substring(start, start + 3));
        month = found >= 0 && found % 3 == 0 ? found / 3 + 1 : month;
      }
      while (at < text.length() && (text.charAt(at) == ',' || text.charAt(at) == '.')) {
        at++;
      }
    }
    return null;
  }

  private LocalTime time() {
    int hour = number(Math.min(2, digitsAhead()));
    int second = 0;
    int nanos = 0;
    if (text.charAt(at) != ':') {
      throw new NumberFormatException();
    }
    at++;
    int minute = number(2);
    if (at + 2 < text.length() && text.charAt(at) == ':') {
      at++;
      second = number(2);
    }
    if (at + 1 < text.length() && text.charAt(at) == '.' && digitAt(at + 1)) {
      at++;
      for (int scale = 100_000_000; at < text.length() && digitAt(at); at++, scale /= 10) {
        nanos += (text.charAt(at) - '0') * scale;
      }
    }
    spaces();
    if (word("am") || word("a.m.")) {
      hour %= 12;
    } else if (word("pm") || word("p.m.")) {
      hour = hour % 12 + 12;
    }
    return LocalTime.of(hour, minute, second, nanos);
  }

  /** Seconds east of UTC; {@link Long#MIN_VALUE} when no zone stands here. */
  private long offset(LocalDate date, LocalTime time) {
    spaces();
    word("(");
    boolean named = word("utc") || word("gmt");
    if (at + 1 < text.length()
        && (text.charAt(at) == '+' || text.charAt(at) == '-')
        && digitAt(at + 1)) {
      long sign = text.charAt(at++) == '-' ? -1 : 1;
      int digits = digitsAhead();
      int hours = number(Math.min(2, digits));
      boolean colon = at < text.length() && text.charAt(at) == ':';
      at += colon ? 1 : 0;
      int minutes = digits == 4 || colon ? number(2) : 0;
      return sign * (hours * 3_600L + minutes * 60L);
    }
    if (named) {
      return 0;
    }
    int start = at;
    while (at < text.length()
        && at - start < MAX_ZONE
        && (Character.isLetter(text.charAt(at)) || "/_".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    String zone = text.substring(start, at);
    return switch (zone) {
      case "z" -> 0;
      case "pst" -> -8 * 3_600L;
      case "pdt", "mst" -> -7 * 3_600L;
      case "est" -> -5 * 3_600L;
      case "edt" -> -4 * 3_600L;
      case "cet" -> 3_600L;
      case "cest" -> 2 * 3_600L;
      case "jst", "kst" -> 9 * 3_600L;
      case "sgt", "hkt", "beijing", "北京时间" -> 8 * 3_600L;
      default ->
          zone.indexOf('/') < 0
              ? Long.MIN_VALUE
              : ZoneId.of(cased(zone)).getRules().getOffset(date.atTime(time)).getTotalSeconds();
    };
  }

  /** {@code america/los_angeles} as the time zone database writes it. */
  private static String cased(String zone) {
    StringBuilder out = new StringBuilder(zone);
    for (int i = 0; i < out.length(); i++) {
      if (i == 0 || out.charAt(i - 1) == '/' || out.charAt(i - 1) == '_') {
        out.setCharAt(i, Character.toUpperCase(out.charAt(i)));
      }
    }
    return out.toString();
  }

  private boolean word(String word) {
    boolean here = text.startsWith(word, at) && !(word.equals("am") && letterAt(at + 2));
    at += here ? word.length() : 0;
    return here;
  }

  private void spaces() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private boolean letterAt(int index) {
    return index < text.length() && Character.isLetter(text.charAt(index));
  }

  private boolean digitAt(int index) {
    return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }

  private int digitsAhead() {
    int end = at;
    while (digitAt(end) && end - at < 20) {
      end++;
    }
    return end - at;
  }

  private int number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++, at++) {
      if (!digitAt(at)) {
        throw new NumberFormatException();
      }
      value = value * 10 + (text.charAt(at) - '0');
    }
    if (digits == 0 || digits > 4) {
      throw new NumberFormatException();
    }
    return value;
  }
}
