package dev.paceline.metrics;

import java.util.ArrayList;
import java.util.List;

/** What {@link History} keeps of the process as a whole, in the steps of one {@link Span}. */
final class StepLevels {
  private final Span span;
  private final long[] waiting;
  private final boolean[] observing;
  private long newest;

  StepLevels(Span span) {
    this.span = span;
    waiting = new long[span.steps()];
    observing = new boolean[span.steps()];
  }

  void turnTo(long nowMillis) {
    long step = nowMillis / span.stepMillis();
    for (long s = Math.max(newest + 1, step - waiting.length + 1); s <= step; s++) {
      waiting[(int) (s % waiting.length)] = 0;
      observing[(int) (s % waiting.length)] = false;
    }
    newest = step;
  }

  void see(long nowWaiting, boolean nowObserving) {
    int at = (int) (newest % waiting.length);
    waiting[at] = Math.max(waiting[at], nowWaiting);
    observing[at] |= nowObserving;
  }

  /** The most that waited at a time, the oldest step first. */
  List<Long> waiting() {
    List<Long> steps = new ArrayList<>(waiting.length);
    for (int age = waiting.length - 1; age >= 0; age--) {
      long step = newest - age;
      steps.add(step < 0 ? 0 : waiting[(int) (step % waiting.length)]);
    }
    return steps;
  }

  boolean observing(int age) {
    long step = newest - age;
    return step >= 0 && observing[(int) (step % observing.length)];
  }
}
