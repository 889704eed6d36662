package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.words.LimitReading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * All limits that the headers of one scope show, and what is left of them to others who draw on the
 * same limits.
 *
 * <pre>
 *   required = cost + margin + external usage since the newest header + estimation margin + reserve
 *   go when    level ≥ required for every limit
 * </pre>
 *
 * <p>A figure that holds a call back for long, and may be wrong, is tried out by one call.
 */
final class AnnouncedLimits implements Constraint {
  /** Closed by doubtful headers alone, a scope lets one call find out after so long. */
  static final long PROBE_AFTER = 10 * SECOND;

  /**
   * Likewise with a sliding window that is trusted and that others have filled: when what they have
   * used comes back is an estimate. Shorter meets 429s among 20 processes.
   */
  private static final long PROBE_SHARED_AFTER = 12 * SECOND;

  /** A scope that has used its share looks again after so long: an answer's usual time at least. */
  private static final long SHARE_RETRY = 100 * MILLI;

  /** So many times the queue must be there for slow start to end: others may have one, too. */
  private static final int QUOTA_PER_QUEUE = 10;

  /** Permits whose order of arrival is unknown that are kept. */
  private static final int MAX_TAIL = 256;

  /** Of a shared limit a fraction below which its provider counts as saying "nothing left". */
  private static final double NEARLY_EMPTY = 0.1;

  private final SendLog log;
  private final InFlight flight;
  private final LimitEstimators estimators;
  private final FairShare fairShare;
  private final FairShareRate fairRate;
  private final FleetLimits fleet;
  private final Cooldown cooldown;

  /** What was sent last, as long as its order of arrival is unknown. */
  private final ArrayDeque<Permit> tail = new ArrayDeque<>();

  /** Fraction of every limit that a person wants left to others. */
  private double reserve;

  /** Whether the last limit answer said how long to wait. */
  private boolean hinted;

  AnnouncedLimits(long now, SendLog log, InFlight flight, Cooldown cooldown) {
    this.log = log;
    this.flight = flight;
    this.cooldown = cooldown;
    estimators = new LimitEstimators(log);
    fairShare = new FairShare(log);
    fairRate = new FairShareRate(now);
    fleet = new FleetLimits(log);
  }

  FleetLimits fleet() {
    return fleet;
  }

  LimitEstimators estimators() {
    return estimators;
  }

  FairShareRate fairRate() {
    return fairRate;
  }

  void reserve(double fraction) {
    reserve = Math.max(0, fraction);
  }

  /** Whether the last answer of a limit that headers show said how long to wait. */
  void hinted(boolean said) {
    hinted = said;
  }

  /**
   * What is left of a limit for sure, in millionths: by all headers, less what others take since,
   * and what estimates may have been too low by. After {@link LimitEstimator#advance}.
   */
  long low(long now, LimitEstimator limit) {
    double others = Math.max(0, limit.usage.high(now));
    long since = Math.max(0, now - limit.level.newestHeader);
    long taken = limit.usage.quiet(now) ? 0 : (long) (others * since / SECOND);
    return limit.level.own + limit.level.bounds.low() - error(limit) - taken;
  }

  /** What is left of it at most. */
  long high(long now, LimitEstimator limit) {
    long more = error(limit) + limit.model().mayBeBack(now);
    long most = Math.max(limit.level.full(), limit.level.value());
    return Math.min(limit.level.own + limit.level.bounds.high() + more, most);
  }

  private long error(LimitEstimator limit) {
    return flight.error(limit.limit) + limit.model().returnedError();
  }

  /** Permits that are remembered. */
  int followed() {
    return tail.size();
  }

  // --- what is asked before a call leaves

  /**
   * Whether headers show room for all that waits several times over: then there is nothing to feel
   * for, and a burst that fits is not held.
   */
  boolean fits(long now, Cost cost, int waiting) {
    boolean paced = false;
    for (int i = 0; i < estimators.size(); i++) {
      LimitEstimator limit = estimators.get(i);
      long units = cost.of(limit.limit);
      if (limit.trust.ignored() || units == 0) {
        continue;
      }
      limit.advance(now);
      if (limit.level.value() / MICRO < QUOTA_PER_QUEUE * units * waiting) {
        return false;
      }
      paced |= limit.paces();
    }
    return paced;
  }

  @Override
  public long earliest(long now, Cost cost) {
    long at = now;
    boolean doubtful = false;
    boolean others = false;
    boolean shared = fairRate.shared(now);
    boolean alone = !shared;
    for (int i = 0; i < estimators.size(); i++) {
      LimitEstimator limit = estimators.get(i);
      limit.advance(now);
      long units = cost.of(limit.limit);
      if (limit.trust.ignored() || units == 0) {
        continue;
      }
      long when = limit.availableAt(now, required(now, limit, units, shared));
      if (when - now > 0) {
        doubtful |= doubtful(limit);
        others |= limit.model().filledByOthers();
        alone &= limit.level.mostlyOurs(now);
        at = Math.max(at, when);
      }
    }
    return at - now > 0 && flight.count() == 0 ? probe(now, at, doubtful, others, alone) : at;
  }

