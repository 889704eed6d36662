package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "250ms,250000000",
    "5s,5000000000",
    "1.5s,1500000000",
    "2m,120000000000",
    "1h,3600000000000",
    "PT5S,5000000000",
    "pt1m30s,90000000000",
    "0,0",
    "0s,0",
    "5 S,5000000000",
    "365d,31536000000000000",
    "PT0.25S,250000000"
  })
  void durationsAreReadInEveryAcceptedForm(String text, long nanos) {
    assertThat(Values.durationNanos(text)).hasValue(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "",
        "-5s",
        "PT-5S",
        "5 parsecs",
        "366d",
        "1e9s",
        "999999999999d",
        "NaN",
        "Infinity",
        "P",
        "PT",
        "PT99999999999999999999H",
        "0.1ns"
      })
  void durationsThatSayNoUnitOrNonsenseAreRefused(String text) {
    assertThat(Values.durationNanos(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1000,1000",
    "512KiB,524288",
    "8MiB,8388608",
    "1GiB,1073741824",
    "64MB,64000000",
    "10kb,10000",
    "7 B,7",
    "0,0"
  })
  void sizesAreReadInBinaryAndDecimalUnits(String text, long bytes) {
    assertThat(Values.sizeBytes(text)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "8M", "1.5MiB", "999999999999999GiB", "MiB"})
  void sizesThatAreAmbiguousOrTooLargeAreRefused(String text) {
    assertThat(Values.sizeBytes(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"6,6", "30k,30000", "30K,30000", "2M,2000000", "1.5k,1500"})
  void numbersMayUseThousandsAndMillions(String text, long number) {
    assertThat(Values.number(text)).hasValue(number);
  }

  @Test
  void aSmallMIsNoMillion() {
    assertThat(Values.number("2m")).isEmpty();
    assertThat(Values.number("1.0001k")).isEmpty();
  }

  @Test
  void fractionsMayBePercentages() {
    assertThat(Values.fraction("0.25")).contains(0.25);
    assertThat(Values.fraction("25%")).contains(0.25);
    assertThat(Values.fraction("1.5")).isEmpty();
    assertThat(Values.fraction("-0.1")).isEmpty();
  }

  @Property
  void anyWholeAmountOfAnyUnitIsReadExactly(@ForAll @LongRange(min = 0, max = 8_000) long amount) {
    assertThat(Values.durationNanos(amount + "ms")).hasValue(Duration.ofMillis(amount).toNanos());
    assertThat(Values.durationNanos(amount + "s")).hasValue(Duration.ofSeconds(amount).toNanos());
    assertThat(Values.durationNanos(amount + "m")).hasValue(Duration.ofMinutes(amount).toNanos());
    assertThat(Values.durationNanos(amount + "h")).hasValue(Duration.ofHours(amount).toNanos());
  }

  @Property
  void whatJavaPrintsForADurationIsReadBack(
      @ForAll @LongRange(min = 0, max = 31_536_000_000_000_000L) long nanos) {
    assertThat(Values.durationNanos(Duration.ofNanos(nanos).toString())).hasValue(nanos);
  }

  @Property
  void noTextMakesAParserThrow(@ForAll String text) {
    for (Key<?> key : Keys.all()) {
      key.type().parse(text);
    }
    for (Key<?> key : RuleKeys.all()) {
      key.type().parse(text);
    }
  }

  @Property
  void noNearlyRightTextMakesAParserThrowOrLeaveItsBounds(
      @ForAll
          @CharRange(from = '0', to = '9')
          @net.jqwik.api.constraints.Chars({
            '.', '-', 'e', 'E', 'P', 'T', 's', 'm', 'h', 'd', 'k', 'M', 'i', 'B', '%', ' '
          })
          @StringLength(max = 40)
          String text) {
    assertWithin(Values.durationNanos(text), Values.MAX_DURATION_NANOS);
    assertWithin(Values.sizeBytes(text), 1L << 60);
    assertWithin(Values.number(text), Long.MAX_VALUE);
    Values.fraction(text).ifPresent(value -> assertThat(value).isBetween(0.0, 1.0));
  }

  private static void assertWithin(OptionalLong value, long max) {
    value.ifPresent(number -> assertThat(number).isBetween(0L, max));
  }
}
