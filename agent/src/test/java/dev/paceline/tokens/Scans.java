package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Headers;
import dev.paceline.words.MapHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ways to feed a body to a scanner. */
final class Scans {
  private Scans() {}

  static Headers headers(String... pairs) {
    Map<String, List<String>> map = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], List.of(pairs[i + 1]));
    }
    return new MapHeaders(map);
  }

  /** The usage of a body that comes in pieces that end at these places, and at its end. */
  static @Nullable Usage scan(Headers headers, byte[] body, int... cuts) {
    UsageScanner scanner = UsageScanner.of(headers, true);
    assertThat(scanner).isNotNull();
    int at = 0;
    for (int cut : cuts) {
      scanner.bytes(body, at, cut - at);
      at = cut;
    }
    scanner.bytes(body, at, body.length - at);
    return scanner.usage();
  }

  static @Nullable Usage byteByByte(Headers headers, byte[] body) {
    UsageScanner scanner = UsageScanner.of(headers, true);
    assertThat(scanner).isNotNull();
    for (int at = 0; at < body.length; at++) {
      scanner.bytes(body, at, 1);
    }
    return scanner.usage();
  }
}