  private long required(long now, LimitEstimator limit, long units, boolean shared) {
    long required = limit.required(units);
    if (flight.answered() && !fleet.settled(now, limit)) {
      required +=
          fairShare.reserve(now, limit, shared, flight.newestAnswered(), flight.count() == 0);
    }
    required += flight.estimationMargin(limit, units, required);
    return required + reserved(limit, required);
  }

  /** What a person wants left to others beyond that; a full bucket lets one call go. */
  private long reserved(LimitEstimator limit, long required) {
    long most = limit.level.max * LimitEstimator.FULL_PERCENT / 100 * MICRO - required;
    return reserve <= 0
        ? 0
        : Math.max(0, Math.min((long) (reserve * limit.level.max * MICRO), most));
  }

  private boolean doubtful(LimitEstimator limit) {
    return !limit.trust.trusted() || flight.newestAnswered() - flight.lastSent() < 0;
  }

  /** With nothing in flight no header will tell more: one call finds out. */
  private long probe(long now, long at, boolean doubtful, boolean others, boolean alone) {
    if (doubtful || others) {
      at = Math.min(at, flight.lastEvent() + (doubtful ? PROBE_AFTER : PROBE_SHARED_AFTER));
      at = Math.max(now, at);
    }
    if (hinted && cooldown.consecutiveRejections() > 0 && at - now > 0) {
      // The provider itself said that there would be room by then. Where others use the limit too,
      // or it is a window filled by whomever, the place that it spoke of may be theirs.
      long said =
          alone
              ? cooldown.until()
              : Math.max(flight.lastEvent(), cooldown.until()) + PROBE_SHARED_AFTER;
      at = Math.max(now, Math.min(at, said));
    }
    return at;
  }

  /**
   * What one's fair share allows.
   *
   * @param share the part of a whole limit that the call takes; see {@link #share}
   */
  long byFairShare(long now, Cost cost, double share) {
    boolean settled = false;
    long byFleet = now;
    for (int i = 0; i < estimators.size(); i++) {
      LimitEstimator limit = estimators.get(i);
      if (fleet.agreed(now, limit)) {
        settled |= fleet.settled(now, limit);
        byFleet = Math.max(byFleet, fleet.earliest(now, limit, cost.of(limit.limit)));
      }
    }
    if (settled || !fairRate.shared(now)) {
      return byFleet;
    }
    long at = flight.count() > 0 ? Math.max(byFleet, fairRate.earliest(now, share)) : byFleet;
    return at - now <= 0 && flight.answered() && exceedsShare(now, cost) ? now + SHARE_RETRY : at;
  }

  private boolean exceedsShare(long now, Cost cost) {
    long idle = flight.count() == 0 ? now - flight.lastEvent() : 0;
    for (int i = 0; i < estimators.size(); i++) {
      LimitEstimator limit = estimators.get(i);
      long units = cost.of(limit.limit);
      if (fairShare.exceedsShare(now, limit, units, flight.newestAnswered(), idle)) {
        return true;
      }
    }
    return false;
  }

  /** The part of a whole limit that a call takes, where a limit sets a pace; else 0. */
  double share(Cost cost) {
    return estimators.share(cost);
  }

