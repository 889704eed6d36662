package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;

/**
 * Our agreed part of the limits that headers show: a bucket of our own of a token bucket, so many
 * of each fixed window, so many within any sliding one. What all have agreed on sums up to the
 * limit, so nobody need infer what the others do.
 */
final class FleetLimits {
  /** A window at the provider is one of arrivals. */
  private static final long WAY_TO_PROVIDER = 100 * MILLI;

  /** What was sent so long before a fixed window's end may have arrived after it. */
  private static final long BEFORE_END = 250 * MILLI;

  /** Fraction of a token bucket that all together leave: arrivals come in another order. */
  private static final double KEPT = 0.02;

  /** Units that are left at least, but for an eighth of a small limit. */
  private static final double MIN_KEPT = 2;

  /** Fraction of the rate by which a bucket below what is kept is used slower. */
  private static final double SLOWER = 0.35;

  /** Fraction of the rate by which a fuller one is used faster, at most. */
  private static final double FASTER = 0.25;

  private final SendLog log;
  private FleetShare fleet = FleetShare.NONE;

  /** Buckets by an estimator's index. */
  private Part[] parts = new Part[0];

  /** Our own part of a token bucket, in units. */
  private static final class Part {
    double level;
    long at;
    boolean active;
  }

  FleetLimits(SendLog log) {
    this.log = log;
  }

  void fleet(FleetShare share) {
    fleet = share;
  }

  /** Whether our part of a limit is agreed on. */
  boolean agreed(long now, LimitEstimator limit) {
    return limit.paces() && fleet.announced(limit.limit, now) >= 0;
  }

  /** Whether nothing need be inferred of the others. */
  boolean settled(long now, LimitEstimator limit) {
    return agreed(now, limit) && !fleet.loosening(now);
  }

  /** When a charge fits into our part: {@code now} when at once. After the estimator's advance. */
  long earliest(long now, LimitEstimator limit, long units) {
    double share = fleet.announced(limit.limit, now);
    if (share < 0 || units == 0 || !limit.paces()) {
      return now;
    }
    long window = limit.shape.window();
    long max = limit.level.max;
    double most = Math.floor(share * max + 0.01);
    double need = Math.min(units, most);
    switch (limit.kind()) {
      case TOKEN_BUCKET -> {
        Part part = part(now, limit, share);
        double all = share * (limit.level.capacity() - kept(limit));
        need = Math.min(units, Math.max(Math.min(1, units), 0.9 * all));
        double rate = share * limit.level.rate() * pace(limit);
        return part.level >= need
            ? now
            : rate <= 0 ? now + SECOND : now + 1 + (long) ((need - part.level) / rate * SECOND);
      }
      case FIXED_WINDOW -> {
        long start = limit.model().windowStart();
        double used = log.total(limit.limit) - log.upTo(start - BEFORE_END, limit.limit);
        return most >= 1 && used + need <= most
            ? now
            : most < 1 ? now + SECOND : Math.max(now + 1, limit.model().availableAt(now, MICRO));
      }
      case SLIDING_WINDOW -> {
        long since = now - window - WAY_TO_PROVIDER;
        double used = log.total(limit.limit) - log.upTo(since, limit.limit);
        if (most >= 1 && used + need <= most) {
          return now;
        }
        long first = log.firstAfter(since);
        return most < 1 || first == Exact.NEVER
            ? now + SECOND
            : Math.max(now + 1, first + window + WAY_TO_PROVIDER + 1);
      }
    }
    return now;
  }

  private static double kept(LimitEstimator limit) {
    double capacity = limit.level.capacity();
    return Math.max(KEPT * capacity, Math.min(MIN_KEPT, capacity / 8));
  }

  /** All see the same level, and go slower or faster by the same: the sum stays at what is kept. */
  private static double pace(LimitEstimator limit) {
    double level = Math.max(0, (double) limit.level.value() / MICRO);
    double kept = kept(limit);
    return level < kept
        ? 1 - SLOWER * (kept - level) / kept
        : 1 + Math.min(FASTER, (level - kept) / limit.level.capacity());
  }

  private Part part(long now, LimitEstimator limit, double share) {
    if (limit.index >= parts.length) {
      Part[] more = new Part[limit.index + 1];
      System.arraycopy(parts, 0, more, 0, parts.length);
      for (int i = parts.length; i < more.length; i++) {
        more[i] = new Part();
      }
      parts = more;
    }
    Part part = parts[limit.index];
    double there = (double) limit.level.value() / MICRO - kept(limit);
    double most = share * (limit.level.capacity() - kept(limit));
    if (!part.active) {
      part.active = true;
      part.level = share * Math.max(0, there);
    } else {
      double passed = (double) (now - part.at) / SECOND;
      part.level += share * limit.level.rate() * pace(limit) * passed;
    }
    part.at = now;
    part.level = Math.min(part.level, Math.max(most, 1));
    return part;
  }

  /** A charge has left. */
  void onSend(long now, LimitEstimator limit, long units) {
    if (limit.index < parts.length && limit.kind() == WindowKind.TOKEN_BUCKET) {
      double share = fleet.announced(limit.limit, now);
      if (share < 0) {
        parts[limit.index].active = false;
      } else {
        part(now, limit, share).level -= units;
      }
    }
  }

  /** The part of a window that is counted which we have used; 0 of a token bucket. */
  double used(long now, LimitEstimator limit) {
    if (!limit.paces() || limit.kind() == WindowKind.TOKEN_BUCKET || limit.level.max <= 0) {
      return 0;
    }
    long since =
        limit.kind() == WindowKind.FIXED_WINDOW
            ? limit.model().windowStart() - BEFORE_END
            : now - limit.shape.window() - WAY_TO_PROVIDER;
    return (double) (log.total(limit.limit) - log.upTo(since, limit.limit)) / limit.level.max;
  }
}
