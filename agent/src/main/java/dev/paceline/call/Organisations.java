package dev.paceline.call;

import dev.paceline.provider.scope.Scopes;
import dev.paceline.words.Headers;
import dev.paceline.words.Scope;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Joins scopes whose answers name the same organisation: two keys of one organisation draw on one
 * limit, and only the answers tell. The first lane of an organisation is the one that others join;
 * it never joins another, so that a chain or a circle cannot come about.
 *
 * <p>An answer is believed at once, and so is one that contradicts it: a scope that names two
 * organisations (a gateway that spreads calls over several) stands alone from then on.
 */
final class Organisations {
  /** Scopes that were told different limits do not try again sooner. */
  private static final long APART = 60_000_000_000L;

  /** What a lane is known to belong to. Guarded by {@link #lock} for writing. */
  static final class Membership {
    private volatile @Nullable String organisation;
    private volatile boolean disputed;
    private volatile boolean settled;
    private long notBefore;
    private boolean everApart;
  }

  private final Clock clock;
  private final ConcurrentHashMap<Scope, AdmissionQueue> firsts = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  Organisations(Clock clock) {
    this.clock = clock;
  }

  /** An answer to a call of this lane's scope, after the lane has learned from it. */
  void seen(AdmissionQueue lane, Headers headers) {
    Membership member = lane.membership;
    if (member.disputed) {
      return;
    }
    String organisation = Scopes.organisation(lane.scope.provider(), headers);
    if (organisation == null) {
      return;
    }
    if (member.settled && organisation.equals(member.organisation)) {
      AdmissionQueue first = lane.into();
      if (first == null || lane.toldTheSame(first)) {
        return;
      }
    }
    lock.lock();
    try {
      decide(lane, member, organisation);
    } finally {
      lock.unlock();
    }
  }

  private void decide(AdmissionQueue lane, Membership member, String organisation) {
    String known = member.organisation;
    if (known != null && !known.equals(organisation)) {
      dispute(lane, member, known);
      return;
    }
    member.organisation = organisation;
    AdmissionQueue into = lane.into();
    if (into != null) {
      if (!lane.toldTheSame(into)) {
        // One organisation, but limits of their own: projects and workspaces may have them.
        part(lane, member);
      }
      return;
    }
    AdmissionQueue first = firsts.putIfAbsent(key(lane, organisation), lane);
    if (first == null || first == lane) {
      member.settled = true;
    } else if (lane.toldTheSame(first)
        && !(member.everApart && clock.nanos() - member.notBefore < 0)) {
      lane.join(first);
      member.settled = lane.into() == first; // not if the first was evicted in this instant
    }
  }

  private void part(AdmissionQueue lane, Membership member) {
    lane.part();
    member.settled = false;
    member.everApart = true;
    member.notBefore = clock.nanos() + APART;
  }

  private void dispute(AdmissionQueue lane, Membership member, String known) {
    member.disputed = true;
    lane.part();
    if (firsts.remove(key(lane, known), lane)) {
      for (AdmissionQueue other : lane.joiners()) {
        other.part();
        other.membership.settled = false;
      }
    }
  }

  /** The next of its organisation's lanes becomes the first; nobody has joined this one. */
  void evicted(AdmissionQueue lane) {
    String organisation = lane.membership.organisation;
    if (organisation != null) {
      firsts.remove(key(lane, organisation), lane);
    }
  }

  private static Scope key(AdmissionQueue lane, String organisation) {
    return new Scope(lane.scope.provider(), organisation, lane.scope.model());
  }
}
