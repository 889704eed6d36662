package dev.paceline.limit;

import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limiter of one scope: when the next call may leave, learned from what answers say. It holds
 * {@link AnnouncedLimits}, a {@link Cooldown} that a limit answer starts once for all callers, what
 * is known of limits that no header shows, and the {@link ConfiguredLimits} that a person has
 * typed. A call leaves at the latest of the instants that these name.
 *
 * <p>Every {@link Permit} is released exactly once, as served, rejected or unknown.
 *
 * <p>Pure and not thread-safe: its owner holds a lock. All times are nanoseconds of one monotonic
 * clock. State, formulas and constants: {@code docs/decisions/005-budgets-from-headers.md}.
 */
public final class ScopeLimiter {
  /** A request that leaves so much later than let go is worth a correction. */
  static final long LATE = 5 * Exact.MILLI;

  /** For so long after a limit answer waits rest on it. */
  private static final long CONFIRMED_FOR = 60 * SECOND;

  /** A cool-down is not restored for longer: an application is also restarted to end one. */
  private static final long MAX_RESTORED_COOLDOWN = 60 * SECOND;

  private final SendLog log = new SendLog();
  private final InFlight flight;
  private final Cooldown cooldown = new Cooldown();
  final AnnouncedLimits announced;
  private final SlowStart start;
  private final UnannouncedLimits unshown = new UnannouncedLimits();
  private final UnannouncedRateLimit unannounced;
  private final BurstLimiter burstLimiter;
  private final ConfiguredLimits configured = new ConfiguredLimits();
  private final Smoothing smoothing;
  private final RampUpLimiter rampUp;
  private final Rejections rejections;

  /** What is agreed on with other processes. */
  public final FleetLink fleet;

  /** What holds a call back whatever headers tell. */
  private final Constraint[] sure;

  private boolean limitsKnown;

  private long confirmedUntil;

  /** Releases of permits that had been released before: callers' errors, without effect. */
  private long ignoredReleases;

  public ScopeLimiter(long now) {
    flight = new InFlight(now);
    announced = new AnnouncedLimits(now, log, flight, cooldown);
    start = new SlowStart(now);
    burstLimiter = new BurstLimiter(now, unshown);
    unannounced = new UnannouncedRateLimit(now);
    smoothing = new Smoothing(now, announced.estimators());
    rampUp = new RampUpLimiter(now);
    fleet = new FleetLink(log, flight, announced, configured, cooldown);
    sure = new Constraint[] {configured, rampUp, cooldown};
    rejections =
        new Rejections(log, announced, cooldown, start, unannounced, unshown, burstLimiter);
    confirmedUntil = now;
  }

  public void bounds(long now, Bounds typed) {
    bounds(now, 0, typed);
  }

  /**
   * Takes over what a person has typed; may change at any time. A day may begin at a set hour.
   *
   * @param epochMillis milliseconds since 1970 at {@code now}
   */
  public void bounds(long now, long epochMillis, Bounds typed) {
    configured.set(now, epochMillis, typed);
    smoothing.set(typed.smoothBelow());
    announced.reserve(typed.reserve());
  }

  /**
   * When the call at the head of the queue may leave: {@code now} when at once, else the instant at
   * which it is worth asking again (earlier when an answer comes in).
   *
   * @param waiting calls that wait, this one included
   * @param since when this call began to wait
   */
  public long earliest(long now, Cost charge, int waiting, long since) {
    long closed = now;
    for (Constraint constraint : sure) {
      closed = Math.max(closed, constraint.earliest(now, charge));
    }
    if (closed - now > 0) {
      return closed;
    }
    if (flight.count() >= unshown.cap(now) && flight.count() > 0) {
      return Math.max(now + 1, Math.min(unshown.growAt(), now + SECOND));
    }
    boolean fits = limitsKnown && !unshown.known() && announced.fits(now, charge, waiting);
    long at = start.earliest(now, waiting, since, limitsKnown, fits);
    if (!limitsKnown) {
      return at;
    }
    at = Math.max(at, announced.earliest(now, charge));
    if (unannounced.active()) {
      at = Math.max(at, unannounced.earliest(now));
    }
    if (at - now > 0) {
      return at;
    }
    at = smoothing.earliest(now, charge);
    double share = announced.share(charge);
    if (share > 0) {
      at = Math.max(at, burstLimiter.earliest(now));
      at = Math.max(at, announced.byFairShare(now, charge, share));
    }
    return Math.max(at, now);
  }

  /** The call has left. */
  public Permit left(long now, Cost charge) {
    rejections.onSend(now);
    Permit permit = announced.issue(now, charge, this);
    start.left(permit);
    unannounced.left(now);
    for (Constraint constraint : sure) {
      constraint.onSend(now, permit);
    }
    smoothing.onSend(now, permit);
    burstLimiter.onSend(now, announced.estimators().timeToGrant(charge));
    flight.onSend(now, charge);
    unshown.left(flight.count());
    return permit;
  }

