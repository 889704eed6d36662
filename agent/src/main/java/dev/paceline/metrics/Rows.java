package dev.paceline.metrics;

import org.jspecify.annotations.Nullable;

/** A ring of rows, one a step of a {@link Span}; a row is made when something happens. */
final class Rows {
  private final int[] @Nullable [] rows;
  private final Span span;
  private long newest;

  Rows(Span span, long nowMillis) {
    this.span = span;
    rows = new int[span.steps()][];
    newest = nowMillis / span.stepMillis();
  }

  /** Forgets what is older than the ring. */
  void turnTo(long nowMillis) {
    long step = nowMillis / span.stepMillis();
    for (long s = Math.max(newest + 1, step - rows.length + 1); s <= step; s++) {
      rows[(int) (s % rows.length)] = null;
    }
    newest = step;
  }

  /** Adds to the newest step. */
  void add(int index, long value) {
    int at = (int) (newest % rows.length);
    int[] row = rows[at];
    if (row == null) {
      row = new int[Totals.SIZE];
      rows[at] = row;
    }
    row[index] = (int) Math.min(Integer.MAX_VALUE, row[index] + value);
  }

  /** One number of one step; 0 is the newest, 1 the one before. */
  long at(int age, int index) {
    int[] row = row(age);
    return row == null ? 0 : row[index];
  }

  /** The sum of the newest so many steps. */
  long[] sum(int steps) {
    long[] sum = new long[Totals.SIZE];
    for (int age = 0; age < steps; age++) {
      addTo(sum, age);
    }
    return sum;
  }

  void addTo(long[] sum, int age) {
    int[] row = row(age);
    for (int i = 0; row != null && i < row.length; i++) {
      sum[i] += row[i];
    }
  }

  boolean empty() {
    for (int[] row : rows) {
      if (row != null) {
        return false;
      }
    }
    return true;
  }

  private int @Nullable [] row(int age) {
    long step = newest - age;
    return step < 0 ? null : rows[(int) (step % rows.length)];
  }
}
