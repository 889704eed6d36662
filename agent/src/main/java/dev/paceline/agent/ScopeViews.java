package dev.paceline.agent;

import dev.paceline.call.QueueView;
import dev.paceline.limit.LimiterView;
import dev.paceline.words.LimitView;
import dev.paceline.words.ScopeView;
import java.util.ArrayList;
import java.util.List;

/** Says how the call room stands in the words that console and metrics understand. */
final class ScopeViews {
  private static final long NANOS = 1_000_000L;

  private ScopeViews() {}

  static List<ScopeView> of(List<QueueView> lanes) {
    List<ScopeView> scopes = new ArrayList<>(lanes.size());
    for (QueueView lane : lanes) {
      scopes.add(scope(lane));
    }
    return scopes;
  }

  private static ScopeView scope(QueueView lane) {
    LimiterView budget = lane.budget();
    List<LimitView> limits = new ArrayList<>(budget.buckets().size());
    for (LimiterView.Line line : budget.buckets()) {
      limits.add(
          new LimitView(
              line.limit(),
              line.max(),
              line.left(),
              line.windowNanos() / NANOS,
              line.resetNanos() / NANOS,
              line.counted(),
              line.sent(),
              line.others()));
    }
    return new ScopeView(
        lane.scope().provider(),
        lane.scope().owner(),
        lane.scope().model(),
        budget.closedNanos() / NANOS,
        lane.waiting(),
        lane.oldestNanos() / NANOS,
        budget.binding(),
        budget.inFlight(),
        budget.requests(),
        budget.tokens(),
        budget.learnedPerMinute(),
        budget.learnedConcurrency(),
        lane.predictedNanos() / NANOS,
        lane.callerDeadlineNanos() / NANOS,
        limits,
        lane.priorities(),
        lane.tenants());
  }
}
