package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Optional;

/** What the provider decides on one request, with the levels after it was counted. */
public sealed interface Decision {
  /** The visible limits after this request. */
  List<ShownLevel> levels();

  /** Whether the request is served. */
  default boolean accepted() {
    return this instanceof Accepted;
  }

  /** Served and charged. */
  record Accepted(List<ShownLevel> levels) implements Decision {}

  /**
   * Rejected by a limit.
   *
   * @param limit the limit that stands in the way longest
   * @param waitNanos how long until the same request would pass if nobody else came; {@link
   *     #WAIT_UNKNOWN} for a concurrency limit, where it depends on when others end
   * @param requested what the request would have charged that limit
   * @param unseen its level where no header shows it: the message of a 429 may
   */
  record Rejected(
      Limit limit,
      long waitNanos,
      long requested,
      List<ShownLevel> levels,
      Optional<ShownLevel> unseen)
      implements Decision {
    /** Nobody can say when a place gets free. */
    public static final long WAIT_UNKNOWN = -1;

    /** By a limit that headers show. */
    public Rejected(Limit limit, long waitNanos, long requested, List<ShownLevel> levels) {
      this(limit, waitNanos, requested, levels, Optional.empty());
    }
  }

  /**
   * Larger than the whole budget: it can never pass.
   *
   * @param limit the limit that is too small
   * @param requested what the request would have charged it
   */
  record TooLarge(Limit limit, long requested, List<ShownLevel> levels) implements Decision {}
}
