package dev.paceline.it;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.paceline.it.Comparison.Cell;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Programs of folders outside of the repository, without and with the agent: {@code
 * it-tests/compare -f FOLDER}. What they print is compared but for times, ports and addresses; a
 * difference is shown, not judged, for nobody here knows what they ask. A program that ends without
 * the agent and does not with it is a failure. How each is run is told in {@code
 * src/programs/outside.list}; one that is not listed is run without arguments.
 */
class OutsideAcceptance {
  private static final Path ROOT = AgentJvm.MODULE.resolve("..").normalize();
  private static final List<String> BESIDE =
      List.of("../shared/cases/clients", "../shared/cases/hostile", "../shared/cases/suites");

  private record Run(String program, List<String> options, List<String> arguments) {}

  @TestFactory
  Stream<DynamicTest> folders() throws IOException {
    String given = System.getProperty("compare.folders", "");
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : given.isBlank() ? BESIDE : List.of(given.split(File.pathSeparator))) {
      Path folder = ROOT.resolve(name).normalize();
      if (!Files.isDirectory(folder)) {
        System.out.println("SKIPPED: there is no folder " + name);
        continue;
      }
      for (Cell cell : Cell.all()) {
        Path classes =
            AgentJvm.TARGET.resolve("outside/" + folder.getFileName() + cell.okHttp().hashCode());
        List<Path> failed = Programs.compile(folder, classes, cell.okHttp());
        failed.forEach(file -> System.out.println("SKIPPED: cannot compile " + file.getFileName()));
        for (Run run : runs(folder, failed)) {
          tests.add(
              dynamicTest(
                  String.join(" ", run.program(), String.join(" ", run.arguments()), "" + cell),
                  () -> compare(run, classes, cell)));
        }
      }
    }
    return tests.stream();
  }

  private static List<Run> runs(Path folder, List<Path> failed) throws IOException {
    Map<String, List<Run>> listed = new TreeMap<>();
    for (String line : Files.readAllLines(AgentJvm.MODULE.resolve("src/programs/outside.list"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] columns = (line + " ").split(" *\\| *", 3);
        listed
            .computeIfAbsent(columns[0].trim(), program -> new ArrayList<>())
            .add(new Run(columns[0].trim(), words(columns[1]), words(columns[2])));
      }
    }
    List<Run> runs = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String program = file.getFileName().toString().replace(".java", "");
        if (file.toString().endsWith(".java")
            && !failed.contains(file)
            && Files.readString(file).contains("public static void main(")) {
          runs.addAll(
              listed.getOrDefault(program, List.of(new Run(program, List.of(), List.of()))));
        }
      }
    }
    runs.removeIf(run -> run.arguments().equals(List.of("-")));
    return runs;
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.trim().split(" +"));
  }

  private static void compare(Run run, Path classes, Cell cell) throws IOException {
    List<String> without = lines(run, classes, cell, false);
    List<String> with = lines(run, classes, cell, true);
    System.out.println(
        "%-24s %-28s %s"
            .formatted(
                run.program() + " " + String.join(" ", run.arguments()),
                cell,
                without.equals(with) ? "same" : "differs"));
    if (!without.equals(with)) {
      with.stream()
          .filter(line -> !without.contains(line))
          .limit(8)
          .forEach(line -> System.out.println("    with:    " + line));
      without.stream()
          .filter(line -> !with.contains(line))
          .limit(8)
          .forEach(line -> System.out.println("    without: " + line));
    }
  }

  private static List<String> lines(Run run, Path classes, Cell cell, boolean agent)
      throws IOException {
    int port = Ports.free();
    AgentJvm jvm =
        AgentJvm.run(run.program())
            .withJdk(cell.jdk())
            .withClasses(classes)
            .withJars(cell.okHttp())
            .withProperty("port", "" + port)
            .withOptions(run.options().toArray(String[]::new))
            .withArguments(
                run.arguments().stream().map(a -> a.replace("{port}", "" + port)).toList())
            .withTimeout(Duration.ofMinutes(4))
            .leavingCalls();
    if (agent) {
      jvm.withProperty("paceline.hosts", "127.0.0.1=openai");
    } else {
      jvm.withoutAgent();
    }
    return jvm.await().out().stream().map(OutsideAcceptance::comparable).toList();
  }

  /** Without times, ports and what else differs from run to run. */
  private static String comparable(String line) {
    return line.replaceAll("\\d+(\\.\\d+)? ?(ms|s)\\b", "T")
        .replaceAll("127\\.0\\.0\\.1:\\d+", "HERE")
        .replaceAll("@[0-9a-f]{4,}", "@")
        .replaceAll("\\b\\d{4,}\\b", "N");
  }
}
