package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The budget of one scope: when the next call may leave, learned from what answers say. A bucket
 * for every announced limit, a gate that a limit answer closes once for all, and what is known of
 * limits that no header shows. Nothing has to be typed in; what is typed is a ceiling.
 *
 * <p>Pure and not thread-safe: its owner holds a lock. All times are nanoseconds of one monotonic
 * clock. The rules and the figures behind them: {@code docs/decisions/005-budgets-from-headers.md}.
 */
public final class ScopeLimiter {
  /**
   * A scope that nobody has said anything about holds no call for longer than this: two seconds are
   * promised, of which a JVM that has just begun needs a third of one for itself.
   */
  static final long MAX_PROBE_DELAY = 1_650 * MILLI;

  /**
   * So many times the queue must be there for slow start to end: other processes may have one, too.
   */
  private static final int QUOTA_PER_QUEUE = 10;

  /** An answer whose headers are here is judged within this time, even in a JVM just begun. */
  private static final long READING = 300 * MILLI;

  /** Leaving so much later than let go is worth a correction. */
  static final long LATE = 5 * MILLI;

  /** Closed by headers alone, a scope lets one call find out after so long. */
  static final long PROBE = 10 * SECOND;

  /**
   * Likewise with a rolling window that is believed and that others have filled: when what they
   * have used comes back is an estimate, and it may be gone already.
   */
  static final long PROBE_ROLLING = 12 * SECOND;

  /** A gate is not remembered for longer: an application is also restarted to get rid of one. */
  private static final long LONGEST_GATE = 60 * SECOND;

  private static final int MAX_TAIL = 256;

  /** So few waiting calls are no burst. */
  private static final int FEW = 8;

  /**
   * Where others draw on a limit too, less than this part of it is next to nothing: distance is
   * kept, so that its headers hardly ever show less. Without such a word, calls at the end of their
   * time were sent past the queue, by every process at once, and met the 429s.
   */
  private static final double NEXT_TO_NOTHING = 0.1;

  private final SendLog log = new SendLog();
  private final LimitEstimators buckets = new LimitEstimators();
  private final InFlightCost unanswered = new InFlightCost();
  private final Cooldown gate = new Cooldown();

  /** What was sent last, as long as its order of arrival is unknown. */
  private final ArrayDeque<Permit> tail = new ArrayDeque<>();

  private final SlowStart start = new SlowStart();
  private final UnannouncedLimits hidden = new UnannouncedLimits();
  private final BurstLimiter burstLimiter;
  private final FairShareRate sharing;
  private final FairShare parts = new FairShare(log);
  private final UnannouncedRateLimit adaptive;
  private final ConfiguredLimits ceiling = new ConfiguredLimits();
  private final Smoothing smoothing;
  private final RampUpLimiter ramp;

  private final Rejections rejections;

  /** What holds a call back whatever headers tell. */
  private final Constraint[] sure;

  private double reserve;

  private boolean limitsKnown;

  /** Whether an answer was served without a word of limits, as all of its kind may be. */
  private boolean noLimitHeaders;

  private long readingUntil;
  private long lastSent = Long.MIN_VALUE;
  private long newestAnswered = Long.MIN_VALUE;
  private long lastEvent;
  private int inFlight;

  private long confirmedUntil;

  public ScopeLimiter(long now) {
    burstLimiter = new BurstLimiter(now, hidden);
    sharing = new FairShareRate(now);
    adaptive = new UnannouncedRateLimit(now);
    smoothing = new Smoothing(now, buckets);
    ramp = new RampUpLimiter(now);
    sure = new Constraint[] {ceiling, ramp, gate};
    rejections = new Rejections(log, buckets, gate, start, sharing, adaptive, hidden, burstLimiter);
    lastEvent = now;
    readingUntil = now;
    confirmedUntil = now;
  }

  /** Takes over what a person has typed; may change at any time. */
  public void bounds(long now, Bounds typed) {
    bounds(now, 0, typed);
  }

