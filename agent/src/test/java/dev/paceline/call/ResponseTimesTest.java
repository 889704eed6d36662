package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ResponseTimesTest {
  private final ResponseTimes times = new ResponseTimes();

  @Test
  void nothingIsUsualBeforeTheFirstAnswer() {
    assertThat(times.p97()).isZero();
  }

  @Test
  void ofFewTheSlowestIsUsual() {
    LongStream.of(3, 9, 5).forEach(times::add);
    assertThat(times.p97()).isEqualTo(9);
  }

  @Test
  void ofManyOneOutlierIsNot() {
    LongStream.rangeClosed(1, 64).forEach(times::add);
    times.add(10_000);
    assertThat(times.p97()).isEqualTo(64);
  }

  @Test
  void oneSlowAnswerAmongFewIsNotUsual() {
    for (int slow = 0; slow < 20; slow++) {
      ResponseTimes few = new ResponseTimes();
      for (int i = 0; i < 20; i++) {
        few.add(i == slow ? 30_000 : 1_000);
        if (i >= 1) {
          assertThat(few.p97()).as("%s of %s", slow, i).isLessThanOrEqualTo(3_000);
        }
      }
    }
  }

  @Test
  void threeSlowAnswersOfSixtyFourAreNotUsual() {
    for (int i = 0; i < 64; i++) {
      times.add(i % 25 == 0 ? 30_000 : 1_000);
    }
    assertThat(times.p97()).isLessThanOrEqualTo(3_000);
  }

  @Test
  void whatATenthOfAllAnswersTakesIsUsual() {
    for (int i = 0; i < 60; i++) {
      times.add(i % 8 == 0 ? 30_000 : 1_000);
    }
    assertThat(times.p97()).isEqualTo(30_000);
  }

  @Test
  void whatWasLongAgoIsForgotten() {
    times.add(10_000);
    times.add(10_000);
    LongStream.rangeClosed(1, 64).forEach(times::add);
    assertThat(times.p97()).isEqualTo(63);
  }
}
