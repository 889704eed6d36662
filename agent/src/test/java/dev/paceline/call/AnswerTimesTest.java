package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AnswerTimesTest {
  private final AnswerTimes times = new AnswerTimes();

  @Test
  void nothingIsUsualBeforeTheFirstAnswer() {
    assertThat(times.usual()).isZero();
  }

  @Test
  void ofFewTheSlowestIsUsual() {
    LongStream.of(3, 9, 5).forEach(times::add);
    assertThat(times.usual()).isEqualTo(9);
  }

  @Test
  void ofManyOneOutlierIsNot() {
    LongStream.rangeClosed(1, 64).forEach(times::add);
    times.add(10_000);
    assertThat(times.usual()).isEqualTo(64);
  }

  @Test
  void whatWasLongAgoIsForgotten() {
    times.add(10_000);
    times.add(10_000);
    LongStream.rangeClosed(1, 64).forEach(times::add);
    assertThat(times.usual()).isEqualTo(63);
  }
}
