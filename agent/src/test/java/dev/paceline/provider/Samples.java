package dev.paceline.provider;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the shared recordings are: {@code -Dpaceline.samples=DIR}, else {@code ../shared/samples}
 * beside the repository.
 */
final class Samples {
  private Samples() {}

  static @Nullable Path file(String name) {
    String set = System.getProperty("paceline.samples");
    for (Path folder :
        set != null
            ? new Path[] {Path.of(set)}
            : new Path[] {Path.of("../../shared/samples"), Path.of("../shared/samples")}) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    return null;
  }
}
