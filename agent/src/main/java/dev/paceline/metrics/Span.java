package dev.paceline.metrics;

/** How far back the history looks, and in which steps: longer spans in coarser ones. */
public enum Span {
  QUARTER("15m", 15_000, 60),
  HOUR("1h", 60_000, 60),
  DAY("24h", 900_000, 96);

  private final String word;
  private final long stepMillis;
  private final int steps;

  Span(String word, long stepMillis, int steps) {
    this.word = word;
    this.stepMillis = stepMillis;
    this.steps = steps;
  }

  /** As the console's {@code range} parameter names it. */
  public String word() {
    return word;
  }

  /** Length of a step. */
  public long stepMillis() {
    return stepMillis;
  }

  int steps() {
    return steps;
  }

  /** The one of this name; {@link #QUARTER} for any other. */
  public static Span named(String word) {
    for (Span span : values()) {
      if (span.word.equals(word)) {
        return span;
      }
    }
    return QUARTER;
  }
}
