package dev.paceline.provider.path;

import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/** The paths of two grammars, the first one first. */
public record BothPaths(PathGrammar first, PathGrammar second) implements PathGrammar {
  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    Operation operation = first.operation(path, from, end);
    return operation != null ? operation : second.operation(path, from, end);
  }
}
