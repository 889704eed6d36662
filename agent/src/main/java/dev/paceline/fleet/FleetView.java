package dev.paceline.fleet;

import dev.paceline.words.Scope;
import java.util.List;

/**
 * What people are shown.
 *
 * @param exchanges round trips that were answered so far
 * @param failures that were not, or not in time
 * @param broken whether Redis does not answer now
 * @param ageNanos since the last answer; -1 before the first
 * @param scopes one entry for each scope that is shared
 */
public record FleetView(
    long exchanges, long failures, boolean broken, long ageNanos, List<Row> scopes) {
  /**
   * One scope.
   *
   * @param members processes that are there, this one included
   * @param requests our part of limits on requests, from 0 to 1; likewise tokens, in flight
   * @param holds whether these parts hold now
   */
  public record Row(
      Scope scope, int members, double requests, double tokens, double inFlight, boolean holds) {}
}
