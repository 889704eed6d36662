package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.FilteringApp;
import dev.paceline.it.app.LoadsApp;
import dev.paceline.it.app.LogManagerApp;
import dev.paceline.it.app.okhttp.BareApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/** JVMs that lack what others have, or have it another way. */
class OddJvmsIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";

  /** What OkHttp and {@code -javaagent} need, and no more. */
  @Test
  void anImageWithoutHttpModulesStillPacesOkHttp(@TempDir Path folder) {
    if (!Files.isDirectory(Jdk.home(17).resolve("jmods"))) {
      String line = "SKIPPED: the JDK 17 here has no jmods to link an image of";
      System.out.println(line);
      throw new TestAbortedException(line);
    }
    Path image = folder.resolve("image");
    Fork.of(
            Jdk.tool(17, "jlink"),
            "--add-modules",
            "java.base,java.instrument,java.logging",
            "--output",
            image.toString())
        .await()
        .exitedWith(0);
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());

      Ended ended =
          AgentJvm.run(BareApp.class)
              .withJava(image.resolve("bin/java"))
              .with("okhttp:4.12.0")
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.console.port", "0")
              .withQuickStart()
              .withArguments("limited.sync")
              .await()
              .exitedWith(0);

      assertThat(ended.out()).contains("java.net.http false");
      assertThat(ended.outcome("limited.sync").succeeded().text()).startsWith("200 ");
      upstream.saw(2, "limited.sync");
      // The console needs no module but java.base.
      assertThat(ended.err()).allMatch(line -> line.contains(" paceline: "));
      assertThat(ended.err()).noneMatch(line -> line.contains("console did not start"));
      assertThat(ended.err()).noneMatch(line -> line.contains("fault"));
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void theApplicationChoosesItsLogManager(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());
      try (Forked forked =
          AgentJvm.run(LogManagerApp.class)
              .withJdk(jdk)
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.console.port", "0")
              .withQuickStart()
              .withArguments("limited.sync")
              .start()) {
        forked.awaitLine("done"::equals);
        ConsolePages.of(forked).metrics();
        forked.tell("");
        Ended ended = forked.await().exitedWith(0);

        assertThat(ended.outcome("call").succeeded().text()).isEqualTo(Answer.TEXT);
        assertThat(ended.outcome("manager").text()).isEqualTo(LogManagerApp.Own.class.getName());
        assertThat(ended.err()).hasSize(1);
      }
    }
  }

  @Test
  void aClientThatIsNotCoveredIsNamedOnce(@TempDir Path folder) throws IOException {
    List<String> names =
        List.of(
            "org.apache.hc.client5.http.impl.classic.CloseableHttpClient",
            "com.example.shaded.okhttp3.OkHttpClient");
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    for (String name : names) {
      int dot = name.lastIndexOf('.');
      Files.writeString(
          sources.resolve(name.substring(dot + 1) + ".java"),
          "package %s; public class %s {}"
              .formatted(name.substring(0, dot), name.substring(dot + 1)));
    }
    FaultyJar.compile(sources, classes);

    Ended ended =
        AgentJvm.run(LoadsApp.class)
            .withProperty("it.jars", classes.toString())
            .withQuickStart()
            .withArguments(names)
            .await()
            .exitedWith(0);

    assertThat(ended.out()).hasSize(4);
    for (String name : names) {
      assertThat(ended.err())
          .filteredOn(line -> line.contains(name) && line.contains("not paced"))
          .hasSize(1);
    }
    assertThat(ended.err()).hasSize(2);
  }

  @Test
  void aLoaderThatHidesTheAgentIsNamedOnce() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());

      Ended ended =
          AgentJvm.run(FilteringApp.class)
              .withProperty("it.jars", LifecycleIT.path(AgentJvm.jarsOf("okhttp:4.12.0")))
              .against(upstream)
              .withQuickStart()
              .withArguments(OkHttpApp.class.getName(), "fine.sync")
              .await()
              .exitedWith(0);

      assertThat(ended.outcome("fine.sync").succeeded().text()).isEqualTo(Answer.TEXT);
      assertThat(ended.err()).filteredOn(line -> line.contains("hides")).hasSize(1);
    }
  }
}
