package dev.paceline.limit;

import java.util.Arrays;

/**
 * What is learned from limit answers whose headers show room: a limit on requests in flight, or the
 * announced rate enforced over a shorter time. Which of the two: the rejected attempts had many in
 * flight before them, or many sent just before.
 */
final class UnannouncedLimits {

  /** Admitted permits with which a refused one is compared. */
  private static final int SAMPLES = 150;

  /** Weight of the newest refused permit in its usual rank among them. */
  private static final double NEWEST_WEIGHT = 0.2;

  /** Requests that may leave at once: 300 calls leave within 3 to 5 s. */
  private static final double INITIAL_BURST = 10;

  /** Multiple of the announced rate at which they then go. */
  private static final double INITIAL_MULTIPLIER = 20;

  /** Factor on the rate after one more limit answer of a sub-window limit. */
  private static final double KEEP_RATE = 0.98;

  /**
   * Likewise where others draw on it too and the rate is still far too high: by two per cent at a
   * time eight processes took 400 limit answers until each had an eighth.
   */
  private static final double KEEP_RATE_FAR = 0.88;

  /** Served requests between two limit answers, fewer than which mean "far too high". */
  private static final int FAR_WITHIN = 15;

  /** Requests in flight: beyond this a cap is none. */
  private static final int MAX_CAP = 1 << 20;

  /** Nanoseconds until a cap that was reached grows; doubles with each limit answer. */
  private static final long FIRST_GROWTH = 5 * Exact.SECOND;

  /** Most nanoseconds until it grows: a cap recovers within 16 minutes. */
  private static final long SLOWEST_GROWTH = 120 * Exact.SECOND;

  private final int[] inFlight = new int[SAMPLES];
  private final int[] recent = new int[SAMPLES];
  private long samples;
  private double rankFlight = 0.5;
  private double rankRecent = 0.5;
  private int answers;

  private boolean sliced;
  private double burst = INITIAL_BURST;
  private double keep = 1;
  private long keptAt;
  private long keptAfter;

  private int cap = Integer.MAX_VALUE;
  private long growAt;
  private long growStep = FIRST_GROWTH;

  /** By how much the cap grows next: twice as much each time, until a limit answer contradicts. */
  private int growBy = 1;

  /** Whether it was reached since it grew last: who never needs more tells nothing of more. */
  private boolean reached;

  void admitted(Permit permit) {
    int at = (int) (samples++ % SAMPLES);
    inFlight[at] = permit.inFlight;
    recent[at] = permit.recentSends;
  }

  /** Most requests in flight. */
  int cap(long now) {
    if (capped() && now - growAt >= 0 && reached) {
      cap = (int) Math.min(MAX_CAP, (long) cap + growBy);
      growBy = Math.min(MAX_CAP, 2 * growBy);
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
  void concurrency(long now, Permit permit) {
    int seen = Math.max(1, permit.inFlight);
    growStep = capped() ? Math.min(SLOWEST_GROWTH, growStep * 2) : FIRST_GROWTH;
    cap = Math.min(cap, seen);
    growAt = now + growStep;
    growBy = 1;
    reached = false;
    if (sliced) {
      sliced = false;
      burst = INITIAL_BURST;
      keep = 1;
    }
  }

  /**
   * A limit answer with room in every header, once a flight.
   *
   * @param others whether somebody else seems to draw on the limits that headers show
   */
  void limited(long now, Permit permit, boolean others) {
    answers++;
    rankFlight += NEWEST_WEIGHT * (rank(inFlight, permit.inFlight) - rankFlight);
    rankRecent += NEWEST_WEIGHT * (rank(recent, permit.recentSends) - rankRecent);
    if (answers >= 3 && rankFlight > 0.7 && rankFlight > rankRecent + 0.1) {
      concurrency(now, permit);
      return;
    }
    sliced = true;
    burst = Math.max(1, Math.min(burst, permit.recentSends) / 2);
    if (burst <= 2) {
      keep *= others && samples - keptAfter < FAR_WITHIN ? KEEP_RATE_FAR : KEEP_RATE;
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
      return INITIAL_MULTIPLIER;
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
      growStep = Math.max(FIRST_GROWTH, Math.min(SLOWEST_GROWTH, known.capGrows()));
      growAt = now + growStep;
    }
    if (known.burst() > 0) {
      sliced = true;
      burst = Math.max(1, Math.min(INITIAL_BURST, known.burst()));
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
    burst = INITIAL_BURST;
    keep = 1;
    answers = 0;
    Arrays.fill(inFlight, 0);
    samples = 0;
    keptAfter = 0;
  }
}
