package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What answers teach about prices. */
class CalibrationTest {
  private final Calibration calibration = new Calibration();

  private static Estimate estimate(double input) {
    return new Estimate(input, false, false, false, -1, 1, false);
  }

  private static Estimate withTools(double input) {
    return new Estimate(input, true, false, false, -1, 1, false);
  }

  private static Usage usage(long input, long output) {
    return new Usage(input, 0, 0, false, output);
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswer() {
    assertThat(calibration.input(estimate(123.4))).isEqualTo(123);
    assertThat(calibration.calibrated(estimate(123))).isFalse();
    assertThat(calibration.output()).isZero();
    assertThat(calibration.chargeRatio()).isEqualTo(1);
  }

  @Test
  void aPreambleIsLearnedFromOneAnswer() {
    calibration.learn(estimate(10), usage(200, 5));
    assertThat(calibration.input(estimate(50))).isEqualTo(240);
  }

  @Test
  void aTokenizerIsLearnedFromALongText() {
    calibration.learn(estimate(10_000), usage(13_000, 5));
    assertThat(calibration.input(estimate(20_000))).isEqualTo(26_000);
  }

  @Test
  void preambleAndTokenizerAreToldApart() {
    Random random = new Random(2);
    for (int i = 0; i < 40; i++) {
      double size = 20 * Math.pow(200, random.nextDouble());
      calibration.learn(
          estimate(size),
          usage(Math.round(190 + 1.2 * size * (0.97 + 0.06 * random.nextDouble())), 5));
    }
    assertThat(calibration.calibrated(estimate(1))).isTrue();
    assertThat(calibration.input(estimate(40))).isCloseTo(238, Percentage.withPercentage(10));
    assertThat(calibration.input(estimate(4_000))).isCloseTo(4_990, Percentage.withPercentage(6));
  }

  @Test
  void whatASchemaCostsIsNotLearnedForTextsWithout() {
    Estimate schema = new Estimate(20, false, true, false, -1, 1, false);
    calibration.learn(estimate(45), usage(43, 5));
    calibration.learn(schema, usage(70, 5));
    assertThat(calibration.input(estimate(45))).isEqualTo(43);
    assertThat(calibration.input(schema)).isEqualTo(70);
  }

  @Test
  void howTextsAreCutSaysNothingOfTheFirstRequestWithTools() {
    calibration.learn(estimate(5), usage(4, 5));
    calibration.learn(estimate(1_650), usage(2_297, 5));
    assertThat(calibration.input(withTools(153))).isEqualTo(153);
  }

  @Test
  void whatStandsBeforeAllRequestsStandsBeforeTheFirstOneWithTools() {
    calibration.learn(estimate(20), usage(220, 5));
    assertThat(calibration.input(withTools(100))).isEqualTo(300);
  }

  @Test
  void oneOddAnswerMovesNothing() {
    for (int i = 0; i < 7; i++) {
      calibration.learn(estimate(100 + 40 * i), usage(100 + 40 * i, 5));
    }
    calibration.learn(estimate(200), usage(90_000, 5));
    assertThat(calibration.input(estimate(1_000))).isCloseTo(1_000, Percentage.withPercentage(5));
  }

  @Test
  void requestsWithToolsAreCalibratedApart() {
    for (int i = 0; i < 3; i++) {
      calibration.learn(withTools(100), usage(600, 5));
    }
    assertThat(calibration.calibrated(withTools(100))).isTrue();
    assertThat(calibration.calibrated(estimate(100))).isFalse();
    assertThat(calibration.input(estimate(100))).isEqualTo(100);
    assertThat(calibration.input(withTools(120))).isEqualTo(620);
  }

  @Test
  void imagesTeachNothingAboutTexts() {
    calibration.learn(new Estimate(800, false, false, true, -1, 1, false), usage(1_700, 5));
    assertThat(calibration.input(estimate(100))).isEqualTo(100);
  }

  @Test
  void anExactCountNeedsNoCalibration() {
    assertThat(calibration.calibrated(new Estimate(100, false, false, false, -1, 1, true)))
        .isTrue();
    assertThat(calibration.calibrated(new Estimate(100, false, false, true, -1, 1, true)))
        .isFalse();
  }

  @Test
  void nineOfTenOutputsFitIntoWhatIsSetAside() {
    for (int i = 1; i <= 64; i++) {
      calibration.learn(estimate(10), usage(10, i * 10));
    }
    assertThat(calibration.output()).isBetween(560L, 600L);
  }

  @Test
  void oldOutputsAreForgotten() {
    for (int i = 0; i < 200; i++) {
      calibration.learn(estimate(10), usage(10, i < 100 ? 5_000 : 50));
    }
    assertThat(calibration.output()).isEqualTo(50);
  }

  @Test
  void whatTheProviderChargesCorrectsOurs() {
    calibration.charged(100, 150);
    calibration.charged(200, 300);
    calibration.charged(100, 10_000);
    assertThat(calibration.chargeRatio()).isEqualTo(1.5);
    calibration.charged(0, 5);
    assertThat(calibration.chargeRatio()).isEqualTo(1.5);
  }

  @Test
  void theWorstOfTheLastAnswersSaysHowMuchIsNotCached() {
    assertThat(calibration.uncachedShare()).isEqualTo(1);
    for (int i = 0; i < 20; i++) {
      calibration.learn(estimate(100), new Usage(100, i == 15 ? 60 : 90, 0, false, 5));
    }
    assertThat(calibration.uncachedShare()).isEqualTo(0.4);
  }

  @Test
  void chargesOnBothSidesOfOursTeachNothing() {
    for (long theirs : new long[] {150, 180, 140, 90}) {
      calibration.charged(100, theirs);
    }
    assertThat(calibration.chargeRatio()).isEqualTo(1);
  }

  @Test
  void aCachedPromptCountsWhole() {
    calibration.learn(estimate(1_500), new Usage(100, 1_300, 100, true, 9));
    assertThat(calibration.input(estimate(1_500))).isEqualTo(1_500);
  }
}
