package dev.paceline.provider.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Headers;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowDownTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "503|Slow Down|slow_down|true",
        "503|Slow Down|server_error|true",
        "429|This request would exceed your organization's maximum usage increase rate for input"
            + " tokens per minute.|rate_limit_error|true",
        "429|Rate limit reached|rate_limit_exceeded|false",
        "503|The engine is currently overloaded|server_error|false",
        "400|slow_down|slow_down|false",
      })
  void onlyAComplaintAboutTheRiseIsOne(int status, String message, String code, boolean asked) {
    String body =
        "{\"error\":{\"message\":\"" + message + "\",\"type\":\"x\",\"code\":\"" + code + "\"}}";
    ProviderResponse answer =
        new ProviderResponse(status, Headers.NONE, body.getBytes(StandardCharsets.UTF_8), true);
    assertThat(SlowDown.asked(answer)).isEqualTo(asked);
  }
}
