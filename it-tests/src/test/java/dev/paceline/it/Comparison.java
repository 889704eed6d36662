package dev.paceline.it;

import dev.paceline.it.Programs.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Runs a program without the agent, and with it: its server unknown to the agent (pass-through) and
 * taken for an LLM's (recognised). What the program says must be the same, but for the differences
 * that a rule wants: {@code src/programs/differences.list}.
 */
final class Comparison {
  private static final int CROWD = Integer.getInteger("it.crowd", 1);
  private static final Duration MOST = Duration.ofMinutes(8L * CROWD);

  /** How large the {@code Crowd} is. */
  private static final Map<String, String> GIVEN = Map.of("it.crowd", "" + CROWD);

  /** Where the program runs. */
  record Cell(int jdk, String okHttp) {
    static final List<Integer> JDKS = List.of(17, 25);
    static final List<String> OKHTTPS = List.of("okhttp:3.14.9", "okhttp:4.12.0", "okhttp:5.5.1");

    /** All of them, or those that {@code compare.jdk} and {@code compare.okhttp} name. */
    static List<Cell> all() {
      List<Cell> cells = new ArrayList<>();
      String jdks = System.getProperty("compare.jdk", "");
      String okHttps = System.getProperty("compare.okhttp", "");
      for (String okHttp : OKHTTPS) {
        for (int jdk : JDKS) {
          if ((jdks.isBlank() || List.of(jdks.split(",")).contains("" + jdk))
              && (okHttps.isBlank()
                  || List.of(okHttps.split(",")).contains(okHttp.replace("okhttp:", "")))) {
            cells.add(new Cell(jdk, okHttp));
          }
        }
      }
      return cells;
    }

    int majorOkHttp() {
      return okHttp.charAt("okhttp:".length()) - '0';
    }

    @Override
    public String toString() {
      return "JDK " + jdk + ", " + okHttp.replace(':', ' ');
    }
  }

  /** How the agent takes part. */
  enum Mode {
    ABSENT,
    PASS_THROUGH,
    RECOGNISED
  }

  /** One line of the table. */
  record Row(
      String program, Cell cell, Mode mode, String name, String without, String with, String rule) {
    boolean same() {
      return without.equals(with);
    }

    boolean allowed() {
      return same() || !rule.isEmpty();
    }

    @Override
    public String toString() {
      String head = "%-24s %-26s %-12s %s: ".formatted(program, cell, mode, name);
      return same()
          ? head + "same, " + with
          : head
              + (rule.isEmpty() ? "DIFFERENT" : "differs by " + rule)
              + "\n    without: "
              + without
              + "\n    with:    "
              + with;
    }
  }

  private record Wanted(String program, Pattern name, String rule, Pattern with) {}

  private static final List<Wanted> WANTED = wanted();

  private Comparison() {}

  private static List<Wanted> wanted() {
    Path list = AgentJvm.MODULE.resolve("src/programs/differences.list");
    List<Wanted> all = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(list)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] columns = line.split(" \\| ", 4);
          all.add(
              new Wanted(
                  columns[0].trim(),
                  Pattern.compile(columns[1].trim()),
                  columns[2].trim(),
                  Pattern.compile(columns[3].trim())));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return all;
  }

  /** The lines of the program that are not as due, without the agent being asked for the same. */
  static List<Row> alone(Program program, Cell cell, List<String> run, Map<String, String> more) {
    List<Row> rows = new ArrayList<>();
    lines(program, cell, Mode.RECOGNISED, run, more)
        .forEach(
            (name, with) ->
                rows.add(row(program, cell, Mode.RECOGNISED, run, name, due(name, with), with)));
    return rows;
  }

  private static String due(String name, String with) {
    return name.startsWith("!") || with.equals("false")
        ? "true"
        : name.equals("ended") ? "all" : name.equals("ended twice") ? "0" : with;
  }

  /** All lines of a program in a cell. */
  static List<Row> rows(Program program, Cell cell, Mode... modes) {
    List<Row> rows = new ArrayList<>();
    for (List<String> run : program.runs()) {
      Map<String, String> without = lines(program, cell, Mode.ABSENT, run, GIVEN);
      for (Mode mode : modes) {
        Map<String, String> with = lines(program, cell, mode, run, GIVEN);
        TreeSet<String> names = new TreeSet<>(without.keySet());
        names.addAll(with.keySet());
        for (String name : names) {
          // What the agent is for: nothing is asked of a run without it.
          String due = name.startsWith("!") ? "true" : without.getOrDefault(name, "(not said)");
          if (!name.startsWith("!") || with.containsKey(name)) {
            rows.add(
                row(program, cell, mode, run, name, due, with.getOrDefault(name, "(not said)")));
          }
        }
      }
    }
    return rows;
  }

  private static Row row(
      Program program,
      Cell cell,
      Mode mode,
      List<String> run,
      String name,
      String without,
      String with) {
    String rule =
        WANTED.stream()
            .filter(wanted -> mode == Mode.RECOGNISED || wanted.rule().startsWith("open"))
            .filter(wanted -> wanted.program().equals(program.name()))
            .filter(wanted -> wanted.name().matcher(name).matches())
            .filter(wanted -> wanted.with().matcher(with).matches())
            .map(Wanted::rule)
            .findFirst()
            .orElse("");
    String title = program.name() + (run.isEmpty() ? "" : " " + String.join(" ", run));
    return new Row(title, cell, mode, name, without, with, rule);
  }

  /** What was said, by name; how the JVM ended is such a line, too. */
  private static Map<String, String> lines(
      Program program, Cell cell, Mode mode, List<String> run, Map<String, String> more) {
    AgentJvm jvm =
        AgentJvm.run(program.main())
            .withJdk(cell.jdk())
            .withClasses(Programs.compiled(cell.okHttp()))
            .withJars(cell.okHttp())
            .withProperty("it.keystore", Certificates.keyStore().toString())
            .withProperty("it.keystore.password", Certificates.PASSWORD)
            .withProperty("it.jar", AgentJvm.JAR.toString())
            .withOptions("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m")
            .withOptions(program.jvm().toArray(String[]::new))
            .withArguments(run)
            .withTimeout(MOST.plusMinutes(Integer.parseInt(more.getOrDefault("it.minutes", "0"))))
            .leavingCalls();
    more.forEach(jvm::withProperty);
    if (mode == Mode.ABSENT) {
      jvm.withoutAgent();
    } else {
      jvm.withProperty("it.agent", "true");
    }
    if (mode == Mode.RECOGNISED) {
      jvm.withProperty("paceline.hosts", "127.0.0.1=openai");
    }
    Map<String, String> lines = new LinkedHashMap<>();
    Ended ended = jvm.await();
    for (String line : ended.out()) {
      if (line.startsWith("= ") || line.startsWith("! ")) {
        int colon = line.indexOf(": ");
        String name = line.startsWith("!") ? line.substring(0, colon) : line.substring(2, colon);
        lines.merge(
            name,
            line.substring(colon + 2),
            (a, b) -> a.equals(b) && name.startsWith("!") ? a : a + " | " + b);
      }
    }
    lines.put("exit code", "" + ended.exitCode());
    if (mode != Mode.ABSENT) {
      lines.put(
          "! no fault of the agent",
          ended.err().stream()
              .filter(line -> line.contains("internal fault"))
              .findFirst()
              .orElse("true"));
    }
    return lines;
  }
}