  /**
   * Likewise where a day may begin anew at an hour of a zone.
   *
   * @param epochMillis milliseconds since 1970 at {@code now}
   */
  public void bounds(long now, long epochMillis, Bounds typed) {
    ceiling.set(now, epochMillis, typed);
    smoothing.set(typed.smoothBelow());
    reserve = Math.max(0, typed.reserve());
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
    if (inFlight >= hidden.cap(now) && inFlight > 0) {
      return Math.max(now + 1, Math.min(hidden.growAt(), now + SECOND));
    }
    long at = known(now, charge, waiting, since);
    if (!limitsKnown) {
      return at;
    }
    at = Math.max(at, byHeaders(now, charge));
    if (adaptive.active()) {
      at = Math.max(at, adaptive.earliest(now));
    }
    if (at - now > 0) {
      return at;
    }
    at = smoothing.earliest(now, charge);
    double share = buckets.share(charge);
    if (share > 0) {
      at = Math.max(at, burstLimiter.earliest(now));
      if (sharing.shared(now)) {
        at = inFlight > 0 ? Math.max(at, sharing.earliest(now, share)) : at;
        if (at - now <= 0 && newestAnswered != Long.MIN_VALUE && exceedsShare(now, charge)) {
          at = now + 100 * MILLI;
        }
      }
    }
    return Math.max(at, now);
  }

  /**
   * No faster than answers confirm: a first wave, then what has been confirmed, or the queue spread
   * over the rest of the time that a call may be held for want of knowledge, the later the faster.
   * Whoever waits longest leaves at the end of it at the latest.
   */
  private long known(long now, Cost charge, int waiting, long since) {
    if (start.recovers()) {
      return start.staged(now);
    }
    long waited = Math.max(now - since, 50 * MILLI);
    if (waited >= MAX_PROBE_DELAY) {
      return now;
    }
    if (!limitsKnown && readingUntil - now > 0) {
      return Math.min(readingUntil, since + MAX_PROBE_DELAY);
    }
    if (limitsKnown && fits(now, charge, waiting)) {
      return now;
    }
    long slow = limitsKnown ? start.earliest(now) : start.spread(now);
    if (slow - now <= 0 && !(noLimitHeaders && waiting > FEW)) {
      return now;
    }
    slow = Math.max(slow, now + MILLI);
    // The number sent grows with the fourth power of time, four fifths of it in the last third.
    // Most answers, and the first limit's, come before that, and even then there is no herd.
    double part = (double) waited / MAX_PROBE_DELAY;
    double slope = part * part * part;
    double spacing =
        noLimitHeaders
            ? (double) (MAX_PROBE_DELAY - waited) / Math.max(1, waiting)
            : MAX_PROBE_DELAY * (1 - slope * part) / (4 * slope * Math.max(1, waiting));
    long ramp = lastSent + (long) Math.min(spacing, MAX_PROBE_DELAY);
    // The spacing shrinks while time passes: ask again soon.
    long at = Math.min(Math.min(ramp, now + 20 * MILLI), Math.min(slow, since + MAX_PROBE_DELAY));
    return ramp - now <= 0 ? now : Math.max(now + MILLI, at);
  }

  /**
   * Whether headers show room for all that waits several times over: then there is nothing to feel
   * for, and a burst that fits is not held.
   */
  private boolean fits(long now, Cost charge, int waiting) {
    boolean told = false;
    for (int i = 0; i < buckets.size(); i++) {
      LimitEstimator bucket = buckets.get(i);
      long units = charge.of(bucket.limit);
      if (bucket.ignored() || units == 0) {
        continue;
      }
      bucket.advance(now, log);
      if (bucket.level() / MICRO < QUOTA_PER_QUEUE * units * waiting) {
        return false;
      }
      told |= bucket.paces();
    }
    return told && !hidden.known();
  }

