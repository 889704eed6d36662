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
  private final AnnouncedLimits announced;
  private final LimitEstimators buckets;
  private final Cooldown gate;
  private final SlowStart start;
  private final UnannouncedRateLimit adaptive;
  private final UnannouncedLimits hidden;
  private final BurstLimiter burstLimiter;

  private boolean sent;
  private long firstSent;

  /** Limit answers since {@link #rejectedSince}. */
  private long rejected;

  private long rejectedSince;

  Rejections(
      SendLog log,
      AnnouncedLimits announced,
      Cooldown gate,
      SlowStart start,
      UnannouncedRateLimit adaptive,
      UnannouncedLimits hidden,
      BurstLimiter burstLimiter) {
    this.log = log;
    this.announced = announced;
    this.buckets = announced.estimators();
    this.gate = gate;
    this.start = start;
    this.adaptive = adaptive;
    this.hidden = hidden;
    this.burstLimiter = burstLimiter;
  }

  void onSend(long now) {
    if (!sent) {
      sent = true;
      firstSent = now;
      rejectedSince = now;
    }
  }

  /** A limit answer. */
  void rejected(long now, Permit attempt, List<LimitReading> readings, Rejection rejection) {
    Limit limit = rejection.limit();
    long said = rejection.hint();
    long hint = believable(said, limit);
    double random = rejection.random();
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
          announced.fairRate().limited();
          noRoom(now, attempt, readings, limit);
          announced.hinted(hint > 0);
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
        }
        wait = hint;
        if (hint <= 0 && newFlight) {
          wait = gate.backoff(rejection.firstStep(), rejection.cap());
        }
      }
      case HIDDEN -> {
        if (newFlight) {
          LimitEstimator bucket = buckets.fullest();
          if (limit == Limit.CONCURRENCY) {
            hidden.concurrency(now, attempt);
          } else {
            hidden.limited(now, attempt, bucket != null && !bucket.usage.quiet(now));
            burstLimiter.exhausted(now);
          }
          double rate = bucket == null ? 5 : Math.max(0.01, bucket.level.rate());
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
          wait = gate.backoff(rejection.firstStep(), rejection.cap());
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
      if (bucket.limit == limit || bucket.level.value() < MICRO) {
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
          bucket.confirmed(now, attempt);
        }
      }
    }
    if (!figures) {
      for (LimitEstimator bucket : buckets) {
        if (bucket.limit == limit || (buckets.size() == 1 && bucket.paces())) {
          bucket.confirmed(now, attempt);
          bucket.empty(bucket.required(attempt.charge.of(bucket.limit)));
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
