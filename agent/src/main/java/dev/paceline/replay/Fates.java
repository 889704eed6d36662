package dev.paceline.replay;

import java.util.Arrays;

/** What becomes of the calls of one run. */
final class Fates {
  /** In place of the wait of a call that failed. */
  static final float FAILED = Float.POSITIVE_INFINITY;

  private static final float OPEN = -1;

  private final float[] waits;
  private double target = FAILED;
  private long beyond;
  private int over;
  private int failed;
  private long limited;
  private long tooLarge;
  private long saturatedMillis;
  final Progress progress;

  /** How a run went over time, for the picture. */
  static final class Progress {
    private static final int MOST_STEPS = 240;

    /** Shorter ones would show single calls. */
    private static final long SHORTEST_STEP = 15_000_000_000L;

    final long stepNanos;
    final long[] asked;
    final long[] served;
    final int[] waiting;

    Progress(long spanNanos) {
      this.stepNanos = Math.max(SHORTEST_STEP, spanNanos / MOST_STEPS + 1);
      int steps = (int) (spanNanos / stepNanos) + 1;
      this.asked = new long[steps];
      this.served = new long[steps];
      this.waiting = new int[steps];
    }

    private int step(long nanos) {
      return (int) Math.max(0, Math.min(asked.length - 1, nanos / stepNanos));
    }

    void asked(long nanos, long tokens) {
      asked[step(nanos)] += tokens;
    }

    void served(long nanos, long tokens) {
      served[step(nanos)] += tokens;
    }

    void waiting(long nanos, int calls) {
      int step = step(nanos);
      waiting[step] = Math.max(waiting[step], calls);
    }
  }

  Fates(Arrivals calls) {
    this.waits = new float[calls.size()];
    Arrays.fill(waits, OPEN);
    long span = calls.size() == 0 ? 0 : calls.nanos(calls.size() - 1);
    this.progress = new Progress(span + ReplayLimits.MINUTE_NANOS);
  }

  /** The run is made only to see whether {@link #p95Within} holds: see {@link #missed}. */
  void aimAt(double seconds) {
    target = seconds;
  }

  /** Whether so many calls have waited beyond the target that p95 cannot be within it any more. */
  boolean missed() {
    return beyond * 20 > waits.length;
  }

  void served(int call, long waitNanos) {
    waits[call] = waitNanos / 1e9f;
    beyond += waits[call] > target ? 1 : 0;
    over++;
  }

  void failed(int call) {
    waits[call] = FAILED;
    beyond += FAILED > target ? 1 : 0;
    failed++;
    over++;
  }

  void limited() {
    limited++;
  }

  void tooLarge() {
    tooLarge++;
  }

  void saturated(long millis) {
    saturatedMillis += millis;
  }

  /** Calls that the run has left without an end. */
  void failRest() {
    failed += waits.length - over;
    for (int i = 0; over < waits.length && i < waits.length; i++) {
      if (waits[i] == OPEN) {
        waits[i] = FAILED;
        over++;
      }
    }
  }

  boolean complete() {
    return over == waits.length;
  }

  int calls() {
    return waits.length;
  }

  int failed() {
    return failed;
  }

  /** 429s of the provider. */
  long limitAnswers() {
    return limited;
  }

  /** Calls that are larger than the limit itself. */
  long larger() {
    return tooLarge;
  }

  double saturatedSeconds() {
    return saturatedMillis / 1e3;
  }

  /** Whether 19 of 20 calls, failed ones among the others, wait no longer than that. */
  boolean p95Within(double seconds) {
    long beyond = 0;
    for (float wait : waits) {
      beyond += wait > seconds ? 1 : 0;
    }
    return beyond * 20 <= waits.length;
  }

  /**
   * Percentiles of the waits of the calls that were served, seconds.
   *
   * @param parts each 0 to 1
   */
  double[] percentiles(double... parts) {
    float[] sorted = waits.clone();
    Arrays.sort(sorted);
    return of(sorted, waits.length - failed, parts);
  }

  /** As they were when the calls were recorded. */
  static double[] recorded(Arrivals calls, double... parts) {
    float[] sorted = new float[calls.size()];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = calls.recordedWaitMillis(i) / 1e3f;
    }
    Arrays.sort(sorted);
    return of(sorted, sorted.length, parts);
  }

  private static double[] of(float[] sorted, int length, double... parts) {
    double[] result = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      result[i] =
          length == 0
              ? 0
              : sorted[Math.min(length - 1, Math.max(0, (int) Math.ceil(length * parts[i]) - 1))];
    }
    return result;
  }
}
