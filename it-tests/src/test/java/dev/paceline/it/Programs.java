package dev.paceline.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Programs of a folder, compiled against an OkHttp. A comment line of a program says how it is run:
 *
 * <pre>
 * // run: ARGUMENTS     once more, with these
 * // jvm: OPTIONS       options of its JVM
 * // needs: jdk 21      skipped below
 * // needs: okhttp 5    skipped below
 * // client: jdk        the same with every OkHttp
 * // whole              not among the sample that CI runs
 * </pre>
 */
final class Programs {
  private static final Path OWN = AgentJvm.MODULE.resolve("src/programs/java");
  private static final Pattern DIRECTIVE = Pattern.compile("(?m)^// (\\w+)(?:: (.*))?$");
  private static final Map<String, Path> COMPILED = new ConcurrentHashMap<>();

  /**
   * A program and how it is run.
   *
   * @param main the class
   * @param runs its arguments, one list a run
   * @param jvm options of its JVM
   * @param jdkOnly knows no OkHttp
   * @param whole too long for the sample
   */
  record Program(
      String main,
      List<List<String>> runs,
      List<String> jvm,
      int minJdk,
      int minOkHttp,
      boolean jdkOnly,
      boolean whole) {
    String name() {
      return main.substring(main.lastIndexOf('.') + 1);
    }
  }

  private Programs() {}

  /** Ours, in the order of their names; only those that {@code compare.programs} names, if any. */
  static List<Program> own() {
    String only = System.getProperty("compare.programs", "");
    List<Program> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(OWN)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        String source = Files.readString(file);
        String name = file.getFileName().toString().replace(".java", "");
        if (source.contains("public static void main(String[]")
            && (only.isBlank() || List.of(only.split(",")).contains(name))) {
          all.add(read("dev.paceline.it.program." + name, source));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return all;
  }

  static Program read(String main, String source) {
    List<List<String>> runs = new ArrayList<>();
    List<String> jvm = new ArrayList<>();
    Map<String, Integer> least = new LinkedHashMap<>();
    boolean jdkOnly = false;
    boolean whole = false;
    Matcher line = DIRECTIVE.matcher(source);
    while (line.find()) {
      List<String> words = line.group(2) == null ? List.of() : List.of(line.group(2).split(" +"));
      switch (line.group(1)) {
        case "run" -> runs.add(words);
        case "jvm" -> jvm.addAll(words);
        case "needs" -> least.put(words.get(0), Integer.valueOf(words.get(1)));
        case "client" -> jdkOnly = words.equals(List.of("jdk"));
        case "whole" -> whole = true;
        default -> throw new IllegalArgumentException(main + ": " + line.group());
      }
    }
    return new Program(
        main,
        runs.isEmpty() ? List.of(List.of()) : List.copyOf(runs),
        List.copyOf(jvm),
        least.getOrDefault("jdk", 17),
        least.getOrDefault("okhttp", 3),
        jdkOnly,
        whole);
  }

  /** Compiles ours against the OkHttp of a cell, once. */
  static Path compiled(String cell) {
    return COMPILED.computeIfAbsent(
        cell,
        c -> {
          Path classes = AgentJvm.TARGET.resolve("programs").resolve(c.replace(':', '-'));
          try {
            List<Path> failed = compile(OWN, classes, c);
            if (!failed.isEmpty()) {
              throw new IllegalStateException("cannot compile " + failed);
            }
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
          return classes;
        });
  }

  /**
   * Compiles a folder; where that fails, each file by itself.
   *
   * @return the files that could not be compiled
   */
  static List<Path> compile(Path sources, Path classes, String cell) throws IOException {
    Files.createDirectories(classes);
    List<Path> jars = new ArrayList<>(List.of(AgentJvm.COMMON));
    jars.addAll(AgentJvm.jarsOf(cell));
    String path =
        String.join(java.io.File.pathSeparator, jars.stream().map(Path::toString).toList());
    List<Path> files;
    try (Stream<Path> all = Files.walk(sources)) {
      files = all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
    if (javac(sources, classes, path, files)) {
      return List.of();
    }
    return files.stream().filter(file -> !javac(sources, classes, path, List.of(file))).toList();
  }

  private static boolean javac(Path sources, Path classes, String path, List<Path> files) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-nowarn",
                "-XDsuppressNotes",
                "--release",
                "17",
                "-encoding",
                "UTF-8",
                "-d",
                classes.toString(),
                "-sourcepath",
                sources.toString(),
                "-cp",
                path));
    files.forEach(file -> arguments.add(file.toString()));
    java.io.ByteArrayOutputStream said = new java.io.ByteArrayOutputStream();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments.toArray(String[]::new))
            == 0;
    if (!compiled && files.size() == 1) {
      System.out.println(said);
    }
    return compiled;
  }
}