  /**
   * The permit's request leaves only now: the client had queued it once more. OkHttp has 64 calls
   * on the way and keeps the others back after we have let them go.
   */
  public void departed(long now, Permit permit) {
    if (!permit.released() && permit.late(now)) {
      permit.departed = now;
      announced.departed(now, permit);
    }
  }

  /**
   * An answer's headers are here, and will be said with {@link #answered}. Where nothing is known
   * yet nobody leaves before: reading the first 429 of a JVM takes a quarter of a second.
   */
  public void reading(long now) {
    start.reading(now);
  }

  /**
   * The permit is released as served or rejected. Its place in flight it keeps until {@link
   * #ended}.
   *
   * @param readings what the answer's headers announce
   * @param limit the limit that the answer says was hit; null when it was not rejected by one
   * @param hintNanos how long the answer says to wait, jitter included; 0 when it says nothing
   * @param firstStep the wait without a hint where headers tell nothing; doubles with each closing
   *     that no served call separates
   * @param cap the longest wait without a hint
   * @param random a number in [0, 1)
   */
  public void answered(
      long now,
      Permit permit,
      List<LimitReading> readings,
      @Nullable Limit limit,
      long hintNanos,
      long firstStep,
      long cap,
      double random) {
    boolean served = limit == null;
    if (!permit.release(served ? Permit.Release.SERVED : Permit.Release.REJECTED)) {
      ignoredReleases++;
      return;
    }
    flight.settled(now, permit);
    start.read(now);
    LimitEstimators estimators = announced.estimators();
    boolean none = estimators.isEmpty();
    boolean paced = estimators.paced();
    announced.onHeaders(now, permit, readings, served);
    if (paced && !estimators.paced()) {
      // Its figures are lies, or misread: a queue that was held by them must not leave at once.
      start.again();
    }
    if (none && !estimators.isEmpty()) {
      limitsKnown = true;
      burstLimiter.reset(now);
    }
    if (limit == null) {
      start.served(readings.isEmpty());
      start.confirmed(permit);
      unshown.admitted(permit);
      cooldown.served(permit);
    } else {
      rejected(now, permit, readings, new Rejection(limit, hintNanos, firstStep, cap, random));
    }
    confirmedUntil = Math.max(confirmedUntil, announced.confirmedUntil(now, permit, readings));
  }

  private void rejected(long now, Permit permit, List<LimitReading> readings, Rejection rejection) {
    limitsKnown = true;
    rejections.rejected(now, permit, readings, rejection);
    long until = Math.max(now + CONFIRMED_FOR, cooldown.until());
    confirmedUntil = Math.max(confirmedUntil, until);
  }

  /**
   * The provider complains that use has risen too fast. To be said before {@link #answered} of the
   * same permit.
   */
  public void slowDown(long now, Permit permit) {
    if (cooldown.isNewRejection(permit)) {
      rampUp.begin(now, log);
    }
  }

  /** A limit answer inside what began as a served one; parameters as for {@link #answered}. */
  public void rejectedLater(
      long now,
      Permit permit,
      Limit limit,
      long hintNanos,
      long firstStep,
      long cap,
      double random) {
    rejected(now, permit, List.of(), new Rejection(limit, hintNanos, firstStep, cap, random));
  }

  /**
   * A permit's answer was read: what it produced, where the provider counts output as it comes or
   * gives back what it had set aside. After the answer's headers, which know nothing of it yet.
   *
   * @param output tokens that were produced
   */
  public void settled(long now, Permit permit, long output) {
    long more = output - permit.charge.outputTokens();
    if (more == 0 || permit.outputReconciled) {
      return;
    }
    permit.outputReconciled = true;
    announced.produced(now, more);
    configured.produced(now, permit, more);
  }

  /**
   * The permit ended: its answer is read to the end, or nothing more will come of it; then it is
   * released as unknown.
   *
   * @return whether this gave its place in flight back; false when it was given back before
   */
  public boolean ended(long now, Permit permit) {
    if (permit.ended) {
      ignoredReleases++;
      return false;
    }
    permit.ended = true;
    configured.ended(permit);
    flight.ended();
    if (permit.release(Permit.Release.UNKNOWN)) {
      flight.settled(now, permit);
      start.rejected(permit);
    }
    return true;
  }

  /** Releases that came too late: the permit had been released, or had ended, before. */
  long ignoredReleases() {
    return ignoredReleases;
  }

  /**
   * Whether a wait that is predicted now rests on what the provider said, or on a limit that a
   * person has typed: no call may pass the queue for that.
   */
  public boolean waitsConfirmed(long now) {
    return confirmedUntil - now > 0
        || unshown.known()
        || configured.typed()
        || rampUp.active(now)
        || announced.exhausted(now);
  }

