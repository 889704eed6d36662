package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ExternalUsageTest {
  private static final long SECOND = Exact.SECOND;
  private static final long WINDOW = 60 * SECOND;
  private final ExternalUsage taken = new ExternalUsage();

  ExternalUsageTest() {
    taken.clear(WINDOW);
  }

  @Test
  void whatWasTakenIsKnownByItsTime() {
    taken.took(10 * SECOND, 10 * SECOND, 7);
    taken.took(30 * SECOND, 30 * SECOND, 5);
    assertThat(taken.first()).isEqualTo(10 * SECOND);
    assertThat(taken.upTo(10 * SECOND - 1)).isZero();
    assertThat(taken.upTo(10 * SECOND)).isEqualTo(7);
    assertThat(taken.upTo(10 * SECOND)).isZero();
    assertThat(taken.upTo(40 * SECOND)).isEqualTo(5);
    assertThat(taken.first()).isEqualTo(Exact.NEVER);
  }

  @Test
  void overAnIntervalItIsSpreadEvenly() {
    taken.took(0, 20 * SECOND, 200);
    assertThat(taken.upTo(10 * SECOND)).isBetween(90L, 110L);
    assertThat(taken.upTo(20 * SECOND)).isBetween(90L, 110L);
  }

  @Test
  void whatIsBackAlreadyWasTheOldest() {
    taken.took(10 * SECOND, 10 * SECOND, 7);
    taken.took(30 * SECOND, 30 * SECOND, 5);
    taken.back(9);
    assertThat(taken.first()).isEqualTo(30 * SECOND);
    assertThat(taken.upTo(30 * SECOND)).isEqualTo(3);
    taken.back(9);
    assertThat(taken.upTo(100 * SECOND)).isZero();
  }

  /** Nothing is lost or made up, in whatever order headers come. */
  @Property(tries = 300)
  void allOfItComesBackOnce(
      @ForAll @Size(min = 1, max = 200) int[] amounts, @ForAll @IntRange(max = 70) int length) {
    ExternalUsage some = new ExternalUsage();
    some.clear(WINDOW);
    long sum = 0;
    long back = 0;
    for (int i = 0; i < amounts.length; i++) {
      long at = i * SECOND / 3;
      long amount = Math.floorMod(amounts[i], 1_000_000);
      some.took(at - length * SECOND, at - (i % 3) * SECOND, amount);
      sum += amount;
      back += some.upTo(at - WINDOW);
    }
    assertThat(back + some.upTo(Exact.NEVER)).isEqualTo(sum);
  }
}
