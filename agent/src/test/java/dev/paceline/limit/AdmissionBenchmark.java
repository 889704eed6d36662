package dev.paceline.limit;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Admission decisions a second on one core: what one call costs its budget, from leaving to end.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class AdmissionBenchmark {
  private static final Charge CHARGE = new Charge(1, 800, 0);
  private final Budget budget = learned();
  private long now = 1_000_000_000L;

  private static Budget learned() {
    Budget budget = new Budget(0);
    for (int i = 0; i < 10; i++) {
      Attempt attempt = budget.left(i * 1_000_000L, CHARGE);
      budget.answered(
          i * 1_000_000L + 500_000,
          attempt,
          List.of(
              new LimitReading(Limit.RPM, 1_000_000_000, 999_999_000, 1, 60_000),
              new LimitReading(Limit.TPM, 3_900_000_000L, 3_800_000_000L, 10, 60_000)),
          null,
          0,
          1,
          1,
          0.5);
      budget.ended(i * 1_000_000L + 500_000, attempt);
    }
    return budget;
  }

  /** Whether the head of the queue may leave now. */
  @Benchmark
  public long decide() {
    now += 1_000;
    return budget.earliest(now, CHARGE, 1, now);
  }

  /** Decided, left, ended. */
  @Benchmark
  public void admit() {
    now += 1_000;
    if (budget.earliest(now, CHARGE, 1, now) <= now) {
      budget.ended(now, budget.left(now, CHARGE));
    }
  }
}
