package dev.paceline.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MaxMinTest {
  private static final int WHOLE = Claim.WHOLE;

  @Test
  void whoWantsLittleGetsItAndTheOthersShareTheRest() {
    assertThat(MaxMin.shares(new long[] {100, 4_000_000, 4_000_000}, 1_000_000, WHOLE))
        .containsExactly(100, 499_950, 499_950);
  }

  @Test
  void whatNobodyWantsIsSharedWithRoomForOneMore() {
    assertThat(MaxMin.shares(new long[] {0, 0}, 300, WHOLE)).containsExactly(333_333, 333_333);
    assertThat(MaxMin.shares(new long[] {100_000, 0}, 1_000_000, WHOLE))
        .containsExactly(400_000, 300_000);
  }

  @Test
  void aSmallLimitIsSharedInWholeUnits() {
    int[] shares = MaxMin.shares(new long[] {100, 100, 100, 100, 100, 100, 100, 100}, 20, WHOLE);
    assertThat(Arrays.stream(shares).map(share -> share / 50_000))
        .containsExactly(3, 3, 3, 3, 2, 2, 2, 2);
  }

  @Test
  void withoutACapacitySharesAreAsDemandsAre() {
    assertThat(MaxMin.shares(new long[] {200, 100}, 0, WHOLE)).containsExactly(666_666, 333_333);
  }

  @Property
  void theSumIsNeverMoreThanTheWhole(
      @ForAll @Size(max = 20) long[] demands,
      @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long capacity,
      @ForAll @LongRange(min = 0, max = WHOLE) long whole) {
    int[] shares = MaxMin.shares(demands, capacity, (int) whole);
    assertThat(Arrays.stream(shares).asLongStream().sum()).isLessThanOrEqualTo(whole);
    assertThat(Arrays.stream(shares)).allMatch(share -> share >= 0);
  }
}
