package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.HelloWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/aot-cds.md}, step by step. */
class AotCdsIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";

  @TempDir Path folder;
  private Path agent;
  private Path application;

  @BeforeEach
  void jars() throws IOException {
    // Any name but those that the manifest's Boot-Class-Path has.
    agent = Files.copy(AgentJvm.JAR, folder.resolve("paceline.jar"));
    application = folder.resolve("app.jar");
    String name = HelloWorld.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(application))) {
      out.putNextEntry(new JarEntry(name));
      Files.copy(AgentJvm.MODULE.resolve("apps/common/target/classes").resolve(name), out);
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void anAppCdsArchiveIsUsedWithTheAgent(int jdk) {
    Path archive = folder.resolve("app.jsa");

    run(jdk, "-XX:ArchiveClassesAtExit=" + archive, "-Xbootclasspath/a:" + agent);

    usesTheArchive(
        run(
            jdk,
            "-XX:SharedArchiveFile=" + archive,
            "-Xbootclasspath/a:" + agent,
            "-javaagent:" + agent,
            "-Xlog:class+load"));
  }

  @Test
  void anAotCacheIsUsedWithTheAgent() {
    Path cache = folder.resolve("app.aot");

    run(
        25,
        "-XX:AOTCacheOutput=" + cache,
        "-Xbootclasspath/a:" + agent,
        "--add-modules",
        "java.instrument");

    usesTheArchive(
        run(
            25,
            "-XX:AOTCache=" + cache,
            "-Xbootclasspath/a:" + agent,
            "--add-modules",
            "java.instrument",
            "-javaagent:" + agent,
            "-Xlog:class+load"));
  }

  private static void usesTheArchive(Ended ended) {
    assertThat(ended.out())
        .as("the application's class comes from the archive")
        .anyMatch(
            line -> line.contains(HelloWorld.class.getName() + " source: shared objects file"));
    assertThat(ended.out())
        .as("and the agent is there")
        .anyMatch(line -> line.contains("dev.paceline.bootstrap.ClassWatcher"));
    assertThat(ended.everything()).doesNotContain("does nothing");
  }

  private Ended run(int jdk, String... options) {
    List<String> command = new ArrayList<>(List.of(Jdk.tool(jdk, "java")));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", application.toString(), HelloWorld.class.getName()));
    return Fork.of(command.toArray(String[]::new)).await().exitedWith(0);
  }
}
