package dev.paceline.limit;

/**
 * The rate of a limit that no header shows. Nothing before the first limit answer. Then what was
 * admitted until it (a bucket of a minute is assumed), and from there on CUBIC's curve: quickly
 * back to where it was cut, long there, then more and more. A further limit answer costs a tenth,
 * unless what was admitted in the minute before it is a measure of the rate: then that is the rate,
 * to which the curve comes back. An answer's message may tell what a minute grants: then no more is
 * tried than that.
 */
final class UnannouncedRateLimit {

  /** Fraction of the top rate at which the cubic curve begins below it (CUBIC, RFC 9438). */
  private static final double CURVE_DEPTH = 0.15;

  /** Factor on the rate at a limit answer that measures nothing (CUBIC's beta). */
  private static final double BETA = 0.9;

  /**
   * Seconds until the curve is back where it was cut: 20 double the 429s, 60 find a raised limit
   * late.
   */
  private static final double PLATEAU_SECONDS = 40;

  /**
   * Seconds until it is back at a rate that was measured; a tenth at each limit answer met 2.5
   * times the 429s for the same goodput.
   */
  private static final double MEASURED_PLATEAU_SECONDS = 60;

  /** Fraction of them that is skipped, so that it begins 3 % below. */
  private static final double SKIPPED = 0.4;

  /** Likewise where a window's end was told: it begins .4 % below. */
  private static final double SKIPPED_OF_WINDOW = 0.7;

  /** Fewer requests in a minute tell nothing of a rate. */
  private static final int MIN_ADMITTED = 5;

  /**
   * Nanoseconds: a shorter hint is what a single place takes to come back, rounded up to seconds.
   */
  private static final long MIN_WINDOW_HINT = 3 * Exact.SECOND;

  /** Fraction of the rate: who has used more within a minute was held back by nothing else. */
  private static final double SATURATED_FRACTION = 0.8;

  /**
   * Requests a second: one 429 in a quiet minute does not mean that the limit is what was used in
   * it.
   */
  private static final double MIN_RATE = 1 / 3.0;

  /** Nanoseconds for which the first estimate is a guess: nobody is sent away because of one. */
  private static final long GUESS_FOR = 10 * Exact.SECOND;

  /** Nanoseconds after which a limit may grant more than an answer's message said. */
  private static final long TOLD_FOR = 600 * Exact.SECOND;

  /** Multiple of its even rate at which a window is used when it has begun. */
  private static final double WINDOW_MULTIPLIER = 2;

  private final Gcra gcra;
  private final UnannouncedWindow window = new UnannouncedWindow();
  private boolean active;

  /** Requests a second that an answer's message told of; 0 when none did. */
  private double told;

  private long toldAt;
  private double top;
  private long cutAt;
  private long guessedAt;

  /** Whether what a minute grants was measured, or told, and is no guess. */
  private boolean found;

  private double skipped;

  /** The first estimate is a guess while answers of the same flight are still out. */
  private boolean guess;

  private long admitted;
  private long elapsed;

  UnannouncedRateLimit(long now) {
    gcra = new Gcra(now);
  }

  boolean active() {
    return active;
  }

  /**
   * A limit answer, once a flight.
   *
   * @param admittedLately requests admitted within the last minute, as far as is known
   * @param sinceFirst time since the first of all requests
   * @param minute requests that a minute grants, as the answer says; 0 when it does not say
   * @param hint how long the answer says to wait, in nanoseconds; 0 when it does not say
   * @param inWindow requests admitted since the minute began that ends with the hint
   */
  void limited(
      long now, long admittedLately, long sinceFirst, long minute, long hint, long inWindow) {
    if (minute > 0) {
      // A full bucket and its refill are two minutes' worth. More than that was admitted: the
      // figure is of another window, and would slow down for nothing.
      told = admittedLately <= 2 * minute + 2 ? minute / 60.0 : 0;
      toldAt = now;
    }
    // A wait for one place would be short: this is the end of a window, and all of it was used.
    boolean windowed =
        inWindow >= MIN_ADMITTED
            && hint > Math.max(MIN_WINDOW_HINT, 3 * Exact.MINUTE / inWindow)
            && hint <= Exact.MINUTE + Exact.MINUTE / 20;
    double measured = (windowed ? inWindow : admittedLately) / 60.0;
    if (!active && !windowed && admittedLately < MIN_ADMITTED) {
      return; // so few tell nothing: slow start goes on
    }
    double last = active ? rate(now) : 0;
    cutAt = now;
    if (!active) {
      active = true;
      guess = true;
      guessedAt = now;
      admitted = windowed ? inWindow : admittedLately;
      elapsed = windowed ? Exact.MINUTE : sinceFirst;
      found = windowed;
      estimate();
      gcra.reset(now);
    } else {
      found =
          windowed
              || (sinceFirst >= Exact.MINUTE
                  && measured <= last
                  && measured >= SATURATED_FRACTION * last);
      guess = false;
      if (found) {
        top = Math.max(measured, last / 2);
      } else {
        top = Math.max(last * BETA, 0.01) / (1 - CURVE_DEPTH);
      }
    }
    if (windowed) {
      window.told(now + hint, inWindow);
    } else {
      window.limited(now, now + hint);
    }
    if (found) {
      skipped = windowed ? SKIPPED_OF_WINDOW : SKIPPED;
      cutAt =
          (windowed ? now + hint : now)
              - (long) (skipped * MEASURED_PLATEAU_SECONDS * Exact.SECOND);
    }
    if (guess && admitted >= 0.8 * 60 * told && told > 0) {
      // It was we who used the minute up: nobody shares it, so all of it is ours.
      found(now, told);
    }
  }

