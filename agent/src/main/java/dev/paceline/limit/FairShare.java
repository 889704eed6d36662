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
  /** The part of a limit whose level those who share it leave. */
  static final double KEPT = 0.04;

  /** In a rolling window it costs its size each minute. */
  private static final double KEPT_ROLLING = 0.02;

  /** A part of a small limit is less than the two or three requests by which its level swings. */
  private static final double KEPT_REQUESTS = 3;

  /** But at most this part of one that is smaller still. */
  private static final double KEPT_AT_MOST = 0.125;

  /**
   * What is added to everybody's part: who has less gains more by it, so that who begins late comes
   * to have as much. Windows do not bear it: at their end there is nothing that it could come from.
   */
  private static final double MORE = 0.01;

  /** Who has fewer requests than these of a whole limit needs all the distance that there is. */
  private static final int FEW = 3;

  /** A request that is larger than its user's part will ever be waits for so much of the limit. */
  private static final double QUARTER = 0.25;

  /** Others who take less than this part of the rate are a matter of the distance. */
  private static final double NOTICED = 0.1;

  /** They may be an error of the estimate below this. */
  private static final double SEEN = 0.03;

  /** Nobody waits longer for others whom only headers show. */
  private static final long LONGEST = 60 * SECOND;

  /**
   * So many ages of a header the others' use is left free for: 1 and 2 cost two processes .001 429s
   * a success, 6 cost a burst beside a neighbour 5 % of its time.
   */
  private static final double DELAYS = 3;

  /** Weight of the newest send in the usual age of what headers tell. */
  private static final double WEIGHT = 0.05;

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
      long now, LimitEstimator bucket, long units, long newestAnswered, long idle) {
    double others = Math.max(0, bucket.usage.mean(now)) / MICRO;
    if (!bucket.paces() || units == 0 || others <= NOTICED * bucket.level.rate()) {
      return false;
    }
    if (idle > 0 && idle >= longest(now, bucket)) {
      return false; // what looks like others may be a header that lies
    }
    boolean continuous = bucket.kind() == WindowKind.TOKEN_BUCKET;
    double part = bucket.usage.share(now) + (continuous ? MORE : 0);
    long since = log.total(bucket.limit) - log.upTo(newestAnswered, bucket.limit);
    double left = (double) bucket.level.value() / MICRO + since;
    double need = Math.min(units, part * QUARTER * bucket.level.capacity());
    return since + need > part * (left - kept(now, bucket));
  }

  /** What is left to others beyond everybody's part. */
  double kept(long now, LimitEstimator bucket) {
    double capacity = bucket.level.capacity();
    return switch (bucket.kind()) {
      case TOKEN_BUCKET -> {
        double taken = Math.max(0, bucket.usage.high(now)) / MICRO * age / SECOND;
        double least = Math.min(KEPT_REQUESTS, KEPT_AT_MOST * capacity);
        // Every one of the others takes on for as long as a header is old; of tokens, estimates
        // err.
        double needed =
            Cost.countsTokens(bucket.limit) ? capacity : DELAYS * taken / bucket.usage.share(now);
        yield Math.max(least, Math.min(KEPT * capacity, needed));
      }
      case SLIDING_WINDOW -> KEPT_ROLLING * capacity;
      // What is left of a fixed window is lost.
      case FIXED_WINDOW -> 0;
    };
  }

  private long longest(long now, LimitEstimator bucket) {
    if (!bucket.trust.hasShownRoom()) {
      return AnnouncedLimits.PROBE_AFTER;
    }
    return switch (bucket.kind()) {
      // Who has a twentieth of twenty a minute tries once a minute, not each ten seconds.
      case TOKEN_BUCKET ->
          bucket.level.lastRemaining > 0
              ? LONGEST
              : Exact.clamp(
                  (long) (bucket.level.timeToGrantUnits(1) / bucket.usage.share(now)),
                  AnnouncedLimits.PROBE_AFTER,
                  LONGEST);
      // What is known to come back need not be tried for: eight processes that did met 429s.
      case SLIDING_WINDOW ->
          bucket.model().refills() ? bucket.shape.window() : AnnouncedLimits.PROBE_AFTER;
      case FIXED_WINDOW -> Exact.NEVER;
    };
  }

  /** A call leaves, and the newest answered attempt was sent then. */
  void left(long now, long newestAnswered) {
    double newest = now - newestAnswered;
    age = age == 0 ? newest : age + WEIGHT * (newest - age);
  }

  /** What others have probably taken since the newest header, in millionths. */
  long reserve(long now, LimitEstimator bucket, boolean shared, long newestAnswered, boolean idle) {
    double rate = bucket.level.rate() * MICRO;
    if (bucket.usage.mean(now) <= SEEN * rate) {
      return 0;
    }
    if (bucket.kind() == WindowKind.TOKEN_BUCKET
        && shared
        && bucket.shape.windowSeen()
        && bucket.usage.share(now) * bucket.level.capacity() >= FEW) {
      // Everybody's part of what comes back is all that is used: who has little would keep free
      // what who has much takes, and never come to have more.
      return 0;
    }
    // A fixed window is used up in a burst: eight processes that took its rate for the most that
    // others can take met 1 % 429s at its end.
    double high =
        Math.min(
            bucket.kind() == WindowKind.FIXED_WINDOW ? 4 * rate : rate, bucket.usage.high(now));
    long since = Math.max(newestAnswered, bucket.model().windowStart());
    long age = Math.max(0, now - since);
    if (idle && bucket.kind() != WindowKind.FIXED_WINDOW) {
      // With nothing on the way no header would ever come; a window's end comes by itself.
      age = Math.min(age, 2 * SECOND);
    }
    return (long) (high * age / SECOND);
  }
}
