package dev.paceline.replay;

import dev.paceline.record.CallRecord;
import java.util.Random;

/** Records for tests. */
final class RecordedLoads {
  static final long EPOCH = 1_795_507_200_000L; // a Tuesday

  private RecordedLoads() {}

  /** So many calls of so many tokens at one moment, each answered in 0.5 s. */
  static Arrivals burst(int calls, long tokens) {
    RecordedLoad load = new RecordedLoad(model -> true);
    for (int i = 0; i < calls; i++) {
      load.accept(call(EPOCH, tokens));
    }
    return load.models().get(0).arrivals();
  }

  /** Poisson arrivals for so many seconds. */
  static Arrivals poisson(double perSecond, int seconds, long tokens) {
    RecordedLoad load = new RecordedLoad(model -> true);
    Random random = new Random(7);
    double at = 0;
    while (at < seconds) {
      load.accept(call(EPOCH + (long) (at * 1_000), tokens));
      at -= Math.log(1 - random.nextDouble()) / perSecond;
    }
    return load.models().get(0).arrivals();
  }

  static CallRecord call(long at, long tokens) {
    return new CallRecord(
        at, "openai", "gpt-4o", tokens, 0, tokens, 0, 20, 0, 500, 500, 1, 0, CallRecord.SUCCESS);
  }
}
