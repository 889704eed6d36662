package dev.paceline.call;

import dev.paceline.words.Scope;
import java.util.Collection;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of the scopes in use. At most so many as is configured; beyond that one that was used
 * long ago makes room: the oldest of a few (sampling, as Redis does for its LRU), so that a new
 * scope costs the same however many there are.
 *
 * <p>A lane in which calls wait or are on the way, that is closed, or that others have joined is
 * not taken: its next call would find an open gate, and the kill switch would not find its waiters.
 * Only when there are twice as many lanes as configured may a closed one go.
 */
final class AdmissionQueues implements AdmissionQueue.Home {
  /** Lanes that are looked at for each new one; the oldest of them that may go goes. */
  private static final int SAMPLE = 16;

  /** Where nobody ever asks who holds calls, evicted lanes would stay in the queue. */
  private static final int SWEEP = 1_000;

  private final Policies policies;
  private final Clock clock;
  private final Function<Scope, AdmissionQueue> make;
  private final Consumer<AdmissionQueue> onEvicted;
  private final ConcurrentHashMap<Scope, AdmissionQueue> lanes = new ConcurrentHashMap<>();

  /**
   * Lanes in which something has happened since they were found not to hold anybody, each once. A
   * queue and no set: an emptied hash table of 10,000 lanes still takes 100 µs to walk.
   */
  private final Queue<AdmissionQueue> mayHold = new ConcurrentLinkedQueue<>();

  /** Evicted lanes that may still be in the queue. */
  private int evictedSinceSwept;

  private final ReentrantLock evicting = new ReentrantLock();
  private @Nullable Iterator<AdmissionQueue> hand;

  /**
   * @param make a lane for a scope that has none
   * @param onEvicted told of each lane that has made room
   */
  AdmissionQueues(
      Policies policies,
      Clock clock,
      Function<Scope, AdmissionQueue> make,
      Consumer<AdmissionQueue> onEvicted) {
    this.policies = policies;
    this.clock = clock;
    this.make = make;
    this.onEvicted = onEvicted;
  }

  AdmissionQueue of(Scope scope) {
    AdmissionQueue lane = lanes.get(scope);
    if (lane != null) {
      return lane;
    }
    lane = lanes.computeIfAbsent(scope, make);
    if (lanes.mappingCount() > policies.scopesMax()) {
      makeRoom(lane);
    }
    return lane;
  }

  Collection<AdmissionQueue> all() {
    return lanes.values();
  }

  @Override
  public AdmissionQueue current(AdmissionQueue evicted) {
    AdmissionQueue other = lanes.putIfAbsent(evicted.scope, evicted);
    return other == null ? evicted : other;
  }

  @Override
  public void mayHold(AdmissionQueue lane) {
    mayHold.add(lane);
  }

  /** Whether any lane holds calls back now. Looks only at lanes in which something has happened. */
  boolean holding() {
    AdmissionQueue lane = mayHold.poll();
    while (lane != null) {
      // In this order: what happens in the meantime is either seen by holds() or noted anew.
      lane.noted();
      if (lane.holds()) {
        lane.note();
        return true;
      }
      lane = mayHold.poll();
    }
    return false;
  }

  private void makeRoom(AdmissionQueue newest) {
    if (!evicting.tryLock()) {
      return; // another one is at it
    }
    try {
      // Two for one: what others could not evict in the meantime is made up for.
      for (int i = 0; i < 2 && lanes.mappingCount() > policies.scopesMax(); i++) {
        evictOne(newest);
      }
    } finally {
      evicting.unlock();
    }
  }

  private void evictOne(AdmissionQueue newest) {
    long now = clock.nanos();
    boolean tooMany = lanes.mappingCount() > 2L * policies.scopesMax();
    AdmissionQueue oldest = null;
    Iterator<AdmissionQueue> lane = hand;
    for (int i = 0; i < SAMPLE; i++) {
      if (lane == null || !lane.hasNext()) {
        lane = lanes.values().iterator();
        if (!lane.hasNext()) {
          break;
        }
      }
      AdmissionQueue next = lane.next();
      if (next != newest
          && (oldest == null || next.lastUse() - oldest.lastUse() < 0)
          && next.mayGo(now, tooMany)) {
        oldest = next;
      }
    }
    hand = lane;
    if (oldest != null && oldest.retire(now, tooMany)) {
      lanes.remove(oldest.scope, oldest);
      onEvicted.accept(oldest);
      if (++evictedSinceSwept > SWEEP) {
        evictedSinceSwept = 0;
        mayHold.removeIf(AdmissionQueue::evicted);
      }
    }
  }
}
