package dev.paceline.okhttp.beside;

import dev.paceline.words.Headers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OkHttp's headers in our words. */
final class OkHeaders implements Headers {
  final okhttp3.Headers headers;

  OkHeaders(okhttp3.Headers headers) {
    this.headers = headers;
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
    return headers.toMultimap();
  }
}
