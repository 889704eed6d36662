package dev.paceline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The core stays small enough to be read: what it may hold at most, and it may only shrink. */
class CoreSizeTest {
  private static final Path MAIN = Path.of("src", "main", "java", "dev", "paceline");
  private static final int LINES_A_CLASS = 450;

  // 380 of them are the part of limits that processes have agreed on (docs/decisions/013).
  private static final int LINES_OF_LIMIT = 6_580;
  private static final int CONSTANTS_OF_LIMIT = 139;
  private static final Pattern CONSTANT =
      Pattern.compile("^ *(private )?static final \\S+ [A-Z][A-Z_0-9]*\\b");

  private static Map<String, List<String>> sources(String room) throws IOException {
    Map<String, List<String>> sources = new TreeMap<>();
    try (Stream<Path> files = Files.list(MAIN.resolve(room))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString(), Files.readAllLines(file));
      }
    }
    assertThat(sources).isNotEmpty();
    return sources;
  }

  @Test
  void noClassIsLongerThanCanBeReadAtOnce() throws IOException {
    for (String room : List.of("limit", "call")) {
      sources(room)
          .forEach(
              (name, lines) -> assertThat(lines).as(name).hasSizeLessThanOrEqualTo(LINES_A_CLASS));
    }
  }

  @Test
  void theLimiterDoesNotGrow() throws IOException {
    List<String> all = sources("limit").values().stream().flatMap(List::stream).toList();
    assertThat(all).hasSizeLessThanOrEqualTo(LINES_OF_LIMIT);
    assertThat(all.stream().filter(line -> CONSTANT.matcher(line).find()))
        .hasSizeLessThanOrEqualTo(CONSTANTS_OF_LIMIT);
  }
}
