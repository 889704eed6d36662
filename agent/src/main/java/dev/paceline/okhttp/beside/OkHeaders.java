package dev.paceline.okhttp.beside;

import dev.paceline.okhttp.CopiedHeaders;
import dev.paceline.words.Headers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OkHttp's headers in our words, for as long as the call lasts. */
final class OkHeaders implements Headers {
  private final okhttp3.Headers headers;
  private @Nullable HeaderMap all;

  OkHeaders(okhttp3.Headers headers) {
    this.headers = headers;
  }

  /** What may be kept longer. */
  static CopiedHeaders copy(okhttp3.Headers headers) {
    String[] all = new String[2 * headers.size()];
    for (int i = 0; i < headers.size(); i++) {
      all[2 * i] = headers.name(i);
      all[2 * i + 1] = headers.value(i);
    }
    return new CopiedHeaders(all);
  }

  /** The first value; OkHttp's own {@code get} returns the last. */
  @Override
  public @Nullable String first(String name) {
    for (int i = 0, size = headers.size(); i < size; i++) {
      if (name.equalsIgnoreCase(headers.name(i))) {
        return headers.value(i);
      }
    }
    return null;
  }

  @Override
  public Map<String, List<String>> all() {
    HeaderMap map = all;
    if (map == null) {
      map = new HeaderMap(headers);
      all = map;
    }
    return map;
  }
}
