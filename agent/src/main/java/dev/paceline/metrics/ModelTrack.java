package dev.paceline.metrics;

import java.util.EnumMap;
import java.util.Map;

/** What {@link History} keeps of one model: for each {@link Span} its rows. */
final class ModelTrack {
  private final Map<Span, Rows> spans = new EnumMap<>(Span.class);

  ModelTrack(long nowMillis) {
    for (Span span : Span.values()) {
      spans.put(span, new Rows(span, nowMillis));
    }
  }

  void turnTo(long nowMillis) {
    spans.values().forEach(rows -> rows.turnTo(nowMillis));
  }

  /** Adds to the newest step of each. */
  void add(int index, long value) {
    spans.values().forEach(rows -> rows.add(index, value));
  }

  Rows of(Span span) {
    Rows rows = spans.get(span);
    if (rows == null) {
      throw new IllegalArgumentException(span.word()); // all are there from the beginning
    }
    return rows;
  }

  /** Whether nothing happened within the longest span. */
  boolean empty() {
    return of(Span.DAY).empty();
  }
}
