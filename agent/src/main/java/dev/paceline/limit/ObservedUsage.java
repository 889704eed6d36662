package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.SECOND;

import java.util.function.Supplier;

/**
 * Who has used a limit of late, by its headers: what our own charges explain of {@code remaining}'s
 * fall is ours, the rest that of others. In a window that a header has told of, what others took
 * when last heard of is taken to go on for a minute: silence is our own.
 *
 * <p>Rates are millionths of a unit a second.
 */
final class ObservedUsage {
  /**
   * For so long a window's last figures hold: eight processes took themselves for alone without.
   */
  private static final long FIGURES_HOLD = 60 * SECOND;

  /** Fraction of the rate below which others' use may be an error of our own estimate. */
  static final double QUIET_FRACTION = 0.03;

  /**
   * Least share of a limit, as a fraction: who has just begun has used nothing yet. Of more than
   * fifty processes all would take too much.
   */
  private static final double MIN_SHARE = 0.02;

  private final LimitLevel level;
  private final Supplier<WindowModel> model;
  private final UsageRate others = new UsageRate();
  private final UsageRate ours = new UsageRate();
  private long oursUpTo;
  private double lastMean;
  private double lastHigh;
  private double lastShare;
  private long lastAt;

  ObservedUsage(LimitLevel level, Supplier<WindowModel> model) {
    this.level = level;
    this.model = model;
  }

  /** What looked like somebody else's use was none. */
  void clear(long now) {
    others.clear(now);
    ours.clear(now);
  }

  /** Others have taken so much; negative when more was there than thought. */
  void external(long now, long amount) {
    others.add(now, amount);
  }

  /** A header tells of all that was sent up to {@code permit}. */
  void onHeader(long now, Permit permit) {
    long total = permit.total(level.limit);
    ours.add(now, Math.max(0, total - oursUpTo) * (double) MICRO);
    oursUpTo = Math.max(oursUpTo, total);
    lastMean = others.mean(now);
    lastHigh = others.high(now);
    lastShare = shareNow(now);
    lastAt = now;
  }

  private double shareNow(long now) {
    double mine = ours.sum(now);
    double all = mine + Math.max(0, others.sum(now));
    return Math.max(MIN_SHARE, all <= 0 ? 0 : mine / all);
  }

  private boolean holds(long now) {
    return model.get().kind() != WindowKind.TOKEN_BUCKET
        && level.newestHeader != Long.MIN_VALUE
        && level.newestHeader - model.get().windowStart() >= 0
        && now - lastAt < FIGURES_HOLD;
  }

  /** What others take. */
  double mean(long now) {
    return holds(now) ? lastMean : others.mean(now);
  }

  /** Likewise, and one standard deviation more. */
  double high(long now) {
    return holds(now) ? lastHigh : others.high(now);
  }

  /** Our share of what was used. */
  double share(long now) {
    return holds(now) ? lastShare : shareNow(now);
  }

  /** What others took within the last 20 s, in millionths. */
  double externalSum(long now) {
    return others.sum(now);
  }

  /** What others took a second within the last 20 s. */
  double externalMean(long now) {
    return others.mean(now);
  }

  /** Whether nobody else seems to draw on the limit. */
  boolean quiet(long now) {
    return others.mean(now) <= QUIET_FRACTION * level.rate() * MICRO;
  }
}
