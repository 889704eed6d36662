package dev.paceline.limit;

import dev.paceline.config.DayStarts;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.Optional;

/** The instants at which a day's limit begins anew, on the monotonic clock. */
final class DayStart {
  private Optional<DayStarts> typed = Optional.empty();

  /** Epoch milliseconds at the origin of the monotonic clock. */
  private long origin;

  private long known = Long.MIN_VALUE;
  private long knownNext = Long.MIN_VALUE;

  boolean set() {
    return typed.isPresent();
  }

  void set(long now, long epochMillis, Optional<DayStarts> starts) {
    typed = starts;
    origin = epochMillis - Math.floorDiv(now, Exact.MILLI);
    known = Long.MIN_VALUE;
    knownNext = Long.MIN_VALUE;
  }

  /** The first start after an instant. */
  long after(long instant) {
    if (instant < known || instant >= knownNext) {
      DayStarts starts = typed.orElseThrow();
      ZonedDateTime at =
          Instant.ofEpochMilli(origin + Math.floorDiv(instant, Exact.MILLI)).atZone(starts.zone());
      LocalDate date = at.toLocalDate();
      ZonedDateTime start = date.atTime(starts.time()).atZone(starts.zone());
      if (start.isAfter(at)) {
        date = date.minusDays(1);
        start = date.atTime(starts.time()).atZone(starts.zone());
      }
      ZonedDateTime next = date.plusDays(1).atTime(starts.time()).atZone(starts.zone());
      known = nanos(start);
      knownNext = nanos(next);
    }
    return knownNext;
  }

  private long nanos(ZonedDateTime at) {
    return (at.toInstant().toEpochMilli() - origin) * Exact.MILLI;
  }
}
