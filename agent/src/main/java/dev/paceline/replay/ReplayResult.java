package dev.paceline.replay;

import java.util.List;

/**
 * What became of a model's calls.
 *
 * @param calls all of them
 * @param failed without an answer
 * @param tooLarge requests that are larger than a limit itself
 * @param limited other 429s of the provider
 * @param waits how long served calls were held
 * @param saturatedSeconds in which a limit was used above 95 %, or calls waited for it
 * @param steps the course of the run
 */
public record ReplayResult(
    long calls,
    long failed,
    long tooLarge,
    long limited,
    Waits waits,
    double saturatedSeconds,
    List<Step> steps) {

  /** Percentiles in seconds. */
  public record Waits(double p50, double p95, double p99) {
    static Waits of(double[] parts) {
      return new Waits(parts[0], parts[1], parts[2]);
    }

    /** Of the calls as they were recorded. */
    public static Waits recorded(Arrivals calls) {
      return of(Fates.recorded(calls, 0.5, 0.95, 0.99));
    }
  }

  /**
   * A part of the time.
   *
   * @param seconds its length
   * @param asked tokens that were asked for, a minute
   * @param served tokens that the provider admitted, a minute
   * @param waiting most calls that waited at one time
   */
  public record Step(double seconds, double asked, double served, int waiting) {}

  static ReplayResult of(Fates fates) {
    Fates.Progress progress = fates.progress;
    double seconds = progress.stepNanos / 1e9;
    Step[] steps = new Step[progress.asked.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] =
          new Step(
              seconds,
              progress.asked[i] * 60 / seconds,
              progress.served[i] * 60 / seconds,
              progress.waiting[i]);
    }
    return new ReplayResult(
        fates.calls(),
        fates.failed(),
        fates.larger(),
        fates.limitAnswers(),
        Waits.of(fates.percentiles(0.5, 0.95, 0.99)),
        fates.saturatedSeconds(),
        List.of(steps));
  }
}
