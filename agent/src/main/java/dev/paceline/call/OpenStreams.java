package dev.paceline.call;

import dev.paceline.limit.Permit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The places in flight of streams that are being read, so that one which nobody reads or closes
 * does not hold its place for ever.
 *
 * <p>A place is taken back when no byte has passed for {@link #MOST_SILENCE}; the stream itself is
 * not touched. By time and not by a phantom reference: the JDK's client holds on to an unread body
 * as long as its connection lives, and garbage is collected when the heap is full, not when a call
 * waits. And without a timer: places are looked over when a call begins, since only calls can miss
 * them. What is kept here holds nothing of the application.
 */
final class OpenStreams {
  /** The time-out of the providers' own SDKs: a reader would have given up by then. */
  static final long MOST_SILENCE = 600_000_000_000L;

  private static final long BETWEEN_SWEEPS = 60_000_000_000L;

  private final Set<Place> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong nextSweep;

  OpenStreams(long now) {
    nextSweep = new AtomicLong(now + BETWEEN_SWEEPS);
  }

  /** A stream begins. */
  Place opened(ScopeHandle queue, Permit permit, long now) {
    Place place = new Place(queue, permit, now);
    open.add(place);
    return place;
  }

  /** Takes back the places of streams that have been silent for too long. */
  void sweep(long now) {
    long due = nextSweep.get();
    if (now - due < 0 || !nextSweep.compareAndSet(due, now + BETWEEN_SWEEPS)) {
      return;
    }
    for (Place place : open) {
      if (now - place.seen > MOST_SILENCE) {
        place.leave();
      }
    }
  }

  int count() {
    return open.size();
  }

  /** One stream's place. */
  final class Place {
    private final ScopeHandle queue;
    private final Permit permit;
    private volatile long seen;

    private Place(ScopeHandle queue, Permit permit, long now) {
      this.queue = queue;
      this.permit = permit;
      this.seen = now;
    }

    /** A byte has passed. */
    void seen(long now) {
      seen = now;
    }

    /** Gives the place to others; idempotent. */
    void leave() {
      if (open.remove(this)) {
        queue.ended(permit);
      }
    }
  }
}
