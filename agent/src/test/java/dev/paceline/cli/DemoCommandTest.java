package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DemoCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /**
   * An agent that only says what it was given: stands in for the jar, which is not built yet when
   * this test runs.
   */
  public static final class EchoAgent {
    private EchoAgent() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
      System.err.println("echo agent: " + System.getProperty("paceline.hosts"));
    }
  }

  @AfterEach
  void forget() {
    System.clearProperty("paceline.agent.jar");
  }

  private int run(String... args) {
    return DemoCommand.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private static Path agent(Path directory) throws IOException {
    Path jar = directory.resolve("echo agent.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(new Attributes.Name("Premain-Class"), EchoAgent.class.getName());
    String file = EchoAgent.class.getName().replace('.', '/') + ".class";
    try (OutputStream target = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(target, manifest);
        InputStream bytes = DemoCommandTest.class.getClassLoader().getResourceAsStream(file)) {
      entries.putNextEntry(new JarEntry(file));
      bytes.transferTo(entries);
    }
    return jar;
  }

  @Test
  void showsTheSameProgramWithoutAndWithTheAgent(@TempDir Path directory) throws Exception {
    System.setProperty("paceline.agent.jar", agent(directory).toString());
    assertThat(run("--calls", "40", "--threads", "10", "--rpm", "3000"))
        .as(err.toString(StandardCharsets.UTF_8))
        .isZero();
    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text).containsPattern("echo agent: 127\\.0\\.0\\.1:\\d+=openai");
    assertThat(text.substring(0, text.indexOf("with the agent")))
        .doesNotContain("echo agent: null");
    assertThat(text).containsPattern("without the agent +40 +0 +0 +40 +\\d+\\.\\d +x ");
    assertThat(text).containsPattern("\nwith the agent +40 +0 +0 +40 +\\d+\\.\\d +x ");
    assertThat(text).contains("optimum: 1.2 s");
  }

  @Test
  void aProgramThatRunsIntoTheLimitLosesCallsAndTheTableSaysSo(@TempDir Path directory)
      throws Exception {
    System.setProperty("paceline.agent.jar", agent(directory).toString());
    assertThat(run("--calls", "30", "--threads", "30", "--rpm", "60")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("calls lost");
  }

  @Test
  void wrongOptionsAreNamed() {
    assertThat(run("--calls", "many")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("--calls needs a number")
        .contains("--threads N");
    assertThat(run("--frobnicate")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("unknown option --frobnicate");
    assertThat(run("--threads")).isEqualTo(2);
  }

  @Test
  void withoutTheAgentsJarItSaysHowToRunIt() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("java -jar paceline-agent.jar demo");
  }

  @Test
  void theOptimumIsSetByTheLimitOrByTheThreads() {
    assertThat(DemoCommand.Options.parse(new String[0]).optimumSeconds(Duration.ofMillis(300)))
        .isCloseTo(19.3, within(0.001));
    DemoCommand.Options few =
        DemoCommand.Options.parse(new String[] {"--threads", "1", "--calls", "100"});
    assertThat(few.optimumSeconds(Duration.ofMillis(300))).isCloseTo(30.0, within(0.001));
  }
}
