package dev.paceline.words;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Headers that are held by the agent itself: a copy, in the order of their names. */
public final class MapHeaders implements Headers {
  private final TreeMap<String, List<String>> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  public MapHeaders(Map<String, List<String>> values) {
    this.values.putAll(values);
  }

  /** One value a name. */
  public static MapHeaders ofSingles(Map<String, String> values) {
    MapHeaders headers = new MapHeaders(Map.of());
    values.forEach((name, value) -> headers.values.put(name, List.of(value)));
    return headers;
  }

  @Override
  public @Nullable String first(String name) {
    List<String> found = values.get(name);
    return found == null || found.isEmpty() ? null : found.get(0);
  }

  @Override
  public Map<String, List<String>> all() {
    return Collections.unmodifiableMap(values);
  }
}
