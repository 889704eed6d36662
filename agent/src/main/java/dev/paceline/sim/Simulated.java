package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The provider model that follows a {@link Plan}: every model name gets the plan's limits for
 * itself.
 */
public final class Simulated implements ProviderModel {
  private final Plan plan;
  private final long origin;
  private final Map<String, List<RuleMeter>> meters = new HashMap<>();
  private long latest;

  /**
   * @param plan the limits of every model
   * @param originNanos when the provider's life begins: windows, changes and neighbours count from
   *     here
   */
  public Simulated(Plan plan, long originNanos) {
    this.plan = plan;
    this.origin = originNanos;
    this.latest = originNanos;
  }

  @Override
  public Decision arrive(long nowNanos, String model, Load load) {
    List<RuleMeter> all = at(nowNanos, model);
    for (RuleMeter meter : all) {
      long charge = meter.charge(load);
      if (!meter.canEverHold(charge)) {
        return new Decision.TooLarge(meter.limit(), charge, shown(all));
      }
    }
    RuleMeter blocking = null;
    long wait = 0;
    for (RuleMeter meter : all) {
      long charge = meter.charge(load);
      if (!meter.fits(charge)) {
        long until = meter.nanosUntil(charge);
        // A budget that says when it opens tells the caller more than a concurrency limit, which
        // does not know.
        if (blocking == null || until > wait) {
          blocking = meter;
          wait = until;
        }
      }
    }
    if (blocking == null) {
      for (RuleMeter meter : all) {
        meter.take(meter.charge(load));
      }
      return new Decision.Accepted(shown(all));
    }
    Limit limit = blocking.limit();
    for (RuleMeter meter : all) {
      meter.takeRejected(meter.charge(load));
    }
    long charge = blocking.charge(load);
    if (wait >= 0) {
      // Asked again: when rejects are charged, this one has just moved its own opening.
      for (RuleMeter meter : all) {
        wait = Math.max(wait, meter.nanosUntil(meter.charge(load)));
      }
    }
    return new Decision.Rejected(limit, wait, charge, shown(all), blocking.unseen());
  }

  @Override
  public void done(long nowNanos, String model) {
    for (RuleMeter meter : at(nowNanos, model)) {
      meter.release();
    }
  }

  @Override
  public List<ShownLevel> levels(long nowNanos, String model) {
    return shown(at(nowNanos, model));
  }

  private List<RuleMeter> at(long nowNanos, String model) {
    latest = Math.max(latest, nowNanos);
    List<RuleMeter> all = meters.computeIfAbsent(model, m -> fresh());
    for (RuleMeter meter : all) {
      meter.advance(latest);
    }
    return all;
  }

  private List<RuleMeter> fresh() {
    List<RuleMeter> all = new ArrayList<>();
    for (LimitRule rule : plan.rules()) {
      all.add(RuleMeter.main(rule, origin));
      rule.slice().ifPresent(slice -> all.add(RuleMeter.slice(rule, slice, origin)));
    }
    return List.copyOf(all);
  }

  private static List<ShownLevel> shown(List<RuleMeter> all) {
    List<ShownLevel> levels = new ArrayList<>();
    for (RuleMeter meter : all) {
      if (meter.shown()) {
        levels.add(meter.level());
      }
    }
    return List.copyOf(levels);
  }
}
