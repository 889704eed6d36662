package dev.paceline.okhttp;

import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers of an answer that may be kept beyond its call. A class of the agent's own loader over
 * strings only: OkHttp's headers would keep the application's loader alive.
 */
public final class CopiedHeaders implements Headers {
  private final String[] namesAndValues;

  /**
   * @param namesAndValues each name with its value after it, in the order of the answer; not copied
   */
  public CopiedHeaders(String[] namesAndValues) {
    this.namesAndValues = namesAndValues;
  }

  public int size() {
    return namesAndValues.length / 2;
  }

  public String name(int index) {
    return namesAndValues[2 * index];
  }

  public String value(int index) {
    return namesAndValues[2 * index + 1];
  }

  @Override
  public @Nullable String first(String name) {
    for (int i = 0; i < size(); i++) {
      if (name.equalsIgnoreCase(name(i))) {
        return value(i);
      }
    }
    return null;
  }

  @Override
  public Map<String, List<String>> all() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (int i = 0; i < size(); i++) {
      String lower = name(i).toLowerCase(java.util.Locale.ROOT);
      all.computeIfAbsent(lower, n -> new ArrayList<>()).add(value(i));
    }
    return Collections.unmodifiableMap(all);
  }
}
