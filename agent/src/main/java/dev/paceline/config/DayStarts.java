package dev.paceline.config;

import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;

/**
 * When a limit of a day begins anew.
 *
 * @param time the time of day
 * @param zone whose time it is
 */
public record DayStarts(LocalTime time, ZoneId zone) {
  /** A time and a zone, as in {@code 00:00@America/Los_Angeles}; empty for anything else. */
  static Optional<DayStarts> parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new DayStarts(LocalTime.parse(text.substring(0, at)), ZoneId.of(text.substring(at + 1))));
    } catch (DateTimeException notATimeOfAZone) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return time + "@" + zone;
  }
}
