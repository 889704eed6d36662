package dev.paceline.call;

import dev.paceline.words.Client;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines that callers have and no client sees: Spring's read timeout cancels a future, so do
 * time limiters and {@code Future.get} with a timeout. Learned, for the callers of one scope
 * through one client, from calls that are cancelled at about the same age; forgotten when calls
 * live longer than that, or when nothing has confirmed it for a while. Time is an argument.
 */
final class CallerDeadlines {
  /** Nothing is known. */
  static final long NONE = Long.MAX_VALUE;

  /** So many of the newest cancelled calls are looked at; the first few timeouts teach enough. */
  static final int LOOKED_AT = 8;

  /** … of which so many must be of about the same age. */
  private static final int AGREE = 6;

  /**
   * About the same: a timer of a busy JVM is late by some ten milliseconds, a person's clicks
   * differ by seconds.
   */
  private static final double BAND = 0.05;

  private static final long LEAST_BAND = 250_000_000L;

  /**
   * Calls that began together and are cancelled together may be one person's click, whatever their
   * number: so many of a moment count. Unless their ages differ far less than their beginnings: a
   * click ends all at one instant, and their ages differ as their beginnings do.
   */
  private static final int OF_A_MOMENT = 4;

  /** … so much less, and by more than timers and schedulers add to either. */
  private static final int CLOSER = 3;

  private static final long JITTER = 20_000_000L;

  /** Hedged calls are cancelled sooner, when the other one has its answer. */
  private static final long LEAST_AGE = 500_000_000L;

  /** So many calls that lived longer, with no cancelled one between them, prove it wrong. */
  private static final int CONTRADICTED = 3;

  /** Once in this time a call may wait as if nothing were known, to find out whether it holds. */
  private static final long PROBE = 60_000_000_000L;

  /** Not confirmed for so long, it is forgotten. */
  private static final long FORGET = 900_000_000_000L;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Track[] tracks = new Track[Client.values().length];

  /** A call was cancelled before its answer began; a timeout that it carries needs no learning. */
  void cancelled(CallContext call, long now) {
    long age = now - call.began;
    if (call.deadline == RequestInfo.NO_DEADLINE || call.deadline - now > age / 10) {
      cancelled(call.info.client(), now, age);
    }
  }

  /** A call of this age was cancelled. */
  void cancelled(Client client, long now, long age) {
    if (age < LEAST_AGE) {
      return;
    }
    lock.lock();
    try {
      Track track = tracks[client.ordinal()];
      if (track == null) {
        track = new Track();
        tracks[client.ordinal()] = track;
      }
      track.cancelled(now, age);
    } finally {
      lock.unlock();
    }
  }

  /** A call was answered, or failed, at this age: its caller was still there. */
  void ended(Client client, long age) {
    Track track = tracks[client.ordinal()];
    if (track == null || track.deadline == NONE) {
      return;
    }
    lock.lock();
    try {
      track.outlived(age);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The age at which calls through this client are cancelled, in nanoseconds; {@link #NONE} when
   * nothing is known, and now and then for a call that is to find out.
   */
  long of(Client client, long now) {
    Track track = tracks[client.ordinal()];
    if (track == null || track.deadline == NONE) {
      return NONE;
    }
    lock.lock();
    try {
      return track.forCall(now);
    } finally {
      lock.unlock();
    }
  }

  /** The shortest that is known, for people to read; {@link #NONE} when none is. */
  long shortest() {
    long shortest = NONE;
    for (Track track : tracks) {
      shortest = track == null ? shortest : Math.min(shortest, track.deadline);
    }
    return shortest;
  }

  /** What is known of one client's callers. Written under the lock. */
  private static final class Track {
    private final long[] ages = new long[LOOKED_AT];
    private int seen;
    private int ofTheMoment;
    private long firstBegan;
    private long lastBegan;
    private long youngest;
    private long oldest;
    private volatile long deadline = NONE;
    private int outlived;
    private long confirmedAt;
    private long probedAt;

    void cancelled(long now, long age) {
      if (ofTheMoment(now - age, age) > OF_A_MOMENT && !eachAtItsOwnTime()) {
        return;
      }
      ages[seen++ % LOOKED_AT] = age;
      if (seen >= 2 * LOOKED_AT) {
        seen -= LOOKED_AT; // never overflows, stays full
      }
      if (seen < LOOKED_AT) {
        return;
      }
      long[] sorted = ages.clone();
      Arrays.sort(sorted);
      long median = sorted[LOOKED_AT / 2];
      long band = Math.max(LEAST_BAND, (long) (median * BAND));
      long agree = Arrays.stream(sorted).filter(a -> Math.abs(a - median) <= band).count();
      if (agree >= AGREE) {
        if (deadline == NONE) {
          probedAt = now;
        }
        deadline = median;
        confirmedAt = now;
        outlived = 0;
      }
    }

    /** How many of the newest cancelled calls began together, this one included. */
    private int ofTheMoment(long began, long age) {
      if (ofTheMoment == 0 || Math.abs(began - firstBegan) > LEAST_BAND) {
        ofTheMoment = 0;
        firstBegan = began;
        lastBegan = began;
        youngest = age;
        oldest = age;
      }
      firstBegan = Math.min(firstBegan, began);
      lastBegan = Math.max(lastBegan, began);
      youngest = Math.min(youngest, age);
      oldest = Math.max(oldest, age);
      return ++ofTheMoment;
    }

    private boolean eachAtItsOwnTime() {
      return lastBegan - firstBegan > CLOSER * (oldest - youngest) + JITTER;
    }

    void outlived(long age) {
      if (age > deadline + Math.max(LEAST_BAND, (long) (deadline * BAND))
          && ++outlived >= CONTRADICTED) {
        forget();
      }
    }

    long forCall(long now) {
      if (now - confirmedAt > FORGET) {
        forget();
      } else if (now - probedAt >= PROBE) {
        probedAt = now;
        return NONE;
      }
      return deadline;
    }

    private void forget() {
      deadline = NONE;
      seen = 0;
      outlived = 0;
    }
  }
}
