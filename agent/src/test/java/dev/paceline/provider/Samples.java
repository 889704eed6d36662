package dev.paceline.provider;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the shared recordings and cases are: {@code -Dpaceline.samples=DIR} and {@code
 * -Dpaceline.cases=DIR}, else {@code ../shared/samples} and {@code ../shared/cases} beside the
 * repository.
 */
public final class Samples {
  private Samples() {}

  /** A file of the recordings; null where they are not, and a line that says so. */
  public static @Nullable Path file(String name) {
    return find("samples", name);
  }

  /** A file of the cases; null where they are not, and a line that says so. */
  static @Nullable Path caseFile(String name) {
    return find("cases", name);
  }

  private static @Nullable Path find(String folder, String name) {
    String property = "paceline." + folder;
    String set = System.getProperty(property);
    for (Path parent :
        set != null
            ? new Path[] {Path.of(set)}
            : new Path[] {
              Path.of("../../shared").resolve(folder), Path.of("../shared").resolve(folder)
            }) {
      if (Files.exists(parent.resolve(name))) {
        return parent.resolve(name);
      }
    }
    System.out.println(
        "Not run: " + name + " is not in ../shared/" + folder + "; set -D" + property + "=DIR");
    return null;
  }
}
