package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Map;

/** How one provider speaks about limits. Times come in as arguments; nothing is remembered. */
interface SimDialect {
  /** The limit headers. */
  void limits(
      List<ShownLevel> levels, ResponseStyle manners, long wallMillis, Map<String, String> out);

  /** The headers of a hint as this provider sends them by itself. */
  void hint(long waitNanos, Map<String, String> out);

  /**
   * Body of a 429 for a limit that waiting cures; {@code waitNanos} negative: the body does not say
   * how long.
   */
  String limited(Limit limit, ShownLevel level, long requested, long waitNanos, String model);

  /** Body of the rejection of a request that is larger than the whole budget. */
  String tooLarge(Limit limit, ShownLevel level, long requested, String model);

  /** Body of an overload answer. */
  String overloaded();

  /** Body of the answer that no waiting cures. */
  String outOfCredit();

  /** The values as the manners want them shown. */
  static long remaining(ShownLevel level, ResponseStyle manners) {
    boolean tokens = unit(level.limit()).equals("tokens");
    long grain = tokens ? manners.remainingGrain() : 1;
    return (level.remaining() + grain / 2) / grain * grain;
  }

  static long reset(ShownLevel level, ResponseStyle manners) {
    return manners.wholeSecondResets()
        ? level.resetNanos() / 1_000_000_000 * 1_000_000_000
        : level.resetNanos();
  }

  /** {@code requests} or {@code tokens}. */
  static String unit(Limit limit) {
    return switch (limit) {
      case TPM, ITPM, OTPM, TPD -> "tokens";
      default -> "requests";
    };
  }
}
