package dev.paceline.provider.path;

import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/**
 * How a provider's paths are read. {@link #operation} is called for requests that have nothing to
 * do with an LLM, so it must not allocate: index arithmetic and {@code regionMatches} only. The
 * other methods run on recognised paths.
 */
public interface PathGrammar {
  /**
   * What {@code path[from, end)} asks for; null when it is no path of this dialect. Never
   * allocates.
   */
  @Nullable Operation operation(String path, int from, int end);

  /** The model that the path names, decoded; empty when the path names none. */
  default String model(String path, int from, int end) {
    return "";
  }

  /** The owner of the limit that host and path show; empty when they show none. */
  default String owner(String host, String path, int from, int end) {
    return "";
  }

  /** Whether {@link #model} or {@link #owner} can be anything but empty. */
  default boolean namesModelOrOwner() {
    return false;
  }
}
