package dev.paceline.cli;

import dev.paceline.words.Headers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Headers that were written as JSON: a value is a string, a number, or an array of them. */
final class JsonHeaders implements Headers {
  private final Map<String, List<String>> all = new LinkedHashMap<>();

  /**
   * @throws IOException when a value is neither
   */
  JsonHeaders(JsonValue.Obj headers) throws IOException {
    for (Map.Entry<String, JsonValue> header : headers.members().entrySet()) {
      List<String> values = new ArrayList<>();
      if (header.getValue() instanceof JsonValue.Arr array) {
        for (JsonValue element : array.elements()) {
          values.add(text(element));
        }
      } else {
        values.add(text(header.getValue()));
      }
      all.put(header.getKey(), List.copyOf(values));
    }
  }

  private static String text(JsonValue value) throws IOException {
    if (value instanceof JsonValue.Str text) {
      return text.value();
    }
    if (value instanceof JsonValue.Num number) {
      return number.text();
    }
    throw new IOException("a header's value must be a string or an array of strings");
  }

  @Override
  public @Nullable String first(String name) {
    for (Map.Entry<String, List<String>> header : all.entrySet()) {
      if (header.getKey().equalsIgnoreCase(name) && !header.getValue().isEmpty()) {
        return header.getValue().get(0);
      }
    }
    return null;
  }

  @Override
  public Map<String, List<String>> all() {
    return all;
  }
}
