package dev.paceline.provider;

import dev.paceline.provider.error.LenientJson;
import dev.paceline.words.Headers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Headers from pairs of names and values. */
public record TestHeaders(Map<String, List<String>> all) implements Headers {
  public static Headers of(String... pairs) {
    Map<String, List<String>> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.computeIfAbsent(pairs[i], key -> new java.util.ArrayList<>()).add(pairs[i + 1]);
    }
    return new TestHeaders(map);
  }

  public static Headers of(LenientJson.Node object) {
    String[] pairs = new String[object.size() * 2];
    for (int i = 0; i < object.size(); i++) {
      pairs[2 * i] = object.name(i);
      pairs[2 * i + 1] = object.child(i).text();
    }
    return of(pairs);
  }

  @Override
  public @Nullable String first(String name) {
    for (Map.Entry<String, List<String>> entry : all.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        return entry.getValue().get(0);
      }
    }
    return null;
  }
}
