package dev.paceline.jdkhttp;

import dev.paceline.words.Headers;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JDK's headers in our words. */
record HeaderView(HttpHeaders headers) implements Headers {
  @Override
  public @Nullable String first(String name) {
    List<String> values = headers.allValues(name); // firstValue makes a stream of them
    return values.isEmpty() ? null : values.get(0);
  }

  @Override
  public Map<String, List<String>> all() {
    return headers.map();
  }

  /** A copy in which SDKs above read that they must not start over. */
  static HttpHeaders stopping(Map<String, List<String>> headers) {
    Map<String, List<String>> copy = new java.util.LinkedHashMap<>(headers);
    copy.keySet().removeIf("x-should-retry"::equalsIgnoreCase);
    copy.put("x-should-retry", List.of("false"));
    return HttpHeaders.of(copy, (name, value) -> true);
  }

  /** Headers of an answer, with the mark for SDKs when asked for. */
  static HttpHeaders of(Headers headers, boolean stopSdk) {
    if (stopSdk) {
      return stopping(headers.all());
    }
    return headers instanceof HeaderView view
        ? view.headers
        : HttpHeaders.of(headers.all(), (name, value) -> true);
  }
}
