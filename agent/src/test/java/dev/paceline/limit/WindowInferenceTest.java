package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What headers of a burst tell of the way a limit is counted. */
class WindowInferenceTest {
  private static final long MILLI = Exact.MILLI;
  private static final long SECOND = Exact.SECOND;

  @Test
  void aBurstIntoAFixedWindowIsNoBucketOfAnHour() {
    WindowInference shape = new WindowInference();
    // 5 of 300 used and 59.7 s left: so does a bucket of an hour look.
    shape.sample(300 * MILLI, 300, 295, 59_700 * MILLI, 0, 1);
    assertThat(shape.window()).isEqualTo(3_600 * SECOND);

    shape.sample(600 * MILLI, 300, 288, 59_400 * MILLI, 0, 1);
    shape.sample(900 * MILLI, 300, 240, 59_100 * MILLI, 0, 1);
    shape.sample(1_200 * MILLI, 300, 120, 58_800 * MILLI, 0, 1);

    assertThat(shape.kind()).isEqualTo(WindowKind.FIXED_WINDOW);
    assertThat(shape.window()).isEqualTo(60 * SECOND);
  }

  @Test
  void aBucketWhoseLimitIsHalvedStaysOne() {
    WindowInference shape = new WindowInference();
    for (int i = 0; i < 10; i++) {
      shape.sample(i * SECOND, 300, 300 - 6 * i, 1_200L * i * MILLI, 60 * SECOND, 1);
    }
    for (int i = 10; i < 30; i++) {
      shape.sample(i * SECOND, 150, 150 - 3 * i, 1_200L * i * MILLI, 60 * SECOND, 1);
    }
    assertThat(shape.kind()).isEqualTo(WindowKind.TOKEN_BUCKET);
  }

  @Property(tries = 500)
  void noBucketIsTakenForAFixedWindow(@ForAll long seed) {
    Random random = new Random(seed);
    long limit = 20 + random.nextInt(5_000);
    long window = new long[] {6, 60, 3_600, 86_400}[random.nextInt(4)] * SECOND;
    boolean whole = random.nextBoolean();
    WindowInference shape = new WindowInference();
    double level = limit * (0.2 + 0.8 * random.nextDouble());
    long at = 0;
    for (int i = 0; i < 200; i++) {
      long passed = (long) (random.nextDouble() * SECOND);
      at += passed;
      level = Math.min(limit, level + (double) passed * limit / window);
      level = Math.max(0, level - 1 - random.nextInt(3));
      long reset = (long) ((limit - level) * window / limit);
      reset = whole ? reset / SECOND * SECOND : reset / MILLI * MILLI;
      shape.sample(at, limit, (long) Math.floor(level), reset, 0, 1);
    }
    assertThat(shape.kind()).isEqualTo(WindowKind.TOKEN_BUCKET);
  }

  /**
   * What is left and what the rate refills until the reset are nearly the same in each header of a
   * rolling window that is used up, as in a bucket of ten.
   */
  @Test
  void aRollingWindowOfTenSecondsThatIsUsedUpIsNoSmallBucket() {
    WindowInference shape = new WindowInference();
    for (int i = 0; i < 60; i++) {
      shape.sample(i * SECOND / 2, 64, Math.max(0, 60 - 3 * i), 10 * SECOND, 60 * SECOND, 1);
    }
    assertThat(shape.kind()).isEqualTo(WindowKind.SLIDING_WINDOW);
    shape.sample(30 * SECOND, 64, 0, 9_907 * MILLI, 60 * SECOND, 1); // milliseconds are told
    int[] left = {0, 0, 0, 1, 0, 1, 0, 1, 2, 2, 2, 2, 2, 1, 0, 2};
    for (int i = 61; i < 300; i++) {
      shape.sample(i * SECOND / 2, 64, left[i % left.length], 10 * SECOND, 60 * SECOND, 1);
      assertThat(shape.kind()).as("header %d", i).isEqualTo(WindowKind.SLIDING_WINDOW);
    }
    assertThat(shape.window()).isEqualTo(10 * SECOND);
  }
}
