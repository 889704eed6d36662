package dev.paceline.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads single values. Whatever the text, the answer is a value within bounds or nothing, never an
 * exception.
 */
final class Values {
  /** A year: longer waits are typing errors, and nanoseconds stay far from overflow. */
  static final long MAX_DURATION_NANOS = Duration.ofDays(365).toNanos();

  // Twelve digits at most: an exponent or a thousand digits would make the arithmetic itself the
  // attack.
  private static final Pattern DURATION =
      Pattern.compile(
          "(\\d{1,12}(?:\\.\\d{1,9})?)\\s*(ns|us|ms|s|m|h|d)", Pattern.CASE_INSENSITIVE);
  private static final Pattern ISO =
      Pattern.compile("P[0-9.DTHMS]{2,40}", Pattern.CASE_INSENSITIVE);
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB|kB|MB|GB)?", Pattern.CASE_INSENSITIVE);
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)(k|K|M)?");
  private static final Pattern FRACTION =
      Pattern.compile("(\\d{1,3}(?:\\.\\d{1,9})?|\\.\\d{1,9})(%?)");

  private Values() {}

  /**
   * {@code 250ms}, {@code 1.5s}, {@code 2m}, {@code 1h}, {@code PT5S}, {@code 0}; nanoseconds, 0 to
   * 365 days.
   */
  static OptionalLong durationNanos(String text) {
    if (text.equals("0")) {
      return OptionalLong.of(0);
    }
    if (ISO.matcher(text).matches()) {
      return isoNanos(text);
    }
    Matcher match = DURATION.matcher(text);
    if (!match.matches()) {
      return OptionalLong.empty();
    }
    return scaled(group(match, 1), unitNanos(group(match, 2)), MAX_DURATION_NANOS);
  }

  private static OptionalLong isoNanos(String text) {
    try {
      Duration duration = Duration.parse(text);
      boolean inRange =
          !duration.isNegative() && duration.compareTo(Duration.ofNanos(MAX_DURATION_NANOS)) <= 0;
      return inRange ? OptionalLong.of(duration.toNanos()) : OptionalLong.empty();
    } catch (DateTimeException | ArithmeticException notADuration) {
      return OptionalLong.empty();
    }
  }

  private static long unitNanos(String unit) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "ns" -> 1L;
      case "us" -> 1_000L;
      case "ms" -> 1_000_000L;
      case "s" -> 1_000_000_000L;
      case "m" -> 60_000_000_000L;
      case "h" -> 3_600_000_000_000L;
      default -> 86_400_000_000_000L;
    };
  }

  /** {@code 512KiB}, {@code 8MiB}, {@code 1000}, {@code 64MB}; bytes, below an exbibyte. */
  static OptionalLong sizeBytes(String text) {
    Matcher match = SIZE.matcher(text);
    if (!match.matches()) {
      return OptionalLong.empty();
    }
    String unit = match.group(2);
    long factor =
        switch (unit == null ? "b" : unit.toLowerCase(Locale.ROOT)) {
          case "kib" -> 1L << 10;
          case "mib" -> 1L << 20;
          case "gib" -> 1L << 30;
          case "kb" -> 1_000L;
          case "mb" -> 1_000_000L;
          case "gb" -> 1_000_000_000L;
          default -> 1L;
        };
    return scaled(group(match, 1), factor, 1L << 60);
  }

  /** {@code 6}, {@code 30k}, {@code 1.5M}; whole numbers only. */
  static OptionalLong number(String text) {
    Matcher match = NUMBER.matcher(text);
    if (!match.matches()) {
      return OptionalLong.empty();
    }
    String unit = match.group(2);
    long factor = unit == null ? 1 : unit.equals("M") ? 1_000_000 : 1_000;
    return scaled(group(match, 1), factor, Long.MAX_VALUE);
  }

  /** {@code 0.25} or {@code 25%}, 0 to 1. */
  static Optional<Double> fraction(String text) {
    Matcher match = FRACTION.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    double value = Double.parseDouble(group(match, 1)) / (group(match, 2).isEmpty() ? 1 : 100);
    return value <= 1 ? Optional.of(value) : Optional.empty();
  }

  /** {@code true}, {@code yes}, {@code on}, {@code 1} and their opposites. */
  static Optional<Boolean> bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> Optional.of(true);
      case "false", "no", "off", "0" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** The product when it is whole and at most {@code max}. */
  private static OptionalLong scaled(String digits, long factor, long max) {
    BigDecimal product =
        new BigDecimal(digits).multiply(BigDecimal.valueOf(factor)).stripTrailingZeros();
    boolean usable = product.scale() <= 0 && product.compareTo(BigDecimal.valueOf(max)) <= 0;
    return usable ? OptionalLong.of(product.longValueExact()) : OptionalLong.empty();
  }

  private static String group(Matcher match, int group) {
    String text = match.group(group);
    return text == null ? "" : text;
  }
}
