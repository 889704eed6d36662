package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.FilteringApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Other agents, modules, fat jars, class loaders that hide things. */
class SurroundingsIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";
  private static Upstream upstream;

  @BeforeAll
  static void start() {
    upstream =
        Upstream.start()
            .script("recover", Answer.rateLimited(), Answer.ok())
            .script("always-429", Answer.rateLimited());
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @ParameterizedTest(name = "on {0}, ours first: {1}")
  @CsvSource({"17,true", "17,false", "25,true", "25,false"})
  void besideOpenTelemetrysAgentEveryAttemptIsASpan(int jdk, boolean oursFirst) {
    upstream.forget();
    String ours = AgentJvm.JAR.toString();
    String theirs = AgentJvm.jarsOf("otel-agent").get(0).toString();

    Ended ended =
        AgentJvm.run(OkHttpApp.class)
            .withJdk(jdk)
            .with("okhttp:4.12.0")
            .withAgents(oursFirst ? ours : theirs, oursFirst ? theirs : ours)
            .against(upstream)
            .withShortWaits()
            .withQuickStart()
            .withProperty("otel.traces.exporter", "console")
            .withProperty("otel.metrics.exporter", "none")
            .withProperty("otel.logs.exporter", "none")
            .withArguments("recover.sync", "recover.jdk", "always-429.sync", "always-429.jdk")
            .await()
            .exitedWith(0);

    ended.outcome("recover.sync").succeeded();
    ended.outcome("recover.jdk").succeeded();
    ended.outcome("always-429.sync").failed();
    ended.outcome("always-429.jdk").failed();
    upstream.saw(2, "recover.sync");
    upstream.saw(2, "recover.jdk");
    upstream.saw(6, "always-429.sync");
    upstream.saw(6, "always-429.jdk");
    assertThat(ended.err()).filteredOn(line -> line.contains(" CLIENT ")).hasSize(16);
    assertThat(ended.err()).noneMatch(line -> line.contains("paceline: could not"));
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void okHttpAsANamedModuleIsHooked(int jdk) {
    upstream.forget();
    List<Path> modules =
        AgentJvm.jarsOf("okhttp:5.5.1").stream()
            .filter(jar -> !jar.getFileName().toString().contains("sse"))
            .filter(jar -> !jar.getFileName().toString().startsWith("paceline"))
            .toList();

    Ended ended =
        AgentJvm.run(OkHttpApp.class)
            .withJdk(jdk)
            .withApp("okhttp")
            .withOptions("--module-path", LifecycleIT.path(modules), "--add-modules", "okhttp3")
            .against(upstream)
            .withShortWaits()
            .withArguments("recover.sync", "recover.async")
            .await()
            .exitedWith(0);

    ended.outcome("recover.sync").succeeded();
    ended.outcome("recover.async").succeeded();
    upstream.saw(2, "recover.sync");
    upstream.saw(2, "recover.async");
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void aLoaderThatHidesTheAgentsClassesGoesUnhookedAndIsNamed(int jdk) {
    upstream.forget();
    List<Path> jars = new ArrayList<>(AgentJvm.jarsOf("okhttp:4.12.0"));

    Ended ended =
        AgentJvm.run(FilteringApp.class)
            .withJdk(jdk)
            .withProperty("it.jars", LifecycleIT.path(jars))
            .against(upstream)
            .withArguments(OkHttpApp.class.getName(), "recover.sync")
            .await()
            .exitedWith(0);

    assertThat(ended.outcome("recover.sync").failed().message()).startsWith("429 ");
    upstream.saw(1, "recover.sync");
    assertThat(ended.err())
        .anyMatch(line -> line.contains("hides the agent's classes") && line.contains("okhttp3"));
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void aSpringBootFatJarIsHooked(int jdk, @TempDir Path folder) throws IOException {
    upstream.forget();
    Path jar =
        FatJar.write(
            folder.resolve("application.jar"),
            OkHttpApp.class.getName(),
            folder.resolve("none"),
            AgentJvm.jarsOf("okhttp:4.12.0"));

    Ended ended =
        AgentJvm.run(OkHttpApp.class)
            .withJdk(jdk)
            .launchedBy("-jar", jar.toString())
            .against(upstream)
            .withShortWaits()
            .withArguments("recover.sync", "recover.async", "recover.jdk")
            .await()
            .exitedWith(0);

    for (String run : List.of("recover.sync", "recover.async", "recover.jdk")) {
      ended.outcome(run).succeeded();
      upstream.saw(2, run);
    }
  }
}
