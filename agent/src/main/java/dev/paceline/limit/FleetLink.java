package dev.paceline.limit;

/** Where a limiter and those meet who agree with other processes on parts of its limits. */
public final class FleetLink {
  private final SendLog log;
  private final InFlight flight;
  private final AnnouncedLimits announced;
  private final ConfiguredLimits configured;
  private final Cooldown cooldown;

  FleetLink(
      SendLog log,
      InFlight flight,
      AnnouncedLimits announced,
      ConfiguredLimits configured,
      Cooldown cooldown) {
    this.log = log;
    this.flight = flight;
    this.announced = announced;
    this.configured = configured;
    this.cooldown = cooldown;
  }

  /** From now on this is asked for our parts. */
  public void agreed(FleetShare share) {
    announced.fleet().fleet(share);
    configured.fleet(share);
  }

  /** What the others are told; waiting is what the queue holds. */
  public FleetNeeds needs(long now, long waitingRequests, long waitingTokens) {
    LimitEstimators estimators = announced.estimators();
    estimators.advance(now);
    long[] perMinute = {configured.perMinute(false), configured.perMinute(true)};
    double[] used = {configured.used(now, false), configured.used(now, true)};
    for (LimitEstimator limit : estimators) {
      int of = Cost.countsTokens(limit.limit) ? 1 : 0;
      if (limit.paces() && limit.level.max > 0) {
        long most = Math.round(limit.level.rate() * 60);
        perMinute[of] = perMinute[of] == 0 ? most : Math.min(perMinute[of], most);
        used[of] = Math.max(used[of], announced.fleet().used(now, limit));
      }
    }
    return new FleetNeeds(
        log.requests(),
        log.inputTokens() + log.outputTokens(),
        waitingRequests,
        waitingTokens,
        flight.count(),
        perMinute[0],
        perMinute[1],
        configured.concurrency(),
        used[0],
        used[1],
        cooldown.closedFor(now),
        cooldown.limit());
  }
}
