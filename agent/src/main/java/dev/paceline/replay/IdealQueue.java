package dev.paceline.replay;

import dev.paceline.words.Limit;

/**
 * First come, first served by a limiter that knows the limit and loses nothing: what no pacing can
 * be better than. A pass over the calls, without events, to find where to look closer.
 */
final class IdealQueue {
  private final Limit limit;
  private final Arrivals calls;
  private final ReplayLimits.Window window;
  private final long[] left;

  IdealQueue(Limit limit, Arrivals calls, ReplayLimits.Window window) {
    this.limit = limit;
    this.calls = calls;
    this.window = window;
    this.left = window == ReplayLimits.Window.SLIDING ? new long[calls.size()] : new long[0];
  }

  /** The largest charge of one call: no smaller limit ever holds it. */
  long largest() {
    long most = 1;
    for (int i = 0; i < calls.size(); i++) {
      most = Math.max(most, charge(i));
    }
    return most;
  }

  /** Whether 19 of 20 calls wait no longer than that under so many units a minute. */
  boolean p95Within(long amount, long targetNanos) {
    return switch (window) {
      case BUCKET -> bucket(amount, targetNanos);
      case FIXED -> fixed(amount, targetNanos);
      case SLIDING -> sliding(amount, targetNanos);
    };
  }

  private long charge(int call) {
    return ReplayLimits.charge(limit, calls, call);
  }

  private boolean few(long beyond) {
    return beyond * 20 <= calls.size();
  }

  private boolean bucket(long amount, long target) {
    double perNano = amount / (double) ReplayLimits.MINUTE_NANOS;
    double level = amount;
    long at = 0;
    long beyond = 0;
    for (int i = 0; i < calls.size() && few(beyond); i++) {
      long arrival = calls.nanos(i);
      long now = Math.max(at, arrival);
      level = Math.min(amount, level + (now - at) * perNano);
      long charge = charge(i);
      at = now;
      if (level < charge) {
        at += (long) Math.ceil((charge - level) / perNano);
        level = 0;
      } else {
        level -= charge;
      }
      beyond += at - arrival > target ? 1 : 0;
    }
    return few(beyond);
  }

  private boolean fixed(long amount, long target) {
    long at = 0;
    long windowEnds = ReplayLimits.MINUTE_NANOS;
    long used = 0;
    long beyond = 0;
    for (int i = 0; i < calls.size() && few(beyond); i++) {
      long arrival = calls.nanos(i);
      at = Math.max(at, arrival);
      long charge = charge(i);
      if (at >= windowEnds) {
        windowEnds = (at / ReplayLimits.MINUTE_NANOS + 1) * ReplayLimits.MINUTE_NANOS;
        used = 0;
      }
      if (used + charge > amount) {
        at = windowEnds;
        windowEnds += ReplayLimits.MINUTE_NANOS;
        used = 0;
      }
      used += charge;
      beyond += at - arrival > target ? 1 : 0;
    }
    return few(beyond);
  }

  private boolean sliding(long amount, long target) {
    long at = 0;
    long used = 0;
    int oldest = 0;
    long beyond = 0;
    for (int i = 0; i < calls.size() && few(beyond); i++) {
      long arrival = calls.nanos(i);
      at = Math.max(at, arrival);
      long charge = charge(i);
      while (oldest < i
          && (left[oldest] + ReplayLimits.MINUTE_NANOS <= at || used + charge > amount)) {
        at = Math.max(at, left[oldest] + ReplayLimits.MINUTE_NANOS);
        used -= charge(oldest);
        oldest++;
      }
      left[i] = at;
      used += charge;
      beyond += at - arrival > target ? 1 : 0;
    }
    return few(beyond);
  }
}
