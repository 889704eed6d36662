package dev.paceline.okhttp.beside;

import dev.paceline.okhttp.CopiedHeaders;
import dev.paceline.words.Headers;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** OkHttp's headers in our words, for as long as the call lasts. */
final class OkHeaders implements Headers {
  private final okhttp3.Headers headers;

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
    int at = next(name, 0);
    return at < 0 ? null : headers.value(at);
  }

  @Override
  public Map<String, List<String>> all() {
    return headers.toMultimap();
  }

  @Override
  public void forEach(Predicate<String> wanted, BiConsumer<String, List<String>> reader) {
    for (int i = 0, size = headers.size(); i < size; i++) {
      String name = headers.name(i);
      if (wanted.test(name) && next(name, 0) == i) {
        int again = next(name, i + 1);
        reader.accept(name, again < 0 ? List.of(headers.value(i)) : headers.values(name));
      }
    }
  }

  /** Where the name stands next; -1 for nowhere. */
  private int next(String name, int from) {
    for (int i = from, size = headers.size(); i < size; i++) {
      if (name.equalsIgnoreCase(headers.name(i))) {
        return i;
      }
    }
    return -1;
  }
}
