package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class UnannouncedWindowTest {
  private static final long SECOND = Exact.SECOND;
  private static final long MINUTE = 60 * SECOND;
  private final UnannouncedWindow window = new UnannouncedWindow();

  /** What leaves between two instants, ten a second at most. */
  private int leaves(long from, long to, long grants) {
    int left = 0;
    for (long now = from; now - to < 0; now += SECOND / 10) {
      if (window.earliest(now, grants) - now <= 0) {
        window.left(now);
        left++;
      }
    }
    return left;
  }

  @Test
  void twoAnswersThatAgreeAreAWindow() {
    window.told(MINUTE, 100);
    assertThat(window.agreed()).isFalse();
    assertThat(leaves(0, MINUTE, 100)).as("it may be a bucket").isEqualTo(600);
    window.told(2 * MINUTE, 97);
    assertThat(window.agreed()).isTrue();
    assertThat(leaves(2 * MINUTE, 2 * MINUTE + 10 * SECOND, 100)).isEqualTo(100);
    assertThat(window.earliest(2 * MINUTE + 10 * SECOND, 100)).isEqualTo(3 * MINUTE);
    assertThat(leaves(2 * MINUTE + 10 * SECOND, 3 * MINUTE, 100)).isZero();
    assertThat(leaves(3 * MINUTE, 4 * MINUTE, 100)).isEqualTo(100);
  }

  @Test
  void twoThatDisagreeAreNone() {
    window.told(MINUTE, 100);
    window.told(2 * MINUTE, 94);
    assertThat(window.agreed()).isFalse();
    window.told(3 * MINUTE, 94);
    assertThat(window.agreed()).isTrue();
    window.told(4 * MINUTE, 60);
    assertThat(window.agreed())
        .as("a bucket that is used in bursts gives less each time")
        .isFalse();
  }

  @Test
  void aShortWaitBelongsToTheEndOfAWindow() {
    window.told(MINUTE, 100);
    window.told(2 * MINUTE, 100);
    assertThat(leaves(MINUTE, MINUTE + 20 * SECOND, 100)).isEqualTo(100);
    window.limited(2 * MINUTE - SECOND, 2 * MINUTE + SECOND / 2);
    assertThat(window.agreed()).isTrue();
    assertThat(window.earliest(2 * MINUTE, 100)).isEqualTo(2 * MINUTE + SECOND / 2);
    window.limited(2 * MINUTE + 20 * SECOND, 2 * MINUTE + 21 * SECOND);
    assertThat(window.agreed()).as("in the middle of one it is another limit").isFalse();
  }

  @Test
  void afterALongPauseAWindowIsWholeAgain() {
    window.told(MINUTE, 100);
    window.told(2 * MINUTE, 100);
    assertThat(leaves(MINUTE, 2 * MINUTE, 100)).isEqualTo(100);
    assertThat(leaves(60 * MINUTE + SECOND, 61 * MINUTE, 100)).isEqualTo(100);
  }

  /** Whatever it was told, it holds nobody for longer than a wait that can be the end of one. */
  @Property(tries = 200)
  void nobodyIsHeldBeyondTheWindow(
      @ForAll @IntRange(min = 5, max = 500) int granted,
      @ForAll @IntRange(max = 63) int hint,
      @ForAll @IntRange(max = 600) int later) {
    window.told(hint * SECOND, granted);
    window.told(MINUTE + hint * SECOND, granted);
    long now = (60 + later) * SECOND;
    for (int i = 0; i < granted; i++) {
      window.left(now);
    }
    assertThat(window.earliest(now, granted) - now).isBetween(0L, MINUTE + 3 * SECOND);
  }
}
