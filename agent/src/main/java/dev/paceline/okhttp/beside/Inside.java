package dev.paceline.okhttp.beside;

import dev.paceline.okhttp.Services;
import org.jspecify.annotations.Nullable;

/**
 * {@link Internals}, looked up when a call first has to be held: reflection in a young JVM costs
 * more than weaving, and most clients are built long before anything has to wait.
 */
final class Inside {
  private final Services services;
  private volatile boolean looked;
  private volatile @Nullable Internals found;

  Inside(Services services) {
    this.services = services;
  }

  /** Whether they were looked up already: asking for them costs nothing then. */
  boolean known() {
    return looked;
  }

  private void fault(Exception e) {
    try {
      services.calls().get().fault("okhttp", e);
    } catch (RuntimeException noRoom) {
      // Then nothing is held either.
    }
  }

  /** Null for a version that has none of the names, or may not be opened. */
  @Nullable Internals get() {
    if (!looked) {
      try {
        found = new Internals();
      } catch (ReflectiveOperationException | RuntimeException e) {
        fault(e);
      }
      looked = true;
    }
    return found;
  }
}
