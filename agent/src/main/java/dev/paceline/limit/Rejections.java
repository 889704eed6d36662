package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;

/**
 * What follows from a limit answer: whose limit it was, what is learned of it, and for how long the
 * scope's cool-down lasts. Of the attempts in flight together only the first one is reacted to;
 * every one's hint is a lower bound of the wait.
 */
final class Rejections {
  /** A longer hint holds only where the limit's own window is as long. */
  private static final long LONGEST_HINT = 600 * SECOND;

  private final SendLog log;
  private final LimitEstimators buckets;
  private final Cooldown gate;
  private final SlowStart start;
  private final FairShareRate sharing;
  private final UnannouncedRateLimit adaptive;
  private final UnannouncedLimits hidden;
  private final BurstLimiter burstLimiter;

  /** Whether the last answer of a limit that headers show told how long to wait. */
  private boolean hinted;

  private boolean sent;
  private long firstSent;

  /** Limit answers since {@link #rejectedSince}. */
  private long rejected;

  private long rejectedSince;

  Rejections(
      SendLog log,
      LimitEstimators buckets,
      Cooldown gate,
      SlowStart start,
      FairShareRate sharing,
      UnannouncedRateLimit adaptive,
      UnannouncedLimits hidden,
      BurstLimiter burstLimiter) {
    this.log = log;
    this.buckets = buckets;
    this.gate = gate;
    this.start = start;
    this.sharing = sharing;
    this.adaptive = adaptive;
    this.hidden = hidden;
    this.burstLimiter = burstLimiter;
  }

  /** Whether the last answer of a limit that headers show told how long to wait. */
  boolean hinted() {
    return hinted;
  }

  void onSend(long now) {
    if (!sent) {
      sent = true;
      firstSent = now;
      rejectedSince = now;
    }
  }

  /**
   * A limit answer.
   *
   * @param hint how long it says to wait, in nanoseconds; 0 when it does not say
   * @param firstStep the first wait without a hint; doubles with each reaction that no served call
   *     separates
   * @param cap the longest wait without a hint
   * @param random a number in [0, 1)
   */
  void rejected(
      long now,
      Permit attempt,
      List<LimitReading> readings,
      Limit limit,
      long hint,
      long firstStep,
      long cap,
      double random) {
    long said = hint;
    hint = believable(said, limit);
    gate.hit(limit);
    rejected++;
    start.rejected(attempt);
    for (LimitEstimator bucket : buckets) {
      bucket.refused(attempt);
    }
    boolean newFlight = gate.isNewRejection(attempt);
    RejectionCause cause = RejectionCause.of(attempt, readings, limit, buckets);
    if (newFlight) {
      gate.startCooldown(now);
      if (cause == RejectionCause.OVERLOAD) {
        start.overloaded();
      } else {
        start.shrink(cause == RejectionCause.UNANNOUNCED ? 16 : Integer.MAX_VALUE);
      }
    }
    long wait = 0;
    switch (cause) {
      case ANNOUNCED -> {
        if (newFlight) {
          sharing.limited();
          noRoom(now, attempt, readings, limit);
          hinted = hint > 0;
          wait = (long) ((0.3 + 0.4 * random) * SECOND);
        }
        wait = hint > 0 ? hint : wait;
      }
      case UNANNOUNCED -> {
        if (newFlight) {
          long minute = log.requests() - log.upTo(now - 60 * SECOND, Limit.RPM);
          long elapsed = now - firstSent;
          long before = attempt.requests - 1 - log.upTo(now - 60 * SECOND, Limit.RPM);
          long admitted = Math.min(minute, before) - rejectedLately(now);
          long from = log.upTo(now + said - said / 40 - SECOND / 2 - 60 * SECOND, Limit.RPM);
          long inWindow = said > 0 ? attempt.requests - 1 - from - rejectedLately(now) : 0;
          adaptive.limited(
              now,
              Math.max(0, admitted),
              elapsed,
              RejectionCause.said(readings, limit, buckets),
              said,
              inWindow);
          if (!adaptive.active()) {
            start.unknownLimit();
          }
        } else if (adaptive.alsoLimited(now)) {
          start.unknownLimit();
        }
        wait = hint;
        if (hint <= 0 && newFlight) {
          wait = gate.backoff(firstStep, cap);
        }
      }
      case HIDDEN -> {
        if (newFlight) {
          LimitEstimator bucket = buckets.fullest();
          if (limit == Limit.CONCURRENCY) {
            hidden.concurrency(now, attempt);
          } else {
            hidden.limited(now, attempt, bucket != null && !bucket.quiet(now));
            burstLimiter.exhausted(now);
          }
          double rate = bucket == null ? 5 : Math.max(0.01, bucket.rate());
          wait = Exact.clamp((long) (2 / rate * SECOND), SECOND / 10, SECOND);
          if (gate.consecutiveRejections() > 1) {
            wait =
                (long) ((wait << Math.min(gate.consecutiveRejections() - 1, 6)) * (0.5 + random));
          }
        }
        wait = Math.max(wait, hint);
      }
      case OVERLOAD -> {
        wait = hint;
        if (hint <= 0 && newFlight) {
          wait = gate.backoff(firstStep, cap);
        }
      }
    }
    gate.close(now + wait);
  }

  /**
   * A hint, or a window of the limit where the hint is beyond all that such a limit can mean: one
   * Retry-After of a day must not stop a limit that is counted by the minute for a day.
   */
  private long believable(long hint, Limit limit) {
    if (hint <= LONGEST_HINT) {
      return hint;
    }
    long window = limit == Limit.RPD || limit == Limit.TPD ? 86_400 * SECOND : 60 * SECOND;
    for (LimitEstimator bucket : buckets) {
      // A message may name another limit than the header that says "nothing left".
      if (bucket.limit == limit || bucket.level() < MICRO) {
        window = Math.max(window, bucket.shape.window());
      }
    }
    return hint <= window + window / 10 ? hint : window;
  }

  /** Every limit that had no room keeps more distance; one without figures is empty. */
  private void noRoom(long now, Permit attempt, List<LimitReading> readings, Limit limit) {
    boolean figures = false;
    for (LimitReading reading : readings) {
      LimitEstimator bucket = reading.remaining() < 0 ? null : buckets.of(reading, readings);
      if (bucket != null) {
        figures = true;
        if (reading.remaining() < RejectionCause.room(reading, attempt, limit)) {
          bucket.confirmed(now, attempt, log);
        }
      }
    }
    if (!figures) {
      for (LimitEstimator bucket : buckets) {
        if (bucket.limit == limit || (buckets.size() == 1 && bucket.paces())) {
          bucket.confirmed(now, attempt, log);
          bucket.empty(bucket.need(attempt.charge.of(bucket.limit)));
        }
      }
    }
  }

  private long rejectedLately(long now) {
    if (now - rejectedSince > 60 * SECOND) {
      rejectedSince = now;
      rejected = 0;
    }
    return rejected;
  }
}
