package dev.paceline.call;

import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.words.Scope;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The handles of the scopes in use. At most so many as is configured; beyond that one that was used
 * long ago makes room: the oldest of a few (sampling, as Redis does for its LRU), so that a new
 * scope costs the same however many there are.
 *
 * <p>A handle in which calls wait or are on the way, that is closed, or that others have joined is
 * not taken: its next call would find an open gate, and the kill switch would not find its waiters.
 * Only when there are twice as many handles as configured may a closed one go.
 */
final class AdmissionQueues implements HandleHome {
  /** Handles that are looked at for each new one; the oldest of them that may go goes. */
  private static final int SAMPLE = 16;

  /** Where nobody ever asks who holds calls, evicted handles would stay in the queue. */
  private static final int SWEEP = 1_000;

  private final Policies policies;
  private final Clock clock;
  private final Function<Scope, ScopeHandle> make;
  private final Consumer<ScopeHandle> onEvicted;
  private final ConcurrentHashMap<Scope, ScopeHandle> handles = new ConcurrentHashMap<>();

  /**
   * Handles of scopes in which something has happened since they were found not to hold anybody,
   * each once. A queue and no set: an emptied hash table of 10,000 handles still takes 100 µs to
   * walk.
   */
  private final Queue<ScopeHandle> mayHold = new ConcurrentLinkedQueue<>();

  /** Evicted handles that may still be in the queue. */
  private int evictedSinceSwept;

  private final ReentrantLock evicting = new ReentrantLock();
  private @Nullable Iterator<ScopeHandle> hand;

  /**
   * @param make a handle for a scope that has none
   * @param onEvicted told of each handle that has made room
   */
  AdmissionQueues(
      Policies policies,
      Clock clock,
      Function<Scope, ScopeHandle> make,
      Consumer<ScopeHandle> onEvicted) {
    this.policies = policies;
    this.clock = clock;
    this.make = make;
    this.onEvicted = onEvicted;
  }

  ScopeHandle of(Scope scope) {
    ScopeHandle handle = handles.get(scope);
    if (handle != null) {
      return handle;
    }
    handle = handles.computeIfAbsent(scope, make);
    if (handles.mappingCount() > policies.scopesMax()) {
      makeRoom(handle);
    }
    return handle;
  }

  Collection<ScopeHandle> all() {
    return handles.values();
  }

  /** Those whose calls go nowhere else. */
  List<ScopeHandle> unjoined() {
    return handles.values().stream().filter(handle -> handle.joinedTo() == null).toList();
  }

  /** What this run has learned, of every scope that has learned anything. */
  Map<Scope, LimiterSnapshot> learned(Consumer<Throwable> onFault) {
    Map<Scope, LimiterSnapshot> learned = new LinkedHashMap<>();
    for (ScopeHandle handle : unjoined()) {
      try {
        LimiterSnapshot snapshot = handle.snapshot();
        if (!snapshot.isEmpty()) {
          learned.put(handle.scope, snapshot);
        }
      } catch (Throwable t) { // one scope must not lose the others
        onFault.accept(t);
      }
    }
    return learned;
  }

  @Override
  public ScopeHandle current(ScopeHandle evicted) {
    ScopeHandle other = handles.putIfAbsent(evicted.scope, evicted);
    return other == null ? evicted : other;
  }

  @Override
  public void mayHold(ScopeHandle handle) {
    mayHold.add(handle);
  }

  /**
   * Whether any handle holds calls back now. Looks only at handles in which something has happened.
   */
  boolean holding() {
    ScopeHandle handle = mayHold.poll();
    while (handle != null) {
      // In this order: what happens in the meantime is either seen by holds() or noted anew.
      handle.noted();
      if (handle.holds()) {
        handle.note();
        return true;
      }
      handle = mayHold.poll();
    }
    return false;
  }

  private void makeRoom(ScopeHandle newest) {
    if (!evicting.tryLock()) {
      return; // another one is at it
    }
    try {
      // Two for one: what others could not evict in the meantime is made up for.
      for (int i = 0; i < 2 && handles.mappingCount() > policies.scopesMax(); i++) {
        evictOne(newest);
      }
    } finally {
      evicting.unlock();
    }
  }

  private void evictOne(ScopeHandle newest) {
    long now = clock.nanos();
    boolean tooMany = handles.mappingCount() > 2L * policies.scopesMax();
    ScopeHandle oldest = null;
    Iterator<ScopeHandle> handle = hand;
    for (int i = 0; i < SAMPLE; i++) {
      if (handle == null || !handle.hasNext()) {
        handle = handles.values().iterator();
        if (!handle.hasNext()) {
          break;
        }
      }
      ScopeHandle next = handle.next();
      if (next != newest
          && (oldest == null || next.own().lastUse() - oldest.own().lastUse() < 0)
          && next.mayGo(now, tooMany)) {
        oldest = next;
      }
    }
    hand = handle;
    if (oldest != null && oldest.retire(now, tooMany)) {
      handles.remove(oldest.scope, oldest);
      onEvicted.accept(oldest);
      if (++evictedSinceSwept > SWEEP) {
        evictedSinceSwept = 0;
        mayHold.removeIf(ScopeHandle::evicted);
      }
    }
  }
}