  private long byHeaders(long now, Cost charge) {
    long at = now;
    boolean doubtful = false;
    boolean others = false;
    boolean alone = !sharing.shared(now);
    for (int i = 0; i < buckets.size(); i++) {
      LimitEstimator bucket = buckets.get(i);
      bucket.advance(now, log);
      if (bucket.ignored()) {
        continue;
      }
      long units = charge.of(bucket.limit);
      if (units == 0) {
        continue;
      }
      long need = bucket.need(units);
      if (newestAnswered != Long.MIN_VALUE) {
        need += parts.reserve(now, bucket, sharing.shared(now), newestAnswered, inFlight == 0);
      }
      need += unanswered.estimationMargin(bucket, units, need);
      need += kept(bucket, need);
      long when = bucket.when(now, need, log);
      if (when - now > 0) {
        doubtful |=
            !bucket.trusted()
                || newestAnswered - lastSent < 0
                || (when - now > PROBE
                    && bucket.kind() == WindowKind.TOKEN_BUCKET
                    && !bucket.shape.windowSeen());
        at = Math.max(at, when);
        others |= bucket.filledByOthers(now, log);
        alone &= bucket.mostlyOurs(now, log);
      }
    }
    if (at - now > 0 && inFlight == 0 && (doubtful || others)) {
      at = Math.max(now, Math.min(at, lastEvent + (doubtful ? PROBE : PROBE_ROLLING)));
    }
    if (rejections.hinted() && gate.consecutiveRejections() > 0 && inFlight == 0 && at - now > 0) {
      // The provider itself said that there would be room by then. A bucket that was taken for a
      // window held 155 calls for a minute, after a 429 that asked for a second.
      // Where others use the limit too, or it is a window filled by whomever, the place that the
      // hint spoke of may be theirs.
      long said = alone ? gate.until() : Math.max(lastEvent, gate.until()) + PROBE_ROLLING;
      at = Math.max(now, Math.min(at, said));
    }
    return at;
  }

  /** What is always left to others beyond {@code need}; a full bucket lets one call go. */
  private long kept(LimitEstimator bucket, long need) {
    long most = bucket.max() * 97 / 100 * MICRO;
    return reserve <= 0
        ? 0
        : Math.max(0, Math.min((long) (reserve * bucket.max() * MICRO), most - need));
  }

  private boolean exceedsShare(long now, Cost charge) {
    long idle = inFlight == 0 ? now - lastEvent : 0;
    for (int i = 0; i < buckets.size(); i++) {
      LimitEstimator bucket = buckets.get(i);
      if (parts.exceedsShare(now, bucket, charge.of(bucket.limit), newestAnswered, idle)) {
        return true;
      }
    }
    return false;
  }

  /** The call has left. */
  public Permit left(long now, Cost charge) {
    rejections.onSend(now);
    long fitted = 0;
    for (int i = 0; i < buckets.size(); i++) {
      LimitEstimator bucket = buckets.get(i);
      bucket.advance(now, log);
      long units = charge.of(bucket.limit);
      if (bucket.level() >= units * MICRO) {
        fitted |= 1L << i;
      }
      bucket.take(units);
    }
    log.add(now, charge);
    long[] own = new long[buckets.size()];
    int[] generations = new int[own.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = buckets.get(i).own();
      generations[i] = buckets.get(i).generation();
    }
    int recent = (int) (log.requests() - log.upTo(now - SECOND / 2, Limit.RPM));
    Permit attempt = new Permit(now, charge, inFlight, recent, log, own, generations);
    attempt.maker = this;
    attempt.fitted = fitted;
    start.left(attempt);
    tail.addLast(attempt);
    while (tail.size() > MAX_TAIL || now - tail.getFirst().sent > LimitEstimator.ORDER_UNKNOWN) {
      tail.removeFirst();
    }
    adaptive.left(now);
    for (Constraint constraint : sure) {
      constraint.onSend(now, attempt);
    }
    smoothing.onSend(now, attempt);
    long timeToGrant = buckets.timeToGrant(charge);
    if (timeToGrant > 0) {
      burstLimiter.onSend(now, timeToGrant);
      sharing.left(now, buckets.share(charge));
    }
    if (newestAnswered != Long.MIN_VALUE) {
      parts.left(now, newestAnswered);
    }
    inFlight++;
    hidden.left(inFlight);
    unanswered.left(charge);
    lastSent = now;
    lastEvent = now;
    return attempt;
  }