  @Override
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    long at = now;
    double share = 0;
    estimators.advance(now);
    for (LimitEstimator limit : estimators) {
      long units = Cost.of(limit.limit, requests, inputTokens, outputTokens);
      long missing = units * MICRO + reserved(limit, units * MICRO) - limit.level.value();
      if (limit.trust.ignored() || units == 0 || missing <= 0) {
        continue;
      }
      long when = limit.model().predict(now, missing);
      if (!limit.trust.trusted()) {
        // A doubtful header holds nobody for longer than it takes to find out.
        long even = Exact.mulDiv(units, limit.shape.window(), limit.level.max);
        when = Math.min(when, now + PROBE_AFTER + even);
      }
      at = Math.max(at, when);
      share = Math.max(share, limit.paces() ? (double) units / limit.level.max : 0);
    }
    return fairRate.shared(now) ? Math.max(at, now + fairRate.predict(share)) : at;
  }

  /** Whether a limit that is trusted has no room for the smallest call. */
  boolean exhausted(long now) {
    estimators.advance(now);
    for (LimitEstimator limit : estimators) {
      long least = limit.required(1);
      if (limit.trust.trusted()
          && !limit.trust.ignored()
          && limit.level.value() < least + reserved(limit, least)) {
        return true;
      }
    }
    return false;
  }

  // --- what happens

  /**
   * Takes a call's cost off all levels and makes its permit.
   *
   * @param issuer the limiter that lets it leave
   */
  Permit issue(long now, Cost cost, ScopeLimiter issuer) {
    int size = estimators.size();
    for (int i = 0; i < size; i++) {
      LimitEstimator limit = estimators.get(i);
      limit.advance(now);
      long units = cost.of(limit.limit);
      limit.take(units);
      fleet.onSend(now, limit, units);
    }
    log.add(now, cost);
    long[] own = new long[size];
    int[] generations = new int[size];
    for (int i = 0; i < size; i++) {
      own[i] = estimators.get(i).level.own;
      generations[i] = estimators.get(i).level.generation;
    }
    Permit permit = new Permit(now, cost, flight.count(), log, own, generations, issuer);
    tail.addLast(permit);
    while (tail.size() > MAX_TAIL || now - tail.getFirst().sent > ArrivalOrder.UNKNOWN) {
      tail.removeFirst();
    }
    if (estimators.timeToGrant(cost) > 0) {
      fairRate.left(now, estimators.share(cost));
    }
    if (flight.answered()) {
      fairShare.left(now, flight.newestAnswered());
    }
    return permit;
  }

  /** A permit's request leaves later than it was let go. */
  void departed(long now, Permit permit) {
    for (LimitEstimator limit : estimators) {
      limit.departed(now, permit);
    }
  }

  /** Takes in the headers of an answer. */
  void onHeaders(long now, Permit permit, List<LimitReading> readings, boolean served) {
    for (LimitReading reading : readings) {
      LimitEstimator limit = estimators.of(reading, readings);
      if (limit != null) {
        limit.header(now, permit, reading, served);
      }
    }
    if (readings.isEmpty()) {
      return;
    }
    for (LimitEstimator limit : estimators) {
      limit.startMargin();
    }
    flight.headersSeen(permit);
    if (!tail.isEmpty() && tail.getLast().released() && tail.size() < MAX_TAIL) {
      for (LimitEstimator limit : estimators) {
        limit.reconcileTail(now, tail);
      }
    }
    LimitEstimator fullest = estimators.fullest();
    if (fullest != null) {
      fairRate.update(now, fullest, fairShare);
    }
  }

  /** Output was produced that was not charged, or less than was. */
  void produced(long now, long tokens) {
    estimators.advance(now);
    for (LimitEstimator limit : estimators) {
      limit.take(Cost.of(limit.limit, 0, 0, tokens));
    }
    log.produced(now, tokens);
  }

  /**
   * Until when waits rest on headers that left too little for another call like this one, with the
   * distance that we keep; {@code now} when none did.
   */
  long confirmedUntil(long now, Permit permit, List<LimitReading> readings) {
    long until = now;
    for (LimitReading reading : readings) {
      LimitEstimator limit = reading.remaining() < 0 ? null : estimators.of(reading, readings);
      if (limit != null && !limit.trust.ignored()) {
        long units = Math.max(1, permit.charge.of(limit.limit));
        double least = fairRate.shared(now) ? NEARLY_EMPTY * limit.level.max * MICRO : 0;
        if (reading.remaining() * MICRO < Math.max(limit.required(units), least)) {
          until = Math.max(until, now + limit.shape.window() + PROBE_AFTER);
        }
      }
    }
    return until;
  }

  /** Another scope draws on the same limits: the lower level of the two holds. */
  void join(long now, AnnouncedLimits other) {
    for (LimitEstimator limit : estimators) {
      limit.advance(now);
      long level = limit.level.value() - other.flight.of(limit.limit) * MICRO;
      for (LimitEstimator twin : other.estimators) {
        if (twin.limit == limit.limit && twin.level.max == limit.level.max) {
          twin.advance(now);
          level = Math.min(level, twin.level.value() - flight.of(limit.limit) * MICRO);
        }
      }
      limit.atMost(level);
      limit.usage.clear(now);
    }
    fairRate.clear();
  }

  void clear() {
    estimators.clear();
    fairRate.clear();
  }

  // --- for others

  List<LimiterSnapshot.Line> snapshot(long now) {
    List<LimiterSnapshot.Line> lines = new ArrayList<>(estimators.size());
    estimators.advance(now);
    for (LimitEstimator limit : estimators) {
      if (!limit.trust.ignored() && limit.level.max > 0) {
        lines.add(limit.snapshot(now));
      }
    }
    return lines;
  }

  void restore(long now, List<LimiterSnapshot.Line> lines, long age) {
    for (LimiterSnapshot.Line line : lines) {
      estimators.make(line.limit()).restore(now, line, age);
    }
  }

  List<LimiterView.Line> view(long now) {
    List<LimiterView.Line> lines = new ArrayList<>(estimators.size());
    estimators.advance(now);
    for (LimitEstimator limit : estimators) {
      if (!limit.trust.ignored()) {
        lines.add(line(now, limit));
      }
    }
    return lines;
  }

  private LimiterView.Line line(long now, LimitEstimator limit) {
    long missing = limit.level.full() - limit.level.value();
    double othersASecond = Math.max(0, limit.usage.externalMean(now)) / MICRO;
    return new LimiterView.Line(
        limit.limit,
        limit.level.max,
        Math.floorDiv(limit.level.value(), MICRO),
        limit.shape.window(),
        missing <= 0 ? 0 : limit.model().timeToFull(now, missing),
        limit.kind().counted(),
        log.total(limit.limit),
        Math.round(othersASecond * limit.shape.window() / SECOND));
  }
}
