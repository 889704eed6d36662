package dev.paceline.tokens;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the shared recordings are: {@code -Dpaceline.samples=DIR}, else {@code ../shared/samples}
 * beside the repository.
 */
final class Recordings {
  private Recordings() {}

  static @Nullable Path file(String name) {
    String set = System.getProperty("paceline.samples");
    for (Path folder :
        set != null
            ? new Path[] {Path.of(set)}
            : new Path[] {Path.of("../../shared/samples"), Path.of("../shared/samples")}) {
      Path file = folder.resolve("recordings").resolve(name);
      if (Files.exists(file)) {
        return file;
      }
    }
    return null;
  }
}
