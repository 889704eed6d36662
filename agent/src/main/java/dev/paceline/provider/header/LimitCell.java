package dev.paceline.provider.header;

import org.jspecify.annotations.Nullable;

/**
 * The figures of one limit, as an answer's headers wrote them.
 *
 * @see LimitHeaderNames
 */
final class LimitCell {
  /** What is limited, by words of the header's name: {@code requests}, {@code tokens-minute}. */
  final String what;

  @Nullable String limit;
  @Nullable String remaining;
  @Nullable String reset;
  @Nullable String period;
  @Nullable String used;

  /**
   * Whether the name is of no family that announces limits on served answers, so that it is
   * believed of what an answer refused and of a pace only when all of it is there.
   */
  boolean aside;

  LimitCell(String what) {
    this.what = what;
  }

  /** False when there is no such field. */
  boolean put(String field, String value) {
    switch (field) {
      case "limit", "max", "maximum", "total", "allowed" -> limit = value;
      case "remaining", "left", "available" -> remaining = value;
      case "reset", "resets" -> reset = value;
      case "renewalperiod", "window", "period" -> period = value;
      case "used", "current", "usage", "consumed" -> used = value;
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Takes over what it does not say itself. */
  void merge(LimitCell from) {
    limit = limit == null ? from.limit : limit;
    remaining = remaining == null ? from.remaining : remaining;
    reset = reset == null ? from.reset : reset;
    period = period == null ? from.period : period;
    used = used == null ? from.used : used;
  }
}
