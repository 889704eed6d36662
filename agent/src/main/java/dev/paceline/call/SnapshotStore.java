package dev.paceline.call;

import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.words.Scope;
import org.jspecify.annotations.Nullable;

/** What an earlier run of the application learned. */
public interface SnapshotStore {
  /** Nothing. */
  SnapshotStore NONE = scope -> null;

  /** What is known of a scope; null when nothing is. Asked once a scope, at its first call. */
  @Nullable Recalled recall(Scope scope);

  /**
   * What was known.
   *
   * @param ageNanos how long ago, not negative
   */
  record Recalled(LimiterSnapshot memory, long ageNanos) {}
}