  /**
   * The attempt leaves only now: the client had queued it once more. OkHttp has 64 calls on the way
   * and keeps the others back after we have let them go.
   */
  public void departed(long now, Permit attempt) {
    if (attempt.answered || !attempt.late(now)) {
      return;
    }
    attempt.departed = now;
    for (LimitEstimator bucket : buckets) {
      bucket.departed(now, attempt, log);
    }
  }

  /**
   * An answer's headers are here, and will be said with {@link #answered}. Where nothing is known
   * yet nobody leaves before: in a JVM that has just begun, reading the first 429 takes a quarter
   * of a second, and dozens left in it.
   */
  public void reading(long now) {
    readingUntil = now + READING;
  }

  /**
   * The attempt was answered. Its place in flight it keeps until {@link #ended}.
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
      Permit attempt,
      List<LimitReading> readings,
      @Nullable Limit limit,
      long hintNanos,
      long firstStep,
      long cap,
      double random) {
    if (attempt.answered) {
      return;
    }
    settle(attempt);
    lastEvent = now;
    readingUntil = now;
    boolean accepted = limit == null;
    boolean first = buckets.isEmpty();
    boolean paced = buckets.paced();
    for (LimitReading reading : readings) {
      LimitEstimator bucket = buckets.of(reading, readings);
      if (bucket != null) {
        bucket.header(now, attempt, reading, accepted, log);
      }
    }
    if (paced && !buckets.paced()) {
      // Its figures are lies, or misread: a queue that was held by them must not leave at once.
      start.again();
    }
    if (!readings.isEmpty()) {
      for (LimitEstimator bucket : buckets) {
        bucket.startMargin(log);
      }
      if (newestAnswered == Long.MIN_VALUE || attempt.sent - newestAnswered > 0) {
        newestAnswered = attempt.sent;
      }
      if (!tail.isEmpty() && tail.getLast().answered && tail.size() < MAX_TAIL) {
        for (LimitEstimator bucket : buckets) {
          bucket.settle(now, tail, log);
        }
      }
      LimitEstimator fullest = buckets.fullest();
      if (fullest != null) {
        sharing.update(now, fullest, parts);
      }
      limitsKnown |= !buckets.isEmpty();
      if (first && !buckets.isEmpty()) {
        burstLimiter.reset(now);
      }
    }
    if (limit == null) {
      noLimitHeaders |= readings.isEmpty();
      start.confirmed(attempt);
      hidden.admitted(attempt);
      gate.served(attempt);
    } else {
      limitsKnown = true;
      rejections.rejected(now, attempt, readings, limit, hintNanos, firstStep, cap, random);
    }
    noteConfirmation(now, attempt, readings, limit);
  }

  /**
   * The provider complains that use has risen too fast. To be said before {@link #answered} of the
   * same attempt.
   */
  public void slowDown(long now, Permit attempt) {
    if (gate.isNewRejection(attempt)) {
      ramp.begin(now, log);
    }
  }

  /** A limit answer inside what began as a served one; parameters as for {@link #answered}. */
  public void rejectedLater(
      long now,
      Permit attempt,
      Limit limit,
      long hintNanos,
      long firstStep,
      long cap,
      double random) {
    limitsKnown = true;
    rejections.rejected(now, attempt, List.of(), limit, hintNanos, firstStep, cap, random);
    noteConfirmation(now, attempt, List.of(), limit);
  }

