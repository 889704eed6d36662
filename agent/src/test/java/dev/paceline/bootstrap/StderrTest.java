package dev.paceline.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StderrTest {
  @Test
  void aLineBeginsWithTimeAndLevel() {
    long millis = Instant.parse("2026-11-30T04:05:06.007Z").toEpochMilli();

    assertThat(Stderr.line("INFO", "hello", millis, false))
        .isEqualTo("2026-11-30T04:05:06.007Z INFO paceline: hello");
    assertThat(Stderr.line("WARN", "paceline: event=quota", millis, false))
        .isEqualTo("2026-11-30T04:05:06.007Z WARN paceline: event=quota");
  }

  @Test
  void theTimeIsThatOfTheClockOnEveryDay() {
    for (long millis = 1; millis < 5_000_000_000_000L; millis += 86_399_999L * 37) {
      String time = Stderr.line("INFO", "x", millis, false).split(" ")[0];
      assertThat(Instant.parse(time).toEpochMilli()).isEqualTo(millis);
    }
  }

  @Test
  void asJsonItIsOneObjectWhateverTheTextHolds() throws IOException {
    String text = "paceline: a \"quoted\" \\ path\nnext\tline \u0001 \ud800 häßlich \u2028";

    String line = Stderr.line("WARN", text, 0, true);

    assertThat(line).doesNotContain("\n", "\t", "\u0001");
    assertThat(fields(line))
        .containsEntry("time", "1970-01-01T00:00:00.000Z")
        .containsEntry("level", "WARN")
        .containsEntry("logger", "paceline")
        .containsEntry("message", text.substring("paceline: ".length()));
  }

  private static Map<String, String> fields(String line) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        fields.put(parser.currentName(), parser.nextTextValue());
      }
      assertThat(parser.currentToken()).isEqualTo(JsonToken.END_OBJECT);
      assertThat(parser.nextToken()).isNull();
    }
    return fields;
  }
}