  /**
   * A further 429 of the flight on which the first estimate rests: its request was not admitted, as
   * its silence had made believe. Of fifty that a server held for a second and then refused none
   * was, and a rate of fifty a minute held the last of them for a minute. No simulated provider
   * holds what it refuses, so no scenario shows it: {@code HerdIT} does.
   *
   * @return whether so few are left that nothing is known of the rate any more
   */
  boolean alsoLimited(long now) {
    if (!active || !guess || now - guessedAt >= GUESS_FOR) {
      return false;
    }
    admitted--;
    if (admitted < MIN_ADMITTED) {
      active = false;
      return true;
    }
    estimate();
    gcra.reset(now);
    return false;
  }

  private void estimate() {
    double seconds = elapsed / (double) Exact.SECOND;
    double rate = seconds < 60 ? admitted / (60 + seconds) : admitted / 60.0;
    // One 429 in a quiet minute does not mean that the limit is what was used in it.
    double first = Math.max(MIN_RATE, rate);
    top = found ? first : first / (1 - CURVE_DEPTH);
  }

  /** Whether the rate is more than a guess: nobody is sent away because of one. */
  boolean sure(long now) {
    return active && !(guess && now - guessedAt < GUESS_FOR);
  }

  /** Requests a second. */
  double rate(long now) {
    if (told > 0 && now - toldAt > TOLD_FOR) {
      // The limit may have been raised.
      found(now, told);
      told = 0;
    }
    double rate = curve(now);
    return told > 0 ? Math.min(told, rate) : rate;
  }

  /** This is the rate, and it is some time until more is tried. */
  private void found(long now, double rate) {
    top = rate;
    cutAt = now - (long) (MEASURED_PLATEAU_SECONDS * Exact.SECOND);
    found = true;
    guess = false;
  }

  private double curve(long now) {
    double t = (now - cutAt) / (double) Exact.SECOND;
    double x =
        found ? Math.max(skipped, t / MEASURED_PLATEAU_SECONDS) - 1 : t / PLATEAU_SECONDS - 1;
    return Math.min(top * (1 + CURVE_DEPTH * x * x * x), 1e6);
  }

  long earliest(long now) {
    // Half a request ahead: a rate, not a burst.
    long at = gcra.earliest(now, cost(now, 1) / 2);
    return Math.max(at, byWindow(now, 0));
  }

  /** When a call may leave that so many others are ahead of, as far as a told window says. */
  private long byWindow(long now, long ahead) {
    return window.agreed() ? window.earliest(now, Math.round(60 * rate(now)) - ahead) : now;
  }

  void left(long now) {
    if (active) {
      window.left(now);
      gcra.take(now, window.agreed() ? (long) (cost(now, 1) / WINDOW_MULTIPLIER) : cost(now, 1));
    }
  }

  private long cost(long now, long requests) {
    return (long) (requests / rate(now) * Exact.SECOND);
  }

  /** How long so many requests will take, whatever this second's rate is. */
  long predict(long now, long requests) {
    double rate = found ? Math.max(rate(now), top) : rate(now);
    long evenInterval = (long) (requests / rate * Exact.SECOND);
    // What comes after the last place of a window waits for the next one at least.
    return Math.max(evenInterval, byWindow(now, requests) - now);
  }

  /** The rate that was known before a restart: kept for a while before more is tried. */
  void recall(long now, double rate) {
    active = true;
    top = rate / (1 - CURVE_DEPTH);
    cutAt = now;
    gcra.reset(now);
  }

  void clear() {
    active = false;
    told = 0;
    window.clear();
  }
}
