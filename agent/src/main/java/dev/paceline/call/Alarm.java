package dev.paceline.call;

import org.jspecify.annotations.Nullable;

/**
 * The one alarm of a queue, at the next instant at which anything can change in it. Not
 * thread-safe; its owner holds a lock.
 */
final class Alarm {
  /**
   * Where somebody else takes what comes back as fast as it does, the instant at which there will
   * be room moves on in steps of nanoseconds: after so many alarms for nothing none rings sooner
   * than {@link #SHORTEST}.
   */
  private static final int MOST_IN_VAIN = 100;

  private static final long SHORTEST = 50_000;

  /** An alarm so late is not waited for: the timer's thread is held up by somebody. */
  static final long OVERDUE = 1_000_000_000L;

  private final Timer timer;
  private final Runnable ring;
  private @Nullable Runnable cancel;
  private long at;
  private int inVain;

  /**
   * @param ring runs on the timer's thread
   */
  Alarm(Timer timer, Runnable ring) {
    this.timer = timer;
    this.ring = ring;
  }

  /** Sets it to this instant, unless it rings earlier. Throws when the timer does. */
  void set(long now, long next) {
    if (cancel != null) {
      if (at - next <= 0 && at - now > 0) {
        return; // it rings earlier, and then looks again
      }
      clear();
    }
    at = inVain > MOST_IN_VAIN ? Math.max(next, now + SHORTEST) : next;
    cancel = timer.at(at, ring);
  }

  void clear() {
    Runnable set = cancel;
    cancel = null;
    if (set != null) {
      set.run();
    }
  }

  /** It rings; for nothing, as far as is known yet. */
  void rang() {
    cancel = null;
    inVain++;
  }

  /** A call has left. */
  void useful() {
    inVain = 0;
  }

  boolean overdue(long now) {
    return cancel != null && now - at > OVERDUE;
  }
}