  /**
   * An attempt's answer was read: what it produced, where the provider counts output as it comes or
   * gives back what it had set aside. After the answer's headers, which know nothing of it yet.
   *
   * @param output tokens that were produced
   */
  public void settled(long now, Permit attempt, long output) {
    long more = output - attempt.charge.outputTokens();
    if (more == 0 || attempt.settled) {
      return;
    }
    attempt.settled = true;
    buckets.advance(now, log);
    for (LimitEstimator bucket : buckets) {
      bucket.take(Cost.of(bucket.limit, 0, 0, more));
    }
    log.produced(now, more);
    ceiling.produced(now, attempt, more);
  }

  private void settle(Permit attempt) {
    attempt.answered = true;
    unanswered.answered(attempt.charge);
  }

  /**
   * The attempt ended: its answer is read to the end, or nothing more will come of it.
   *
   * @return whether this gave its place in flight back; false when it was given back before
   */
  public boolean ended(long now, Permit attempt) {
    if (attempt.ended) {
      return false;
    }
    attempt.ended = true;
    ceiling.ended(attempt);
    inFlight--;
    if (!attempt.answered) {
      settle(attempt);
      start.rejected(attempt);
      lastEvent = now;
    }
    return true;
  }

  /** Until when waits rest on the provider's own word: a limit answer, or nothing left. */
  private void noteConfirmation(
      long now, Permit attempt, List<LimitReading> readings, @Nullable Limit limit) {
    if (limit != null) {
      confirmedUntil = Math.max(confirmedUntil, Math.max(now + 60 * SECOND, gate.until()));
    }
    for (LimitReading reading : readings) {
      LimitEstimator bucket = reading.remaining() < 0 ? null : buckets.of(reading, readings);
      if (bucket != null && !bucket.ignored()) {
        // Too little for another one like this with the distance that we keep.
        long units = Math.max(1, attempt.charge.of(bucket.limit));
        double least = sharing.shared(now) ? NEXT_TO_NOTHING * bucket.max() * MICRO : 0;
        if (reading.remaining() * MICRO < Math.max(bucket.need(units), least)) {
          confirmedUntil = Math.max(confirmedUntil, now + bucket.shape.window() + PROBE);
        }
      }
    }
  }

  /**
   * Whether a wait that is predicted now rests on the provider's own word, or on a limit that a
   * person has typed: where one is typed no call may pass the queue, for those that wait in it have
   * a claim on the limit.
   */
  public boolean wordOfProvider(long now) {
    if (confirmedUntil - now > 0 || hidden.known() || ceiling.typed() || ramp.active(now)) {
      return true;
    }
    buckets.advance(now, log);
    for (LimitEstimator bucket : buckets) {
      if (bucket.trusted()
          && !bucket.ignored()
          && bucket.level() < bucket.need(1) + kept(bucket, bucket.need(1))) {
        return true;
      }
    }
    return false;
  }

