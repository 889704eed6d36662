package dev.paceline.words;

import java.util.List;

/**
 * How the agreement with other processes stands at an instant, for a person or a dashboard to read.
 *
 * @param answers whether Redis answered when it was asked last; also before the first time
 * @param retryMillis the breaker is open: Redis is not asked for so long; 0 when it is closed
 * @param exchanges round trips that were answered so far
 * @param failures those that were not, or not in time
 * @param ageMillis since the last answer; -1 before the first
 * @param scopes one entry for each scope that is shared
 */
public record FleetView(
    boolean answers,
    long retryMillis,
    long exchanges,
    long failures,
    long ageMillis,
    List<Row> scopes) {
  public FleetView {
    scopes = List.copyOf(scopes);
  }

  /**
   * One scope.
   *
   * @param members processes that are there, this one included
   * @param holds whether the shares hold now; an idle process lets its own go
   * @param splits who takes how much, for each resource whose limit is known
   */
  public record Row(Scope scope, int members, boolean holds, List<Split> splits) {
    public Row {
      splits = List.copyOf(splits);
    }
  }

  /**
   * How the limits on one resource are split.
   *
   * @param resource {@code requests}, {@code tokens} or {@code in_flight}
   * @param units a minute, or at a time, that are shared; 0 for unknown
   * @param own our part, from 0 to 1
   * @param others theirs, the largest first; the last one may stand for many
   */
  public record Split(String resource, long units, double own, List<Double> others) {
    public Split {
      others = List.copyOf(others);
    }
  }
}
