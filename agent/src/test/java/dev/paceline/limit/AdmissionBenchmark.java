package dev.paceline.limit;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Decisions a second on one core, by a budget that has learned a limit on requests and one on
 * tokens: {@code docs/performance.md}. Time in here is a call a millisecond, as at 60,000 requests
 * a minute, so that what is kept of the last minute is what a busy scope keeps.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class AdmissionBenchmark {
  private static final long TICK = 1_000_000;
  private static final long RPM = 60_000;
  private static final long TPM = 48_000_000;
  private static final Cost CHARGE = new Cost(1, 800, 0);

  /** On the way at a time: answers take half a second. */
  private static final int ON_THE_WAY = 500;

  /** Half of each is left: the refill of a tick is what the call of a tick takes. */
  private static final List<LimitReading> HALF =
      List.of(
          new LimitReading(Limit.RPM, RPM, RPM / 2, 30_000, 60_000),
          new LimitReading(Limit.TPM, TPM, TPM / 2, 30_000, 60_000));

  private static final List<LimitReading> NOTHING =
      List.of(
          new LimitReading(Limit.RPM, RPM, 0, 60_000, 60_000),
          new LimitReading(Limit.TPM, TPM, TPM / 2, 30_000, 60_000));

  private ScopeLimiter open = new ScopeLimiter(0);
  private ScopeLimiter empty = new ScopeLimiter(0);
  private final ArrayDeque<Permit> openWay = new ArrayDeque<>();
  private final ArrayDeque<Permit> emptyWay = new ArrayDeque<>();
  private long now;
  private long asked;
  private long admitted;
  private long held;

  /** A minute of calls, so that the log of what was sent is as long as it gets. */
  @Setup(Level.Iteration)
  public void learn() {
    admitted = 0;
    asked = 0;
    held = 0;
    for (int i = 0; i < 65_000; i++) {
      now += TICK;
      call(open, openWay, HALF);
      call(empty, emptyWay, NOTHING);
    }
  }

  /** Decided and left; another one answered, with both limits in its headers, and ended. */
  @Benchmark
  public void admit() {
    now += TICK;
    asked++;
    if (open.earliest(now, CHARGE, 1, now) - now <= 0) {
      call(open, openWay, HALF);
      admitted++;
    }
  }

  /** The head of 10,000 has to wait: the instant to ask again. */
  @Benchmark
  public long hold() {
    long at = empty.earliest(now, CHARGE, 10_000, now);
    held += at - now > 0 ? 1 : 0;
    asked++;
    return at;
  }

  /** Nothing else is worth measuring. */
  @TearDown(Level.Iteration)
  public void decidedAsIntended() {
    if (admitted + held != asked) {
      throw new AssertionError(admitted + " admitted and " + held + " held of " + asked);
    }
  }

  private void call(ScopeLimiter budget, ArrayDeque<Permit> way, List<LimitReading> readings) {
    way.addLast(budget.left(now, CHARGE));
    if (way.size() > ON_THE_WAY) {
      Permit attempt = way.removeFirst();
      budget.answered(now, attempt, readings, null, 0, 1, 1, 0.5);
      budget.ended(now, attempt);
    }
  }
}