  /**
   * When a call that comes now will leave, if those ahead of it leave first. An estimate: it sees
   * no answer that is yet to come.
   *
   * @param requests requests ahead, this one included; likewise tokens
   */
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    long most = now;
    for (Constraint constraint : sure) {
      // Nobody has said anything: then the gate is no word to wait for.
      if (limitsKnown || constraint != gate) {
        most = Math.max(most, constraint.predict(now, requests, inputTokens, outputTokens));
      }
    }
    if (!limitsKnown) {
      return most;
    }
    double share = 0;
    buckets.advance(now, log);
    for (LimitEstimator bucket : buckets) {
      if (bucket.ignored()) {
        continue;
      }
      long units = Cost.of(bucket.limit, requests, inputTokens, outputTokens);
      long missing = units * MICRO + kept(bucket, units * MICRO) - bucket.level();
      if (units == 0 || missing <= 0) {
        continue;
      }
      long window = bucket.shape.window();
      long when;
      if (bucket.kind() == WindowKind.FIXED_WINDOW) {
        long windows = (missing - 1) / (bucket.max() * MICRO);
        when = bucket.when(now, Exact.NEVER, log) + Math.min(windows, 1_000) * window;
      } else if (bucket.kind() == WindowKind.SLIDING_WINDOW) {
        long windows = missing / (bucket.max() * MICRO);
        long rest = missing % (bucket.max() * MICRO);
        long steady = Exact.mulDiv(rest, window, bucket.max() * MICRO);
        long next = bucket.when(now, Exact.NEVER, log) - now;
        when = now + Math.min(windows, 1_000) * window + Math.min(window, Math.max(next, steady));
      } else {
        when = now + Exact.mulDiv(missing, window, bucket.max() * MICRO);
      }
      if (!bucket.trusted()) {
        // A doubtful header closes nothing for longer than it takes to find out.
        when = Math.min(when, now + PROBE + Exact.mulDiv(units, window, bucket.max()));
      }
      most = Math.max(most, when);
      share = Math.max(share, bucket.paces() ? (double) units / bucket.max() : 0);
    }
    most = Math.max(most, smoothing.predict(now, requests, inputTokens, outputTokens));
    if (sharing.shared(now)) {
      most = Math.max(most, now + sharing.predict(share));
    }
    if (adaptive.sure(now)) {
      most = Math.max(most, now + adaptive.predict(now, Math.max(0, requests - 1)));
    }
    return most;
  }

  /** Whether any limit on tokens is known: only then an exact count can change a decision. */
  public boolean countsTokens() {
    return buckets.countTokens() || ceiling.countsTokens();
  }

  /** How long the gate stays closed after a limit answer, in nanoseconds; 0 when it is open. */
  public long closedFor(long now) {
    return gate.closedFor(now);
  }

  /** The limit that was hit last. */
  public Limit lastLimit() {
    return gate.limit();
  }

  /**
   * The limit that holds calls back: a typed one, else the one that was hit last, else the fullest
   * announced one.
   */
  public Limit binding(long now) {
    Limit typed = ceiling.heldBy(now);
    if (typed != null) {
      return typed;
    }
    if (gate.limit() != Limit.UNKNOWN) {
      return gate.limit();
    }
    LimitEstimator fullest = buckets.fullest();
    return fullest == null ? ceiling.fullest(now) : fullest.limit;
  }

  /** Whether an answer has told of a limit, or that there is one. */
  public boolean informed() {
    return limitsKnown;
  }

  /** Attempts that are remembered. */
  int followed() {
    return start.followed() + tail.size();
  }

  /** Whether the attempt left from here. */
  public boolean made(Permit attempt) {
    return attempt.maker == this;
  }

  /**
   * Another budget turned out to draw on the same limits, and its calls leave from here from now
   * on. What is still on the way there is charged here, the lower level of the two holds, and what
   * looked like somebody else's use was ours.
   */
  public void join(long now, ScopeLimiter other) {
    for (LimitEstimator bucket : buckets) {
      bucket.advance(now, log);
      long theirs = other.unanswered.of(bucket.limit) * MICRO;
      long level = bucket.level() - theirs;
      for (LimitEstimator twin : other.buckets) {
        if (twin.limit == bucket.limit && twin.max() == bucket.max()) {
          twin.advance(now, other.log);
          long ours = unanswered.of(bucket.limit) * MICRO;
          level = Math.min(level, twin.level() - ours);
        }
      }
      bucket.atMost(level);
      bucket.forgetOthers(now);
    }
    sharing.clear();
    ceiling.add(now, other.ceiling);
    if (other.closedFor(now) > 0) {
      close(now, other.gate.opens(now), other.gate.limit());
    }
  }

  /** A limit answer to somebody else who draws on the same limits: the gate closes here too. */
  public void close(long now, long until, Limit limit) {
    limitsKnown = true;
    gate.close(now, until, limit);
    confirmedUntil = Math.max(confirmedUntil, now + 60 * SECOND);
  }

  /**
   * Whether it may be forgotten: nothing in flight, and nothing known that a header would not tell
   * again.
   */
  public boolean idle(long now) {
    return inFlight == 0 && closedFor(now) == 0 && ceiling.idle(now);
  }

  /** Opens the gate and forgets what slows down, as when the agent is switched off. */
  public void open(long now) {
    gate.open(now);
    limitsKnown = false;
    noLimitHeaders = false;
    buckets.clear();
    sharing.clear();
    adaptive.clear();
    hidden.clear();
    start.recovered();
    ramp.clear();
  }

  /** What a restart need not forget. */
  public LimiterSnapshot remember(long now) {
    List<LimiterSnapshot.Line> lines = new ArrayList<>(buckets.size());
    buckets.advance(now, log);
    for (LimitEstimator bucket : buckets) {
      if (!bucket.ignored() && bucket.max() > 0) {
        lines.add(bucket.remember(now));
      }
    }
    boolean capped = hidden.capped();
    return new LimiterSnapshot(
        lines,
        Math.min(closedFor(now), LONGEST_GATE),
        gate.limit(),
        capped ? hidden.cap(now) : 0,
        capped ? hidden.growStep() : 0,
        hidden.sliced() ? hidden.burst() : 0,
        hidden.sliced() ? Math.max(0.01, hidden.rateMultiplier(now)) : 0,
        adaptive.active() ? Math.max(0.01, adaptive.rate(now)) : 0,
        false,
        ceiling.owed(now, Limit.RPD),
        ceiling.owed(now, Limit.TPD));
  }

  /**
   * Takes over what was known {@code age} nanoseconds ago. Levels move on by that time; all of it
   * is believed like a first header, so that it holds nobody for longer than {@link #PROBE}.
   *
   * <p>Only for a budget that nothing has left yet.
   */
  public void recall(long now, LimiterSnapshot memory, long age) {
    for (LimiterSnapshot.Line line : memory.lines()) {
      buckets.make(line.limit()).recall(now, line, age, log);
    }
    hidden.recall(now, memory);
    if (memory.rate() > 0) {
      adaptive.recall(now, memory.rate());
    }
    gate.hit(memory.lastLimit());
    if (memory.gate() - age > 0) {
      confirmedUntil = now + Math.min(LONGEST_GATE, memory.gate() - age);
      gate.close(confirmedUntil);
    }
    limitsKnown = !memory.lines().isEmpty() || memory.rate() > 0 || memory.cap() > 0;
    ceiling.recall(now - age, Limit.RPD, memory.owedRequests());
    ceiling.recall(now - age, Limit.TPD, memory.owedTokens());
  }

  /** For people and dashboards. */
  public LimiterView view(long now) {
    List<LimiterView.Line> lines = new ArrayList<>(buckets.size());
    buckets.advance(now, log);
    for (LimitEstimator bucket : buckets) {
      if (!bucket.ignored()) {
        lines.add(line(now, bucket));
      }
    }
    return new LimiterView(
        closedFor(now),
        binding(now),
        inFlight,
        log.requests(),
        log.inputTokens() + log.outputTokens(),
        adaptive.active() ? Math.max(1, Math.round(adaptive.rate(now) * 60)) : 0,
        hidden.capped() ? hidden.cap(now) : 0,
        lines);
  }

  private LimiterView.Line line(long now, LimitEstimator bucket) {
    double othersASecond = Math.max(0, bucket.others.mean(now)) / MICRO;
    return new LimiterView.Line(
        bucket.limit,
        bucket.max(),
        Math.floorDiv(bucket.level(), MICRO),
        bucket.shape.window(),
        bucket.timeToFull(now),
        bucket.kind().counted(),
        log.total(bucket.limit),
        Math.round(othersASecond * bucket.shape.window() / SECOND));
  }
}
