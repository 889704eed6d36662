package dev.paceline.metrics;

import dev.paceline.diagnosis.Counts;
import dev.paceline.diagnosis.ScopeStats;
import dev.paceline.words.Limit;
import java.util.List;
import java.util.Map;

/**
 * The last 15 minutes, or another {@link Span}.
 *
 * @param stepMillis length of a step
 * @param coveredMillis how long of the span the history has been there
 * @param calls calls that ended, by step, the oldest first; the last step is not over yet
 * @param attempts HTTP requests that ended, by step
 * @param failed calls that failed, cancelled ones left out, by step
 * @param limited answers of the provider judged to be a limit's, by limit and step; limits that
 *     were not met are left out
 * @param waiting the most calls that were seen waiting at a time, by step
 * @param models what happened to each model that was called; those first whose calls failed most
 * @param situations the scopes in use, those first that hold calls; at most {@value
 *     History#MOST_SCOPES}
 * @param observed what enforcing would have avoided and cost
 */
public record Quarter(
    long stepMillis,
    long coveredMillis,
    List<Long> calls,
    List<Long> attempts,
    List<Long> failed,
    Map<Limit, List<Long>> limited,
    List<Long> waiting,
    List<OfModel> models,
    List<ScopeStats> situations,
    Observed observed) {
  public Quarter {
    calls = List.copyOf(calls);
    attempts = List.copyOf(attempts);
    failed = List.copyOf(failed);
    limited = Map.copyOf(limited);
    waiting = List.copyOf(waiting);
    models = List.copyOf(models);
    situations = List.copyOf(situations);
  }

  /**
   * What happened to the calls of one model.
   *
   * @param provider value of the tag
   * @param model value of the tag
   * @param enforced whether its newest call was handled in enforce mode; else observed
   * @param retries attempts that the agent decided on
   * @param giveUps error answers handed to the application that a further attempt might have cured
   * @param waits the waits that ended
   * @param latency how long served calls took
   */
  public record OfModel(
      String provider,
      String model,
      boolean enforced,
      Counts counts,
      long retries,
      long giveUps,
      Waits waits,
      Latency latency) {}

  /**
   * Seconds from a served call's beginning to the headers of its answer.
   *
   * @param p50 half of the calls, as the application saw them
   * @param p95 95 % of them
   * @param ownP50 the same without the time in the queue
   * @param ownP95 the same without the time in the queue
   */
  public record Latency(double p50, double p95, double ownP50, double ownP95) {
    static Latency of(long[] row) {
      return new Latency(
          Totals.answerTime(row, Totals.TOTAL_TIMES, .5),
          Totals.answerTime(row, Totals.TOTAL_TIMES, .95),
          Totals.answerTime(row, Totals.OWN_TIMES, .5),
          Totals.answerTime(row, Totals.OWN_TIMES, .95));
    }
  }

  /**
   * Waits that ended.
   *
   * @param count how many
   * @param sumSeconds all together
   * @param p50 half of them took at most so many seconds
   * @param p95 95 % of them
   * @param p99 99 % of them
   */
  public record Waits(long count, double sumSeconds, double p50, double p95, double p99) {
    static Waits of(long[] row) {
      return new Waits(
          Totals.waits(row),
          row[Totals.WAIT_MILLIS] / 1_000.0,
          Totals.percentile(row, .5),
          Totals.percentile(row, .95),
          Totals.percentile(row, .99));
    }
  }

  /**
   * The report of observe mode: of the steps that were spent in it.
   *
   * @param millis how long of the 15 minutes that was
   * @param limited limit answers that the application got
   * @param byPacing those of them that holding the call would have avoided
   * @param byRetry those that sending it again after a wait would have cured
   * @param waits the waits that this would have cost; an estimate
   */
  public record Observed(long millis, long limited, long byPacing, long byRetry, Waits waits) {}
}
