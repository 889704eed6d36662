package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/**
 * The jar under test, but that its components fail when a property says so: one class of it, {@code
 * FaultPoint}, is exchanged. The shipped jar has no such switch.
 */
final class FaultyJar {
  private static final String EXCHANGED = "inst/dev/paceline/call/FaultPoint.classdata";

  private FaultyJar() {}

  /** Builds it anew. Its name is the one that the manifest's Boot-Class-Path tells. */
  static Path build(Path folder) throws IOException {
    Path classes = Files.createDirectories(folder.resolve("fault-classes"));
    compile(AgentJvm.MODULE.resolve("src/fault/java"), classes);
    Path jar = folder.resolve("paceline-agent.jar");
    byte[] fault = Files.readAllBytes(classes.resolve("dev/paceline/call/FaultPoint.class"));
    boolean exchanged = false;
    try (ZipFile in = new ZipFile(AgentJvm.JAR.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      out.setLevel(0);
      for (ZipEntry entry : in.stream().toList()) {
        out.putNextEntry(new ZipEntry(entry.getName()));
        if (entry.getName().equals(EXCHANGED)) {
          out.write(fault);
          exchanged = true;
        } else {
          try (InputStream bytes = in.getInputStream(entry)) {
            bytes.transferTo(out);
          }
        }
        out.closeEntry();
      }
    }
    assertThat(exchanged).as(EXCHANGED + " in " + AgentJvm.JAR).isTrue();
    return jar;
  }

  /** Compiles all of a source folder, for Java 17. */
  static void compile(Path sources, Path classes, String... options) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "--release", "17", "-d", classes.toString()));
    arguments.addAll(List.of(options));
    try (Stream<Path> files = Files.walk(sources)) {
      files
          .map(Path::toString)
          .filter(name -> name.endsWith(".java"))
          .sorted()
          .forEach(arguments::add);
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(status).as("javac " + arguments).isZero();
  }
}
