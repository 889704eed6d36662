package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.JdkApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The jar that {@code -javaagent} names is the one that runs, whatever lies beside it. */
class NamedJarIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource(CELLS)
  void anOtherPacelineBesideTheNamedJarIsNotRun(int jdk) throws IOException {
    Path named = Files.copy(AgentJvm.JAR, folder.resolve("agent-2.jar"));
    other(folder.resolve("paceline-agent.jar"));

    Ended ended = call(jdk, named);

    assertThat(ended.err()).hasSize(1);
    assertThat(ended.err().get(0)).contains("the agent does nothing", "agent-2.jar");
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void ofTwoNamedJarsTheFirstIsInChargeAndTheSecondSaysSo(int jdk) throws IOException {
    Path first = folder.resolve("paceline-agent.jar");
    other(first);

    Ended ended = call(jdk, first, AgentJvm.JAR);

    assertThat(ended.err()).filteredOn(line -> line.contains("attached twice")).hasSize(1);
    assertThat(ended.err()).filteredOn(line -> line.contains(", mode enforce")).hasSize(1);
  }

  private static Ended call(int jdk, Path... jars) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());
      Ended ended =
          AgentJvm.run(JdkApp.class)
              .withJdk(jdk)
              .withAgents(List.of(jars).stream().map(Path::toString).toArray(String[]::new))
              .against(upstream)
              .withArguments("fine.sync")
              .await();
      ended.exitedWith(0).outcome("fine.sync").succeeded();
      return ended;
    }
  }

  /** The agent with one visible class more. */
  private static void other(Path target) throws IOException {
    try (JarFile in = new JarFile(AgentJvm.JAR.toFile());
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(target))) {
      for (JarEntry entry : Collections.list(in.entries())) {
        out.putNextEntry(new JarEntry(entry.getName()));
        in.getInputStream(entry).transferTo(out);
        if (entry.getName().endsWith("bootstrap/Bridge.class")) {
          out.putNextEntry(new JarEntry(entry.getName().replace("Bridge", "Older")));
        }
      }
    }
  }
}
