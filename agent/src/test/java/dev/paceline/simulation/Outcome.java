package dev.paceline.simulation;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What became of the calls of one run.
 *
 * @param failed calls that were not admitted, or whose caller had gone before the answer came
 * @param rejections 429s that the provider sent
 * @param served calls admitted and answered
 * @param perSuccess 429s for each of those
 * @param good calls (or tokens) of those, admitted within the time of the load
 * @param makespan until the last answer was complete at the provider, seconds
 * @param p99 wait until the admitted attempt reached the provider, 99th percentile, seconds
 * @param busiest most arrivals within 100 ms
 * @param jain fairness among JVMs
 */
record Outcome(
    int failed,
    int rejections,
    int served,
    double perSuccess,
    double good,
    double makespan,
    double p99,
    int busiest,
    double jain) {
  static Outcome of(Wire wire) {
    List<Job> jobs = wire.jobs;
    double span = wire.scenario.span() * 1e9;
    int served = 0;
    double good = 0;
    long last = 0;
    double[] waits = new double[jobs.size()];
    int n = 0;
    double[] share = new double[wire.scenario.clients()];
    for (Job job : jobs) {
      if (!job.served()) {
        continue;
      }
      served++;
      if (job.admittedAt < span) {
        good += job.tokens;
        share[job.jvm] += job.admittedAt < wire.scenario.fairFrom() * 1e9 ? 0 : job.tokens;
      }
      last = Math.max(last, job.admittedAt + job.service);
      waits[n++] = (job.admittedAt - job.arrival) / 1e9;
    }
    Arrays.sort(waits, 0, n);
    double sum = 0;
    double squares = 0;
    for (double s : share) {
      sum += s;
      squares += s * s;
    }
    return new Outcome(
        jobs.size() - served,
        wire.rejections,
        served,
        served == 0 ? wire.rejections : (double) wire.rejections / served,
        good,
        last / 1e9,
        n == 0 ? 0 : waits[Math.min(n - 1, (int) Math.ceil(n * 0.99) - 1)],
        wire.busiest,
        squares == 0 ? 0 : sum * sum / (share.length * squares));
  }

  /** Of several runs; counts of calls are rounded, and only for people. */
  static Outcome mean(List<Outcome> runs) {
    return new Outcome(
        (int) Math.round(mean(runs, Outcome::failed)),
        (int) Math.round(mean(runs, Outcome::rejections)),
        (int) Math.round(mean(runs, Outcome::served)),
        mean(runs, Outcome::perSuccess),
        mean(runs, Outcome::good),
        mean(runs, Outcome::makespan),
        mean(runs, Outcome::p99),
        (int) Math.round(mean(runs, Outcome::busiest)),
        mean(runs, Outcome::jain));
  }

  private static double mean(List<Outcome> runs, ToDoubleFunction<Outcome> figure) {
    return runs.stream().mapToDouble(figure).average().orElseThrow();
  }
}
