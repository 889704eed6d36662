package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.List;

/**
 * How a budget stands at an instant.
 *
 * @param closedNanos for how long its gate stays closed; 0 when open
 * @param binding the limit that holds calls back: the one that was hit last, else the fullest
 * @param inFlight attempts on the way
 * @param requests attempts that have left since it was made
 * @param tokens tokens that they were charged
 * @param learnedPerMinute requests a minute that calls are paced at where no header shows a limit,
 *     as learned from 429s; 0 for none
 * @param learnedConcurrency requests in flight at a time that were learned likewise; 0 for none
 * @param buckets the limits that were announced, those left out whose figures proved wrong
 */
public record LimiterView(
    long closedNanos,
    Limit binding,
    int inFlight,
    long requests,
    long tokens,
    long learnedPerMinute,
    int learnedConcurrency,
    List<Line> buckets) {
  public LimiterView {
    buckets = List.copyOf(buckets);
  }

  /**
   * One announced limit.
   *
   * @param max units a window
   * @param left units thought to be left; may be negative
   * @param windowNanos length of the window
   * @param resetNanos time until it is whole again if nothing more is sent
   * @param counted {@code continuous}, {@code fixed} or {@code rolling}
   * @param sent units that have left since the budget was made
   * @param others units a window that others seem to take
   */
  public record Line(
      Limit limit,
      long max,
      long left,
      long windowNanos,
      long resetNanos,
      String counted,
      long sent,
      long others) {}
}
