package dev.paceline.limit;

import dev.paceline.config.Bounds;
import java.util.List;

/**
 * Spreads calls when less of a limit is left than a person has typed: at its refill where it
 * refills, over the rest of the window where it does not. Off when nothing is typed.
 */
final class Smoothing implements Constraint {
  private final Gcra gcra;
  private final List<LimitEstimator> estimators;
  private double below = Bounds.AUTO;

  Smoothing(long now, List<LimitEstimator> estimators) {
    gcra = new Gcra(now);
    this.estimators = estimators;
  }

  void set(double typed) {
    below = typed;
  }

  private long cost(long now, Cost charge) {
    long most = 0;
    for (int i = 0; below > 0 && i < estimators.size(); i++) {
      LimitEstimator estimator = estimators.get(i);
      if (estimator.paces()
          && estimator.level.value() < below * estimator.level.max * Exact.MICRO) {
        long units = charge.of(estimator.limit);
        long even = estimator.level.timeToGrantUnits(units);
        most = Math.max(most, estimator.model().evenInterval(now, units, even));
      }
    }
    return most;
  }

  /** After the buckets have been advanced to {@code now}. */
  @Override
  public long earliest(long now, Cost charge) {
    return below <= 0 || cost(now, charge) == 0 ? now : gcra.earliest(now, 0);
  }

  @Override
  public void onSend(long now, Permit permit) {
    long cost = below <= 0 ? 0 : cost(now, permit.charge);
    if (cost > 0) {
      gcra.take(now, cost);
    }
  }

  @Override
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    if (below <= 0) {
      return now;
    }
    int calls = (int) Math.min(requests, Integer.MAX_VALUE);
    return now + cost(now, new Cost(calls, inputTokens, outputTokens));
  }
}
