package dev.paceline.limit;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;

/** Why a limit answer came, as far as headers tell. */
enum RejectionCause {
  /** A limit that headers show had no room. */
  ANNOUNCED,
  /** No header shows a limit that sets a pace. */
  UNANNOUNCED,
  /** Headers show room in every limit. */
  HIDDEN,
  /** The provider's own overload. */
  OVERLOAD;

  static RejectionCause of(
      Permit permit, List<LimitReading> readings, Limit limit, LimitEstimators estimators) {
    if (limit == Limit.CAPACITY || limit == Limit.QUOTA) {
      return OVERLOAD;
    }
    if (limit == Limit.CONCURRENCY) {
      return HIDDEN;
    }
    boolean full = false;
    boolean figures = false;
    for (LimitReading reading : readings) {
      if (reading.remaining() >= 0) {
        figures = true;
        full |= reading.remaining() < room(reading, permit, limit);
      }
    }
    if (full) {
      return ANNOUNCED;
    }
    if (!estimators.paced() || said(readings, limit, estimators) > 0) {
      return UNANNOUNCED;
    }
    return figures ? HIDDEN : ANNOUNCED;
  }

  /** What the answer's message says of a limit that no header shows; 0 when nothing. */
  static long said(List<LimitReading> readings, Limit limit, LimitEstimators estimators) {
    for (LimitReading reading : readings) {
      if (reading.limit() == limit && limit == Limit.RPM && reading.remaining() < 0) {
        return estimators.has(limit) ? 0 : Math.max(0, reading.limitValue());
      }
    }
    return 0;
  }

  /** What must be left for a permit to fit: an estimate of tokens may be half of the truth. */
  static long room(LimitReading reading, Permit permit, Limit limit) {
    long charge = permit.charge.of(reading.limit());
    return Cost.countsTokens(reading.limit()) && reading.limit() == limit
        ? Math.max(2 * charge, reading.limitValue() / 20)
        : Math.max(1, charge);
  }
}
