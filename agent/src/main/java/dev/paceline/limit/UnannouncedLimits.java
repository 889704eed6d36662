package dev.paceline.limit;

import java.util.Arrays;

/**
 * What is learned from limit answers whose headers show room: a limit on requests in flight, or the
 * announced rate enforced over a shorter time. Which of the two: the rejected attempts had many in
 * flight before them, or many sent just before.
 */
final class UnannouncedLimits {
  private static final int SAMPLES = 150;
  private static final double WEIGHT = 0.2;

  /** Requests that may leave at once, and the multiple of the rate at which they then go. */
  private static final double BURST = 10;

  private static final double HASTE = 20;

  /**
   * What is left of the rate after one more limit answer in slices; and where others draw on the
   * limit too and fewer than {@link #SOON} were served since the one before, so that it is still
   * far too high. By two per cent at a time eight processes took 400 limit answers until each had
   * an eighth.
   */
  private static final double KEEP = 0.98;

  private static final double KEEP_FAR = 0.88;
  private static final int SOON = 15;

  private static final int MOST = 1 << 20;
  private static final long GROW_FIRST = 5 * Exact.SECOND;
  private static final long GROW_LAST = 120 * Exact.SECOND;

  private final int[] inFlight = new int[SAMPLES];
  private final int[] recent = new int[SAMPLES];
  private long samples;
  private double rankFlight = 0.5;
  private double rankRecent = 0.5;
  private int answers;

  private boolean sliced;
  private double burst = BURST;
  private double keep = 1;
  private long keptAt;
  private long keptAfter;

  private int cap = Integer.MAX_VALUE;
  private long growAt;
  private long growStep = GROW_FIRST;

  /** By how much the cap grows next: twice as much each time, until a limit answer contradicts. */
  private int growBy = 1;

  /** Whether it was reached since it grew last: who never needs more tells nothing of more. */
  private boolean reached;

  void admitted(Permit attempt) {
    int at = (int) (samples++ % SAMPLES);
    inFlight[at] = attempt.inFlight;
    recent[at] = attempt.recentSends;
  }

  /** Most requests in flight. */
  int cap(long now) {
    if (capped() && now - growAt >= 0 && reached) {
      cap = (int) Math.min(MOST, (long) cap + growBy);
      growBy = Math.min(MOST, 2 * growBy);
      reached = false;
      growAt = now + growStep;
    }
    return cap;
  }

  /** So many are in flight now, the one that leaves included. */
  void left(int inFlight) {
    reached |= inFlight >= cap;
  }

  long growAt() {
    return growAt;
  }

  boolean capped() {
    return cap != Integer.MAX_VALUE;
  }

  /** The answer itself says that too many were in flight. */
  void concurrency(long now, Permit attempt) {
    int seen = Math.max(1, attempt.inFlight);
    growStep = capped() ? Math.min(GROW_LAST, growStep * 2) : GROW_FIRST;
    cap = Math.min(cap, seen);
    growAt = now + growStep;
    growBy = 1;
    reached = false;
    if (sliced) {
      sliced = false;
      burst = BURST;
      keep = 1;
    }
  }

  /**
   * A limit answer with room in every header, once a flight.
   *
   * @param others whether somebody else seems to draw on the limits that headers show
   */
  void limited(long now, Permit attempt, boolean others) {
    answers++;
    rankFlight += WEIGHT * (rank(inFlight, attempt.inFlight) - rankFlight);
    rankRecent += WEIGHT * (rank(recent, attempt.recentSends) - rankRecent);
    if (answers >= 3 && rankFlight > 0.7 && rankFlight > rankRecent + 0.1) {
      concurrency(now, attempt);
      return;
    }
    sliced = true;
    burst = Math.max(1, Math.min(burst, attempt.recentSends) / 2);
    if (burst <= 2) {
      keep *= others && samples - keptAfter < SOON ? KEEP_FAR : KEEP;
      keptAt = now;
      keptAfter = samples;
    }
  }

  private double rank(int[] of, int value) {
    int n = (int) Math.min(samples, SAMPLES);
    if (n == 0) {
      return 0.5;
    }
    int below = 0;
    int same = 0;
    for (int i = 0; i < n; i++) {
      below += of[i] < value ? 1 : 0;
      same += of[i] == value ? 1 : 0;
    }
    return (below + same / 2.0) / n;
  }

  /** Requests that may leave at once. */
  double burst() {
    return burst;
  }

  /** By how much the rate of the burst exceeds the limit's own. */
  double rateMultiplier(long now) {
    if (!sliced) {
      return HASTE;
    }
    if (keep < 1) {
      keep = Math.min(1, keep + 0.005 * (now - keptAt) / (6.0 * Exact.SECOND));
      keptAt = now;
    }
    return keep;
  }

  boolean sliced() {
    return sliced;
  }

  /** Whether 429s have told of a limit that no header shows: waits for it rest on them. */
  boolean known() {
    return sliced || capped();
  }

  /** Takes over what was known before a restart. */
  void recall(long now, LimiterSnapshot known) {
    if (known.cap() > 0) {
      cap = known.cap();
      growStep = Math.max(GROW_FIRST, Math.min(GROW_LAST, known.capGrows()));
      growAt = now + growStep;
    }
    if (known.burst() > 0) {
      sliced = true;
      burst = Math.max(1, Math.min(BURST, known.burst()));
      keep = Math.min(1, known.haste());
      keptAt = now;
    }
  }

  long growStep() {
    return growStep;
  }

  void clear() {
    cap = Integer.MAX_VALUE;
    sliced = false;
    burst = BURST;
    keep = 1;
    answers = 0;
    Arrays.fill(inFlight, 0);
    samples = 0;
    keptAfter = 0;
  }
}
