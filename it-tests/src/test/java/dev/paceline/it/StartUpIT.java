package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.HelloWorld;
import dev.paceline.it.app.JdkApp;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent costs nothing and says nothing until it is needed, wherever its jar lies. */
class StartUpIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";

  @ParameterizedTest
  @MethodSource(CELLS)
  void helloWorldIsSilentAndHasNoThreadMore(int jdk) {
    Ended without = unconfigured(jdk).withoutAgent().await();
    Ended with = unconfigured(jdk).await();

    with.exitedWith(0).silentOnStderr();
    assertThat(with.out()).isEqualTo(without.out());
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void theSecondAgentOfAJvmDoesNothing(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());
      String jar = AgentJvm.JAR.toString();

      Ended ended =
          AgentJvm.run(JdkApp.class)
              .withJdk(jdk)
              .withAgents(jar, jar)
              .against(upstream)
              .withArguments("fine.sync")
              .await();

      ended.exitedWith(0).outcome("fine.sync").succeeded();
      upstream.saw(1, "fine.sync");
      assertThat(ended.err()).filteredOn(line -> line.contains("attached twice")).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void oneCallPasses(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());

      Ended ended =
          AgentJvm.run(JdkApp.class)
              .withJdk(jdk)
              .against(upstream)
              .withArguments("fine.sync")
              .await();

      assertThat(ended.exitedWith(0).outcome("fine.sync").succeeded().text())
          .isEqualTo(Answer.TEXT);
      upstream.saw(1, "fine.sync");
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void jdkToolsThatInheritTheOptionsAreLeftAlone(int jdk) {
    Ended ended =
        Fork.of(Jdk.tool(jdk, "jps"), "-l")
            .withEnvironment(
                "JAVA_TOOL_OPTIONS", "-javaagent:" + AgentJvm.JAR + " -Xlog:class+load")
            .await();

    ended.exitedWith(0);
    assertThat(ended.everything()).contains("dev.paceline.bootstrap.Premain");
    assertThat(ended.everything()).doesNotContain("dev.paceline.bootstrap.ClassWatcher");
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void aRenamedJarWorks(int jdk, @TempDir Path folder) throws IOException {
    works(jdk, Files.copy(AgentJvm.JAR, folder.resolve("other-name-1.2.jar")));
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void aPathWithSpacesAndOtherLettersWorks(int jdk, @TempDir Path folder) throws IOException {
    Path strange = Files.createDirectories(folder.resolve("gar nicht häßlich 100% +"));
    works(jdk, Files.copy(AgentJvm.JAR, strange.resolve("paceline-agent.jar")));
  }

  @Test
  void aReadOnlyFolderWorks(@TempDir Path folder) throws IOException {
    Path jar = Files.copy(AgentJvm.JAR, folder.resolve("paceline-agent.jar"));
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("r--r--r--"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      works(17, jar);
      try (var files = Files.list(folder)) {
        assertThat(files).containsExactly(jar);
      }
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** Hello-world is silent and the first HTTP client finds the whole agent. */
  private static void works(int jdk, Path jar) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());

      AgentJvm.run(HelloWorld.class).withJdk(jdk).withAgents(jar.toString()).await().exitedWith(0);
      Ended ended =
          AgentJvm.run(JdkApp.class)
              .withJdk(jdk)
              .withAgents(jar.toString())
              .against(upstream)
              .withShortWaits()
              .withArguments("limited.sync")
              .await();

      ended.exitedWith(0).outcome("limited.sync").succeeded();
      upstream.saw(2, "limited.sync");
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void theJarPrintsHelp(int jdk) {
    Ended ended = Fork.of(Jdk.tool(jdk, "java"), "-jar", AgentJvm.JAR.toString()).await();

    ended.exitedWith(0);
    assertThat(ended.everything()).contains("-javaagent", "explain", "demo");
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void premainLoadsNothingThatAnApplicationMayWantToSetUpFirst(int jdk) {
    List<String> without = loadedBefore(unconfigured(jdk).withoutAgent());
    List<String> with = loadedBefore(unconfigured(jdk));

    assertThat(with).contains("dev.paceline.bootstrap.ClassWatcher");
    assertThat(with)
        .filteredOn(name -> !without.contains(name))
        .noneMatch(name -> name.startsWith("java.util.logging."))
        .noneMatch(name -> name.startsWith("javax.management."))
        .noneMatch(name -> name.startsWith("net.bytebuddy."))
        .noneMatch(name -> name.startsWith("java.net.http."))
        .noneMatch(name -> name.startsWith("jdk.internal.net.http."))
        .noneMatch(name -> name.startsWith("javax.net."))
        .noneMatch(
            name ->
                name.startsWith("dev.paceline.")
                    && !name.startsWith("dev.paceline.bootstrap.")
                    && !name.startsWith("dev.paceline.it."));
  }

  /** No thread at the start, which reads a configuration, and what is wrong with it tells. */
  private static AgentJvm unconfigured(int jdk) {
    return AgentJvm.run(HelloWorld.class).withJdk(jdk).withoutProperty("paceline.console.port");
  }

  private static List<String> loadedBefore(AgentJvm jvm) {
    Ended ended = jvm.withOptions("-Xlog:class+load:stdout").await().exitedWith(0);
    return ended.out().stream()
        .filter(line -> line.contains("[class,load]"))
        .map(line -> line.replaceFirst("^(\\[[^]]*])+ *", "").replaceFirst(" .*", ""))
        .toList();
  }

  /** Java 8 can load it, so that it can say that Java 8 is too old. */
  @Test
  void whatTheBootLoaderDefinesIsCompiledForJava8() throws IOException {
    try (JarFile jar = new JarFile(AgentJvm.JAR.toFile())) {
      List<String> classes =
          jar.stream()
              .map(java.util.zip.ZipEntry::getName)
              .filter(name -> name.endsWith(".class"))
              .toList();
      assertThat(classes).contains("dev/paceline/bootstrap/PacelineAgent.class");
      for (String name : classes) {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(jar.getEntry(name)))) {
          assertThat(in.readInt()).isEqualTo(0xCAFEBABE);
          in.readUnsignedShort();
          assertThat(in.readUnsignedShort()).as(name).isEqualTo(52);
        }
      }
    }
  }
}