  /**
   * When a call that comes now will leave, if those ahead of it leave first. An estimate: it sees
   * no answer that is yet to come.
   *
   * @param requests requests ahead, this one included; likewise tokens
   */
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    long at = now;
    for (Constraint constraint : sure) {
      // Where nothing is known of limits, nobody is sent away for a cool-down.
      if (limitsKnown || constraint != cooldown) {
        at = Math.max(at, constraint.predict(now, requests, inputTokens, outputTokens));
      }
    }
    if (!limitsKnown) {
      return at;
    }
    at = Math.max(at, announced.predict(now, requests, inputTokens, outputTokens));
    at = Math.max(at, smoothing.predict(now, requests, inputTokens, outputTokens));
    return unannounced.sure(now)
        ? Math.max(at, now + unannounced.predict(now, Math.max(0, requests - 1)))
        : at;
  }

  /** Whether any limit on tokens is known: only then an exact count can change a decision. */
  public boolean countsTokens() {
    return announced.estimators().countTokens() || configured.countsTokens();
  }

  /** How long the cool-down after a limit answer lasts, in nanoseconds; 0 when there is none. */
  public long closedFor(long now) {
    return cooldown.closedFor(now);
  }

  /**
   * The limit that holds calls back: a typed one, else the one that was hit last, else the fullest
   * announced one.
   */
  public Limit binding(long now) {
    Limit typed = configured.heldBy(now);
    if (typed != null) {
      return typed;
    }
    if (cooldown.limit() != Limit.UNKNOWN) {
      return cooldown.limit();
    }
    LimitEstimator fullest = announced.estimators().fullest();
    return fullest == null ? configured.fullest(now) : fullest.limit;
  }

  /** Whether an answer has told of a limit, or that there is one. */
  public boolean informed() {
    return limitsKnown;
  }

  int followed() {
    return start.followed() + announced.followed();
  }

  public boolean made(Permit permit) {
    return permit.issuer == this;
  }

  /**
   * Another scope turned out to draw on the same limits, and its calls leave from here from now on.
   * What is still on the way there is charged here, the lower level of the two holds, and what
   * looked like somebody else's use was ours.
   */
  public void join(long now, ScopeLimiter other) {
    announced.join(now, other.announced);
    configured.add(now, other.configured);
    if (other.closedFor(now) > 0) {
      close(now, other.cooldown.opens(now), other.cooldown.limit());
    }
  }

  /** A limit answer to somebody else who draws on the same limits: the cool-down holds here too. */
  public void close(long now, long until, Limit limit) {
    limitsKnown = true;
    cooldown.close(now, until, limit);
    confirmedUntil = Math.max(confirmedUntil, now + CONFIRMED_FOR);
  }

  /**
   * Whether it may be forgotten: nothing in flight, and nothing known that a header would not tell
   * again.
   */
  public boolean idle(long now) {
    return flight.count() == 0 && closedFor(now) == 0 && configured.idle(now);
  }

  /** Ends the cool-down and forgets what slows down, as when the agent is switched off. */
  public void open(long now) {
    cooldown.open(now);
    limitsKnown = false;
    announced.clear();
    unannounced.clear();
    unshown.clear();
    start.recovered();
    rampUp.clear();
  }

  /** What a restart need not forget. */
  public LimiterSnapshot remember(long now) {
    boolean capped = unshown.capped();
    return new LimiterSnapshot(
        announced.snapshot(now),
        Math.min(closedFor(now), MAX_RESTORED_COOLDOWN),
        cooldown.limit(),
        capped ? unshown.cap(now) : 0,
        capped ? unshown.growStep() : 0,
        unshown.sliced() ? unshown.burst() : 0,
        unshown.sliced() ? Math.max(0.01, unshown.rateMultiplier(now)) : 0,
        unannounced.active() ? Math.max(0.01, unannounced.rate(now)) : 0,
        configured.owed(now, Limit.RPD),
        configured.owed(now, Limit.TPD));
  }

  /**
   * Takes over what was known {@code age} nanoseconds ago. Levels move on by that time; all of it
   * is trusted like a first header, so that it holds nobody for longer than {@link
   * AnnouncedLimits#PROBE_AFTER}.
   *
   * <p>Only for a limiter that nothing has left yet.
   */
  public void recall(long now, LimiterSnapshot memory, long age) {
    announced.restore(now, memory.lines(), age);
    unshown.recall(now, memory);
    if (memory.rate() > 0) {
      unannounced.recall(now, memory.rate());
    }
    cooldown.hit(memory.lastLimit());
    if (memory.gate() - age > 0) {
      confirmedUntil = now + Math.min(MAX_RESTORED_COOLDOWN, memory.gate() - age);
      cooldown.close(confirmedUntil);
    }
    limitsKnown = !memory.lines().isEmpty() || memory.rate() > 0 || memory.cap() > 0;
    configured.recall(now - age, Limit.RPD, memory.owedRequests());
    configured.recall(now - age, Limit.TPD, memory.owedTokens());
  }

  /** For people and dashboards. */
  public LimiterView view(long now) {
    return new LimiterView(
        closedFor(now),
        binding(now),
        flight.count(),
        log.requests(),
        log.inputTokens() + log.outputTokens(),
        unannounced.active() ? Math.max(1, Math.round(unannounced.rate(now) * 60)) : 0,
        unshown.capped() ? unshown.cap(now) : 0,
        announced.view(now));
  }
}
