package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.SECOND;

/**
 * What those who draw on the same limit leave to each other. They do not talk, but all see the same
 * headers: what one's own charges do not explain is the others' use, and from both follows
 * everyone's part. Nobody uses more than his part of what there was, beyond a small distance, in
 * his newest header; the others are taken to do likewise. So the level stays within a request or
 * two of the distance, however many they are. Counting only what was unanswered made eight
 * processes swing together, from far too much to nothing left.
 */
final class FairShare {
  /**
   * Largest fraction of a token bucket that those who share it leave: 15 % costs 1 to 5 % goodput.
   */
  static final double KEPT_FRACTION = 0.04;

  /**
   * Likewise of a sliding window, where it costs its size each minute: parts drift apart with less.
   */
  private static final double KEPT_OF_SLIDING = 0.02;

  /** Requests that are kept at least: by two or three of them a level swings. */
  private static final double MIN_KEPT = 3;

  /** But at most this fraction of a limit that is smaller still. */
  private static final double MAX_MIN_KEPT = 0.125;

  /**
   * Added to every share of a token bucket, as a fraction: who has less gains more by it, so that
   * who begins late comes to have as much. Windows do not bear it: at their end there is nothing
   * that it could come from.
   */
  private static final double EVENING = 0.01;

  /** Requests: who has fewer of a whole limit keeps what others take since the header free. */
  private static final int SMALL_SHARE = 3;

  /** Fraction of the capacity: a request larger than its user's share of it waits for no more. */
  private static final double LARGE_REQUEST = 0.25;

  /** Fraction of the rate: others who take less are a matter of what is kept. */
  private static final double NOTICED_FRACTION = 0.1;

  /** Nobody waits longer for others whom only headers show. */
  private static final long MAX_WAIT = 60 * SECOND;

  /**
   * So many ages of a header the others' use is left free for: 1 and 2 cost two processes .001 429s
   * a success, 6 cost a burst beside a neighbour 5 % of its time.
   */
  private static final double HEADER_AGES = 3;

  /** Weight of the newest send in the usual age of what headers tell. */
  private static final double NEWEST_WEIGHT = 0.05;

  private final SendLog log;

  /** How old the newest header usually is when a call leaves, in nanoseconds. */
  private double age;

  FairShare(SendLog log) {
    this.log = log;
  }

  /**
   * Whether a charge is more than our part of what was left when the newest answered attempt was
   * sent, and has come back since, together with what has left since. After {@link
   * LimitEstimator#advance}.
   *
   * @param idle how long nothing has happened and nothing is on the way; 0 when something is
   */
  boolean exceedsShare(
      long now, LimitEstimator estimator, long units, long newestAnswered, long idle) {
    double others = Math.max(0, estimator.usage.mean(now)) / MICRO;
    if (!estimator.paces() || units == 0 || others <= NOTICED_FRACTION * estimator.level.rate()) {
      return false;
    }
    if (idle > 0 && idle >= longest(now, estimator)) {
      return false; // what looks like others may be a header that lies
    }
    boolean continuous = estimator.kind() == WindowKind.TOKEN_BUCKET;
    double part = estimator.usage.share(now) + (continuous ? EVENING : 0);
    long since = log.total(estimator.limit) - log.upTo(newestAnswered, estimator.limit);
    double left = (double) estimator.level.value() / MICRO + since;
    double need = Math.min(units, part * LARGE_REQUEST * estimator.level.capacity());
    return since + need > part * (left - kept(now, estimator));
  }

  /** What is left to others beyond everybody's part. */
  double kept(long now, LimitEstimator estimator) {
    double capacity = estimator.level.capacity();
    return switch (estimator.kind()) {
      case TOKEN_BUCKET -> {
        double taken = Math.max(0, estimator.usage.high(now)) / MICRO * age / SECOND;
        double least = Math.min(MIN_KEPT, MAX_MIN_KEPT * capacity);
        // Every one of the others takes on for as long as a header is old; of tokens, estimates
        // err.
        double needed =
            Cost.countsTokens(estimator.limit)
                ? capacity
                : HEADER_AGES * taken / estimator.usage.share(now);
        yield Math.max(least, Math.min(KEPT_FRACTION * capacity, needed));
      }
      case SLIDING_WINDOW -> KEPT_OF_SLIDING * capacity;
      // What is left of a fixed window is lost.
      case FIXED_WINDOW -> 0;
    };
  }

  private long longest(long now, LimitEstimator estimator) {
    if (!estimator.trust.hasShownRoom()) {
      return AnnouncedLimits.PROBE_AFTER;
    }
    return switch (estimator.kind()) {
      // Who has a twentieth of twenty a minute tries once a minute, not each ten seconds.
      case TOKEN_BUCKET ->
          estimator.level.lastRemaining > 0
              ? MAX_WAIT
              : Exact.clamp(
                  (long) (estimator.level.timeToGrantUnits(1) / estimator.usage.share(now)),
                  AnnouncedLimits.PROBE_AFTER,
                  MAX_WAIT);
      // What is known to come back need not be tried for: eight processes that did met 429s.
      case SLIDING_WINDOW ->
          estimator.model().refills() ? estimator.shape.window() : AnnouncedLimits.PROBE_AFTER;
      case FIXED_WINDOW -> Exact.NEVER;
    };
  }

  /** A call leaves, and the newest answered attempt was sent then. */
  void left(long now, long newestAnswered) {
    double newest = now - newestAnswered;
    age = age == 0 ? newest : age + NEWEST_WEIGHT * (newest - age);
  }

  /** What others have probably taken since the newest header, in millionths. */
  long reserve(
      long now, LimitEstimator estimator, boolean shared, long newestAnswered, boolean idle) {
    double rate = estimator.level.rate() * MICRO;
    if (estimator.usage.mean(now) <= ObservedUsage.QUIET_FRACTION * rate) {
      return 0;
    }
    if (estimator.kind() == WindowKind.TOKEN_BUCKET
        && shared
        && estimator.shape.windowSeen()
        && estimator.usage.share(now) * estimator.level.capacity() >= SMALL_SHARE) {
      // Everybody's part of what comes back is all that is used: who has little would keep free
      // what who has much takes, and never come to have more.
      return 0;
    }
    // A fixed window is used up in a burst: eight processes that took its rate for the most that
    // others can take met 1 % 429s at its end.
    double high =
        Math.min(
            estimator.kind() == WindowKind.FIXED_WINDOW ? 4 * rate : rate,
            estimator.usage.high(now));
    long since = Math.max(newestAnswered, estimator.model().windowStart());
    long age = Math.max(0, now - since);
    if (idle && estimator.kind() != WindowKind.FIXED_WINDOW) {
      // With nothing on the way no header would ever come; a window's end comes by itself.
      age = Math.min(age, 2 * SECOND);
    }
    return (long) (high * age / SECOND);
  }
}
