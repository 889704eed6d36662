package dev.paceline.provider.path;

import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Another grammar's paths behind up to so many leading segments ({@code
 * /{provider}/v1/chat/completions}).
 */
public final class SuffixPaths implements PathGrammar {
  private final PathGrammar inner;
  private final int segments;

  public SuffixPaths(PathGrammar inner, int segments) {
    this.inner = inner;
    this.segments = segments;
  }

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    int start = start(path, from, end);
    return start < 0 ? null : inner.operation(path, start, end);
  }

  @Override
  public String model(String path, int from, int end) {
    int start = start(path, from, end);
    return start < 0 ? "" : inner.model(path, start, end);
  }

  @Override
  public boolean namesModelOrOwner() {
    return inner.namesModelOrOwner();
  }

  private int start(String path, int from, int end) {
    int start = from;
    for (int skipped = 0; start >= 0 && start < end; skipped++) {
      if (inner.operation(path, start, end) != null) {
        return start;
      }
      if (skipped == segments) {
        return -1;
      }
      start = path.indexOf('/', start + 1);
    }
    return -1;
  }
}
