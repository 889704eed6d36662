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
  /**
   * A longer hint holds only where the limit's own window is as long: a day's was seen on a limit a
   * minute.
   */
  private static final long MAX_HINT = 600 * SECOND;

  private final SendLog log;
  private final AnnouncedLimits announced;
  private final LimitEstimators estimators;
  private final Cooldown cooldown;
  private final SlowStart start;
  private final UnannouncedRateLimit unannounced;
  private final UnannouncedLimits unannouncedLimits;
  private final BurstLimiter burstLimiter;

  private boolean sent;
  private long firstSent;

  /** Limit answers since {@link #rejectedSince}. */
  private long rejected;

  private long rejectedSince;

  Rejections(
      SendLog log,
      AnnouncedLimits announced,
      Cooldown cooldown,
      SlowStart start,
      UnannouncedRateLimit unannounced,
      UnannouncedLimits unannouncedLimits,
      BurstLimiter burstLimiter) {
    this.log = log;
    this.announced = announced;
    this.estimators = announced.estimators();
    this.cooldown = cooldown;
    this.start = start;
    this.unannounced = unannounced;
    this.unannouncedLimits = unannouncedLimits;
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
  void rejected(long now, Permit permit, List<LimitReading> readings, Rejection rejection) {
    Limit limit = rejection.limit();
    long said = rejection.hint();
    long hint = believable(said, limit);
    double random = rejection.random();
    cooldown.hit(limit);
    rejected++;
    start.rejected(permit);
    for (LimitEstimator estimator : estimators) {
      estimator.refused(permit);
    }
    boolean newFlight = cooldown.isNewRejection(permit);
    RejectionCause cause = RejectionCause.of(permit, readings, limit, estimators);
    if (newFlight) {
      cooldown.startCooldown(now);
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
          noRoom(now, permit, readings, limit);
          announced.hinted(hint > 0);
          wait = (long) ((0.3 + 0.4 * random) * SECOND);
        }
        wait = hint > 0 ? hint : wait;
      }
      case UNANNOUNCED -> {
        if (newFlight) {
          long minute = log.requests() - log.upTo(now - 60 * SECOND, Limit.RPM);
          long elapsed = now - firstSent;
          long before = permit.requests - 1 - log.upTo(now - 60 * SECOND, Limit.RPM);
          long admitted = Math.min(minute, before) - rejectedLately(now);
          long from = log.upTo(now + said - said / 40 - SECOND / 2 - 60 * SECOND, Limit.RPM);
          long inWindow = said > 0 ? permit.requests - 1 - from - rejectedLately(now) : 0;
          unannounced.limited(
              now,
              Math.max(0, admitted),
              elapsed,
              RejectionCause.said(readings, limit, estimators),
              said,
              inWindow);
          if (!unannounced.active()) {
            start.unknownLimit();
          }
        } else if (unannounced.alsoLimited(now)) {
          start.unknownLimit();
        }
        wait = hint;
        if (hint <= 0 && newFlight) {
          wait = cooldown.backoff(rejection.firstStep(), rejection.cap());
        }
      }
      case HIDDEN -> {
        if (newFlight) {
          LimitEstimator estimator = estimators.fullest();
          if (limit == Limit.CONCURRENCY) {
            unannouncedLimits.concurrency(now, permit);
          } else {
            unannouncedLimits.limited(
                now, permit, estimator != null && !estimator.usage.quiet(now));
            burstLimiter.exhausted(now);
          }
          double rate = estimator == null ? 5 : Math.max(0.01, estimator.level.rate());
          wait = Exact.clamp((long) (2 / rate * SECOND), SECOND / 10, SECOND);
          if (cooldown.consecutiveRejections() > 1) {
            wait =
                (long)
                    ((wait << Math.min(cooldown.consecutiveRejections() - 1, 6)) * (0.5 + random));
          }
        }
        wait = Math.max(wait, hint);
      }
      case OVERLOAD -> {
        wait = hint;
        if (hint <= 0 && newFlight) {
          wait = cooldown.backoff(rejection.firstStep(), rejection.cap());
        }
      }
    }
    cooldown.close(now + wait);
  }

  /**
   * A hint, or a window of the limit where the hint is beyond all that such a limit can mean: one
   * Retry-After of a day must not stop a limit that is counted by the minute for a day.
   */
  private long believable(long hint, Limit limit) {
    if (hint <= MAX_HINT) {
      return hint;
    }
    long window = limit == Limit.RPD || limit == Limit.TPD ? 86_400 * SECOND : 60 * SECOND;
    for (LimitEstimator estimator : estimators) {
      // A message may name another limit than the header that says "nothing left".
      if (estimator.limit == limit || estimator.level.value() < MICRO) {
        window = Math.max(window, estimator.shape.window());
      }
    }
    return hint <= window + window / 10 ? hint : window;
  }

  /** Every limit that had no room keeps more distance; one without figures is empty. */
  private void noRoom(long now, Permit permit, List<LimitReading> readings, Limit limit) {
    boolean figures = false;
    for (LimitReading reading : readings) {
      LimitEstimator estimator = reading.remaining() < 0 ? null : estimators.of(reading, readings);
      if (estimator != null) {
        figures = true;
        if (reading.remaining() < RejectionCause.room(reading, permit, limit)) {
          estimator.confirmed(now, permit);
        }
      }
    }
    if (!figures) {
      for (LimitEstimator estimator : estimators) {
        if (estimator.limit == limit || (estimators.size() == 1 && estimator.paces())) {
          estimator.confirmed(now, permit);
          // Nothing is left of a limit that the answer names without figures.
          estimator.atMost(estimator.required(permit.charge.of(estimator.limit)) - MICRO);
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
