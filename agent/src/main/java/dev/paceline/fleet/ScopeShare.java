package dev.paceline.fleet;

import dev.paceline.limit.FleetShare;
import dev.paceline.words.Limit;

/** Our parts of one scope's limits, for its limiter; published by the exchange's thread. */
final class ScopeShare implements FleetShare {
  /** Typed limits hold calls for an exchange that has not come back, but never for longer. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  /** Two windows: so long a frozen part grows to the whole, while headers tell of the others. */
  private static final long BLEND_NANOS = 120_000_000_000L;

  /**
   * What is known.
   *
   * @param shares by {@link Resource}, from 0 to 1
   * @param held whether a share was ever held
   * @param failing whether Redis does not answer, or is of no use
   * @param leaseEnds by then what is known is too old
   * @param frozenUntil so long announced limits are shared as known when Redis does not answer
   */
  private record Known(
      double[] shares,
      int members,
      boolean held,
      boolean failing,
      long leaseEnds,
      long frozenUntil) {}

  private volatile Known known;
  private volatile long askedSince = Long.MIN_VALUE;

  ScopeShare(long now) {
    known = new Known(new double[Resource.COUNT], 1, false, false, now, now);
  }

  void publish(ShareProtocol member, boolean failing, long now, long frozenUntil) {
    double[] shares = new double[Resource.COUNT];
    for (Resource resource : Resource.values()) {
      shares[resource.ordinal()] = member.share(resource);
    }
    // A table that is of no use is none: as without other processes.
    boolean useless = member.useless(now);
    boolean held = member.everHeld() && !useless;
    known =
        new Known(
            shares,
            useless ? 1 : member.members(),
            held,
            failing || useless,
            held ? member.leaseEnds() : now,
            frozenUntil);
    askedSince = Long.MIN_VALUE;
  }

  @Override
  public double announced(Limit limit, long now) {
    Resource resource = Resource.of(limit);
    Known at = known;
    if (resource == null || at.members < 2) {
      return -1;
    }
    double share = at.shares[resource.ordinal()];
    if (now - at.leaseEnds < 0) {
      return share;
    }
    long passed = now - at.frozenUntil;
    if (!at.failing || passed >= BLEND_NANOS) {
      return -1;
    }
    // Who wanted little when Redis went may want more by now: half an equal part at least.
    double frozen = Math.max(share, 0.5 / at.members);
    return passed <= 0 ? frozen : frozen + (1 - frozen) * passed / BLEND_NANOS;
  }

  @Override
  public boolean loosening(long now) {
    Known at = known;
    return at.failing && now - at.leaseEnds >= 0 && now - at.frozenUntil > 0;
  }

  @Override
  public double typed(Limit limit, long now) {
    Resource resource = Resource.of(limit);
    if (resource == null || limit == Limit.RPD || limit == Limit.TPD) {
      return 1;
    }
    Known at = known;
    double share = at.shares[resource.ordinal()];
    if (now - at.leaseEnds < 0) {
      return share;
    }
    if (!at.failing) {
      // Others may have taken it: the next exchange tells within milliseconds.
      long since = askedSince;
      if (since == Long.MIN_VALUE) {
        askedSince = now;
        since = now;
      }
      if (now - since < PATIENCE_NANOS) {
        return 0;
      }
    }
    return at.held ? share : 1;
  }
}
