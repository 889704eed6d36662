package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * The JDKs of this machine by feature version: those of {@code -Djdk.homes} (a path list), the one
 * of {@code JAVA_HOME}, those of {@code /usr/lib/jvm}, and the one that runs the tests.
 */
final class Jdk {
  private static final TreeMap<Integer, Path> FOUND = find();

  private Jdk() {}

  /** The cells: every test that is about a JVM runs on these. */
  static IntStream cells() {
    return IntStream.of(17, 25);
  }

  /** Skips the test, visibly, when there is no such JDK. */
  static Path home(int version) {
    Path home = FOUND.get(version);
    if (home == null) {
      String line = "SKIPPED: no JDK " + version + " here; name one with -Djdk.homes";
      System.out.println(line);
      throw new TestAbortedException(line);
    }
    return home;
  }

  static String tool(int version, String name) {
    Path tool = home(version).resolve("bin").resolve(name);
    assertThat(tool).isExecutable();
    return tool.toString();
  }

  private static TreeMap<Integer, Path> find() {
    List<Path> candidates = new ArrayList<>();
    for (String home : System.getProperty("jdk.homes", "").split(File.pathSeparator)) {
      if (!home.isBlank()) {
        candidates.add(Path.of(home));
      }
    }
    Optional.ofNullable(System.getenv("JAVA_HOME")).map(Path::of).ifPresent(candidates::add);
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> homes = Files.list(installed)) {
        homes.sorted().forEach(candidates::add);
      } catch (IOException e) {
        System.out.println("cannot list " + installed + ": " + e);
      }
    }
    candidates.add(Path.of(System.getProperty("java.home")));
    TreeMap<Integer, Path> found = new TreeMap<>();
    for (Path home : candidates) {
      if (Files.isExecutable(home.resolve("bin/java"))) {
        version(home).ifPresent(version -> found.putIfAbsent(version, home));
      }
    }
    return found;
  }

  private static Optional<Integer> version(Path home) {
    Properties release = new Properties();
    try (InputStream in = Files.newInputStream(home.resolve("release"))) {
      release.load(in);
    } catch (IOException e) {
      return Optional.empty();
    }
    String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
    String feature = version.replaceFirst("^1\\.", "").replaceFirst("[^0-9].*", "");
    return feature.isEmpty() ? Optional.empty() : Optional.of(Integer.valueOf(feature));
  }
}
