package dev.paceline.call;

import dev.paceline.provider.scope.Scopes;
import dev.paceline.words.Headers;
import dev.paceline.words.Scope;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Joins scopes whose answers name the same organisation: two keys of one organisation draw on one
 * limit, and only the answers tell. The first scope of an organisation is the one that others join;
 * it never joins another, so that a chain or a circle cannot come about.
 *
 * <p>An answer is believed at once, and so is one that contradicts it: a scope that names two
 * organisations (a gateway that spreads calls over several) stands alone from then on.
 */
final class Organisations {
  /** Scopes that were told different limits do not try again sooner. */
  private static final long APART = 60_000_000_000L;

  /** What a handle is known to belong to. Guarded by {@link #lock} for writing. */
  static final class Membership {
    private volatile @Nullable String organisation;
    private volatile boolean disputed;
    private volatile boolean settled;
    private long notBefore;
    private boolean everApart;

    /** The organisation that answers have named, empty for none or more than one. */
    String organisation() {
      String known = organisation;
      return known == null || disputed ? "" : known;
    }
  }

  private final Clock clock;
  private final ConcurrentHashMap<Scope, ScopeHandle> firsts = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  Organisations(Clock clock) {
    this.clock = clock;
  }

  /** An answer to a call of this scope, after the handle has learned from it. */
  void seen(ScopeHandle handle, Headers headers) {
    Membership member = handle.membership;
    if (member.disputed) {
      return;
    }
    String provider = handle.scope.provider();
    String known = member.organisation;
    if (member.settled && known != null && Scopes.isOrganisation(known, provider, headers)) {
      ScopeHandle first = handle.joinedTo();
      if (first == null || handle.toldTheSame(first)) {
        return;
      }
    }
    String organisation = Scopes.organisation(provider, headers);
    if (organisation == null) {
      return;
    }
    lock.lock();
    try {
      decide(handle, member, organisation);
    } finally {
      lock.unlock();
    }
  }

  private void decide(ScopeHandle handle, Membership member, String organisation) {
    String known = member.organisation;
    if (known != null && !known.equals(organisation)) {
      dispute(handle, member, known);
      return;
    }
    member.organisation = organisation;
    ScopeHandle joined = handle.joinedTo();
    if (joined != null) {
      if (!handle.toldTheSame(joined)) {
        // One organisation, but limits of their own: projects and workspaces may have them.
        part(handle, member);
      }
      return;
    }
    ScopeHandle first = firsts.putIfAbsent(key(handle, organisation), handle);
    if (first == null || first == handle) {
      member.settled = true;
    } else if (handle.toldTheSame(first)
        && !(member.everApart && clock.nanos() - member.notBefore < 0)) {
      handle.join(first);
      member.settled = handle.joinedTo() == first; // not if the first was evicted in this instant
    }
  }

  private void part(ScopeHandle handle, Membership member) {
    handle.part();
    member.settled = false;
    member.everApart = true;
    member.notBefore = clock.nanos() + APART;
  }

  private void dispute(ScopeHandle handle, Membership member, String known) {
    member.disputed = true;
    handle.part();
    if (firsts.remove(key(handle, known), handle)) {
      for (ScopeHandle other : handle.joiners()) {
        other.part();
        other.membership.settled = false;
      }
    }
  }

  /** The next of its organisation's scopes becomes the first; nobody has joined this one. */
  void evicted(ScopeHandle handle) {
    String organisation = handle.membership.organisation;
    if (organisation != null) {
      firsts.remove(key(handle, organisation), handle);
    }
  }

  private static Scope key(ScopeHandle handle, String organisation) {
    return new Scope(handle.scope.provider(), organisation, handle.scope.model());
  }
}
