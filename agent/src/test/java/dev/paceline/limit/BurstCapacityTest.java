package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** A limit whose bucket holds less than a window's worth is told from all others. */
class BurstCapacityTest {
  private static final long SECOND = Exact.SECOND;
  private static final long MINUTE = 60 * SECOND;

  @Test
  void oneHeaderThatNothingElseExplainsIsEnough() {
    WindowInference shape = new WindowInference();

    // 1,200 a minute, 20 at once, one used: 19 left, full again in 50 ms.
    shape.sample(0, 1_200, 19, 50 * Exact.MILLI, MINUTE, 1);

    assertThat(shape.kind()).isEqualTo(WindowKind.TOKEN_BUCKET);
    assertThat(shape.window()).isEqualTo(MINUTE);
    assertThat(shape.capacity()).isBetween(19L, 21L);
  }

  @Test
  void aBucketOfTenSecondsWorthIsSeenOnceWhatIsLeftHasMoved() {
    WindowInference shape = new WindowInference();
    long at = 0;
    for (long left : List.of(0L, 40L, 90L, 140L, 180L, 120L, 60L)) {
      shape.sample(at, 1_200, left, (200 - left) * 50 * Exact.MILLI, MINUTE, 1);
      at += SECOND;
    }

    assertThat(shape.window()).isEqualTo(MINUTE);
    assertThat(shape.capacity()).isBetween(199L, 202L);
  }

  @Property(tries = 300)
  void itsSizeIsFoundFromAnyUse(
      @ForAll @LongRange(min = 60, max = 100_000) long limit,
      @ForAll @IntRange(min = 2, max = 50) int percent,
      @ForAll long seed) {
    long capacity = Math.max(8, limit * percent / 100);
    Random random = new Random(seed);
    WindowInference shape = new WindowInference();
    double level = capacity;
    long at = 0;
    for (int i = 0; i < 60; i++) {
      double passed = 0.05 + random.nextDouble() * capacity * 60.0 / limit / 3;
      at += (long) (passed * SECOND);
      level = Math.min(capacity, level + passed * limit / 60.0);
      level = Math.max(0, level - Math.max(1, random.nextInt((int) Math.max(2, capacity / 2))));
      long reset = (long) ((capacity - level) * 60 / limit * SECOND);
      shape.sample(at, limit, (long) Math.floor(level), reset, MINUTE, 1);
    }

    if (capacity >= 20 || shape.capacity() > 0) {
      assertThat(shape.capacity()).isBetween(capacity - 3, capacity + 3);
    }
  }

  @Property(tries = 300)
  void aBucketOfAWholeWindowIsNeverTakenForASmallOne(
      @ForAll @LongRange(min = 10, max = 100_000) long limit,
      @ForAll @IntRange(min = 0, max = 3) int which,
      @ForAll long seed) {
    long window = List.of(1L, 6L, 10L, 60L).get(which) * SECOND;
    Random random = new Random(seed);
    WindowInference shape = new WindowInference();
    double level = limit;
    long at = 0;
    for (int i = 0; i < 80; i++) {
      double passed = random.nextDouble() * window / SECOND / 3;
      at += (long) (passed * SECOND);
      level = Math.min(limit, level + passed * limit * SECOND / window);
      level = Math.max(0, level - Math.max(1, random.nextInt((int) Math.max(2, limit / 3))));
      long reset = (long) ((limit - level) * window / limit);
      shape.sample(at, limit, (long) Math.floor(level), reset, MINUTE, 1);
      assertThat(shape.capacity()).as("after %s", i).isZero();
    }
  }

  @Property(tries = 200)
  void aFixedWindowIsNeverTakenForASmallBucketForLong(
      @ForAll @LongRange(min = 30, max = 10_000) long limit, @ForAll long seed) {
    Random random = new Random(seed);
    WindowInference shape = new WindowInference();
    long at = (long) (random.nextDouble() * MINUTE);
    long used = 0;
    long number = 0;
    int small = 0;
    for (int i = 0; i < 300; i++) {
      at += (long) (random.nextDouble() * 4 * MINUTE / 60);
      if (at / MINUTE != number) {
        number = at / MINUTE;
        used = 0;
      }
      used = Math.min(limit, used + 1 + random.nextInt((int) Math.max(1, limit / 40)));
      shape.sample(at, limit, limit - used, MINUTE - at % MINUTE, MINUTE, 1);
      small += shape.capacity() > 0 ? 1 : 0;
    }
    assertThat(small).isLessThanOrEqualTo(10);
  }
}
