package dev.paceline.provider.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class MomentsTest {
  private static final long EIGHT_FIVE = Instant.parse("2026-07-12T08:05:00Z").toEpochMilli();

  @Test
  void aMomentWithAZoneIsRead() {
    for (String text :
        new String[] {
          "2026-07-12 08:05:00 utc",
          "2026-07-12 08:05 gmt",
          "2026-07-12t08:05:00z",
          "2026-07-12t08:05:00.000z",
          "2026-07-12t10:05:00+02:00",
          "2026/07/12 16:05:00 +0800 cst",
          "2026-07-12 at 08:05 utc",
          "2026-07-12 16:05:00 (utc+8)",
          "2026-07-12 16:05:00 utc+08:00",
          "2026-07-12 01:05:00 america/los_angeles",
          "2026-07-12 1:05:00 am pdt",
          "sun, 12 jul 2026 08:05:00 gmt",
          "july 12, 2026 at 8:05 am utc",
          "jul 12, 2026, 08:05:00 utc",
          "12 july 2026 04:05:00 edt",
          "1783843500",
          "1783843500000",
          "2026-07-12 16:05:00 beijing time"
        }) {
      assertThat(Moments.at(text, 0)).as(text).isEqualTo(EIGHT_FIVE);
    }
  }

  @Test
  void aWallClockSomewhereIsNoMoment() {
    for (String text :
        new String[] {
          "2026-07-12 08:05:00",
          "2026-07-12 08:05:00.",
          "2026-07-12 08:05:00 cst",
          "2026-07-12 08:05:00 nowhere/else",
          "2026-07-12",
          "2026-13-45 08:05:00 utc",
          "2026-07-12 28:05:00 utc",
          "3pm",
          "tomorrow",
          "",
          "20260712",
          "2026-07-12 08:05:00 +",
          "jul jul jul jul jul jul"
        }) {
      assertThat(Moments.at(text, 0)).as(text).isEqualTo(Durations.NONE);
    }
  }

  @Property(tries = 1000)
  void anyTextIsReadWithoutHarm(@ForAll @StringLength(max = 60) String text) {
    assertThat(Moments.at(text, 0)).isGreaterThanOrEqualTo(Durations.NONE);
    assertThat(Moments.at("2026-07-12 " + text, 0)).isGreaterThanOrEqualTo(Durations.NONE);
    assertThat(Moments.at("jul 1" + text, 0)).isGreaterThanOrEqualTo(Durations.NONE);
  }

  /** The two forms that nearly all answers carry are read without a formatter. */
  @Property(tries = 1000)
  void datesOfAnswersAreReadAsAFormatterReadsThem(
      @ForAll @LongRange(min = 0, max = 7_258_118_399L) long seconds) {
    Instant moment = Instant.ofEpochSecond(seconds);
    assertThat(Durations.instant(moment.toString())).isEqualTo(seconds * 1_000);
    String date =
        DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withLocale(Locale.ENGLISH)
            .format(moment.atOffset(ZoneOffset.UTC));
    assertThat(Durations.instant(date)).isEqualTo(seconds * 1_000);
  }
}
