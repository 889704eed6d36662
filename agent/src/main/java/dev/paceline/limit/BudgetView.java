package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.List;

/**
 * How a budget stands at an instant.
 *
 * @param closedNanos for how long its gate stays closed; 0 when open
 * @param lastLimit the limit that closed it last
 * @param inFlight attempts on the way
 * @param buckets the limits that were announced
 */
public record BudgetView(long closedNanos, Limit lastLimit, int inFlight, List<Line> buckets) {
  public BudgetView {
    buckets = List.copyOf(buckets);
  }

  /**
   * One announced limit.
   *
   * @param max units a window
   * @param left units thought to be left; may be negative
   * @param windowNanos length of the window
   * @param counted {@code continuous}, {@code fixed} or {@code rolling}
   */
  public record Line(Limit limit, long max, long left, long windowNanos, String counted) {}
}
