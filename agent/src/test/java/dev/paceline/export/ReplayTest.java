package dev.paceline.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.paceline.metrics.Reading;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReplayTest {
  private static final double[] BOUNDS = {.01, .1, 1, 10, Double.POSITIVE_INFINITY};

  private final Replay replay = new Replay();
  private final List<Double> told = new ArrayList<>();

  @Property(tries = 300)
  void bucketsCountAndSumArriveWhateverTheStepsBetween(
      @ForAll List<@Size(max = 8) List<@DoubleRange(min = 0, max = 100) Double>> steps) {
    Replay ours = new Replay();
    List<Double> arrived = new ArrayList<>();
    List<Double> all = new ArrayList<>();
    for (List<Double> step : steps) {
      all.addAll(step);
      ours.advance(reading(all), arrived::add);
    }
    assertThat(reading(arrived).buckets()).isEqualTo(reading(all).buckets());
    double sum = all.stream().mapToDouble(d -> d).sum();
    // Each duration may be off by a millionth of its bucket.
    assertThat(arrived.stream().mapToDouble(d -> d).sum())
        .isCloseTo(sum, within(1e-4 * (1 + all.size())));
  }

  @Test
  void whatWasToldIsNotToldAgain() {
    replay.advance(reading(List.of(.5, .5)), told::add);
    replay.advance(reading(List.of(.5, .5)), told::add);

    assertThat(told).hasSize(2);
  }

  @Test
  void aSingleDurationArrivesAsItWas() {
    replay.advance(reading(List.of(.25)), told::add);

    assertThat(told.get(0)).isCloseTo(.25, within(1e-6));
  }

  @Test
  void longerThanTheLastBoundKeepsItsLength() {
    replay.advance(reading(List.of(600.0)), told::add);

    assertThat(told.get(0)).isCloseTo(600, within(.01));
  }

  /** A sum that is read before its count's last part, as adders may be, is made good later. */
  @Test
  void aSumThatLagsBehindIsMadeGood() {
    Reading.Distribution now = reading(List.of(.5));
    replay.advance(new Reading.Distribution(1, .2, now.buckets()), told::add);
    replay.advance(reading(List.of(.5, .5)), told::add);

    assertThat(told.stream().mapToDouble(d -> d).sum()).isCloseTo(1, within(1e-4));
  }

  private static Reading.Distribution reading(List<Double> durations) {
    List<Reading.Bucket> buckets = new ArrayList<>();
    for (double bound : BOUNDS) {
      buckets.add(new Reading.Bucket(bound, durations.stream().filter(d -> d <= bound).count()));
    }
    return new Reading.Distribution(
        durations.size(), durations.stream().mapToDouble(d -> d).sum(), buckets);
  }
}
