package dev.paceline.okhttp.beside;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import okhttp3.Headers;

/**
 * OkHttp's headers as a map, for iterating: of the twenty-five that an answer carries six matter,
 * and OkHttp's own multimap makes a tree and a list for each.
 */
final class HeaderMap extends AbstractMap<String, List<String>> {
  private final Headers headers;

  /** The first place of each name. */
  private final int[] firsts;

  HeaderMap(Headers headers) {
    this.headers = headers;
    int[] found = new int[headers.size()];
    int count = 0;
    for (int i = 0; i < found.length; i++) {
      if (!before(i, found, count)) {
        found[count++] = i;
      }
    }
    this.firsts = count == found.length ? found : Arrays.copyOf(found, count);
  }

  private boolean before(int index, int[] found, int count) {
    String name = headers.name(index);
    for (int i = 0; i < count; i++) {
      if (name.equalsIgnoreCase(headers.name(found[i]))) {
        return true;
      }
    }
    return false;
  }

  private List<String> values(int first) {
    if (firsts.length == headers.size()) {
      return List.of(headers.value(first));
    }
    List<String> values = new ArrayList<>(1);
    String name = headers.name(first);
    for (int i = first; i < headers.size(); i++) {
      if (name.equalsIgnoreCase(headers.name(i))) {
        values.add(headers.value(i));
      }
    }
    return values;
  }

  @Override
  public Set<Map.Entry<String, List<String>>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return firsts.length;
      }

      @Override
      public Iterator<Map.Entry<String, List<String>>> iterator() {
        return new Walk();
      }
    };
  }

  private final class Walk implements Iterator<Map.Entry<String, List<String>>> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < firsts.length;
    }

    @Override
    public Map.Entry<String, List<String>> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return new One(firsts[next++]);
    }
  }

  private final class One implements Map.Entry<String, List<String>> {
    private final int first;

    One(int first) {
      this.first = first;
    }

    @Override
    public String getKey() {
      return headers.name(first);
    }

    @Override
    public List<String> getValue() {
      return values(first);
    }

    @Override
    public List<String> setValue(List<String> value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Map.Entry<?, ?> entry
          && getKey().equals(entry.getKey())
          && getValue().equals(entry.getValue());
    }

    @Override
    public int hashCode() {
      return getKey().hashCode() ^ getValue().hashCode();
    }
  }
}
