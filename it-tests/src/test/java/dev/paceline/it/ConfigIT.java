package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.paceline.it.app.SerialApp;
import dev.paceline.it.app.okhttp.CanaryApp;
import dev.paceline.it.app.okhttp.WaitingApp;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent's switches, in a JVM that runs. */
class ConfigIT {
  private static final List<String> CLIENTS = List.of("jdk-sync", "okhttp-async");

  @ParameterizedTest(name = "by a symlink: {0}")
  @ValueSource(booleans = {false, true})
  void switchingTheAgentOffReleasesTheCallsThatWait(boolean symlink, @TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("paceline.properties");
    Path first = symlink ? Files.createDirectory(folder.resolve("..1")).resolve("p") : file;
    Files.writeString(first, "paceline.max-attempts=3\n");
    if (symlink) {
      Files.createSymbolicLink(folder.resolve("..data"), folder.resolve("..1"));
      Files.createSymbolicLink(file, folder.resolve("..data/p"));
    }
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited().header("Retry-After", "40"), Answer.ok());
      try (Forked forked =
          AgentJvm.run(WaitingApp.class)
              .with("okhttp:4.12.0")
              .against(upstream)
              .withProperty("paceline.config.file", file.toString())
              .withQuickStart()
              .withArguments(CLIENTS)
              .start()) {
        forked.awaitLine("all wait"::equals);
        long begin = System.nanoTime();

        if (symlink) {
          // As Kubernetes swaps a ConfigMap: the file's own link stays as it is.
          Path second = Files.createDirectory(folder.resolve("..2"));
          Files.writeString(second.resolve("p"), "paceline.enabled=false\n");
          Path swap = Files.createSymbolicLink(folder.resolve("..swap"), second);
          Files.move(swap, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        } else {
          Files.writeString(file, "paceline.enabled=false\n");
        }
        Ended ended = forked.await().exitedWith(0);

        // The file is looked at each five seconds; the waits would have lasted 40 s.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        for (String client : CLIENTS) {
          assertThat(ended.outcome("retry." + client).succeeded().text()).startsWith("429 ");
          assertThat(ended.outcome("first." + client).succeeded().text()).startsWith("200 ");
          upstream.saw(2, "limited." + client);
        }
      }
    }
  }

  @Test
  void observingTouchesNothingAndCounts() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());
      try (Forked forked = talkative(upstream).withProperty("paceline.mode", "observe").start()) {
        forked.awaitLine("done"::equals);
        ConsolePages console = ConsolePages.of(forked);

        upstream.saw(1, "limited.jdk");
        upstream.saw(1, "limited.okhttp");
        assertThat(console.metric("paceline_rate_limited_total", "limited.jdk")).isEqualTo(1);
        assertThat(console.metric("paceline_rate_limited_total", "limited.okhttp")).isEqualTo(1);
        JsonNode state = console.state();
        assertThat(state.path("mode").asText()).isEqualTo("observe");
        forked.tell("");
        forked.await().exitedWith(0);
      }
    }
  }

  private static AgentJvm talkative(Upstream upstream) {
    return AgentJvm.run(CanaryApp.class)
        .with("okhttp:4.12.0")
        .against(upstream)
        .withShortWaits()
        .withProperty("paceline.console.port", "0")
        .withQuickStart()
        .withArguments("sk-key", "prompt", "limited");
  }

  @Test
  void statusShowsTheConsoleAndATakenPortCostsOneWarning() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());
      try (Forked forked = talkative(upstream).start()) {
        forked.awaitLine("done"::equals);
        ConsolePages console = ConsolePages.of(forked);

        Ended status =
            Fork.of(
                    Jdk.tool(17, "java"),
                    "-jar",
                    AgentJvm.JAR.toString(),
                    "status",
                    console.address())
                .await()
                .exitedWith(0);
        assertThat(status.everything()).contains("openai", "limited.jdk", "limited.okhttp");

        String port = String.valueOf(URI.create(console.address()).getPort());
        Ended other =
            AgentJvm.run(SerialApp.class)
                .against(upstream)
                .withShortWaits()
                .withProperty("paceline.console.port", port)
                .withQuickStart()
                .withArguments("limited.again")
                .await()
                .exitedWith(0);
        other.outcome("limited.again").succeeded();
        upstream.saw(2, "limited.again");
        assertThat(other.err())
            .filteredOn(line -> line.contains(port))
            .singleElement()
            .asString()
            .contains("paceline.console.port");

        forked.tell("");
        forked.await().exitedWith(0);
      }
    }
  }

  @Test
  void whatIsWrongCostsOneLineEachAndTheApplicationRuns() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());

      Ended ended =
          AgentJvm.run(SerialApp.class)
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.max-wait", "soon")
              .withProperty("paceline.max-atempts", "sk-secret")
              .withQuickStart()
              .withArguments("limited.sync")
              .await()
              .exitedWith(0);

      ended.outcome("limited.sync").succeeded();
      assertThat(ended.err())
          .filteredOn(line -> line.contains("max-wait"))
          .singleElement()
          .asString()
          .contains("paceline.max-wait", "soon", "5s");
      assertThat(ended.err())
          .filteredOn(line -> line.contains("max-atempts"))
          .singleElement()
          .asString()
          .contains("paceline.max-attempts")
          .doesNotContain("sk-secret");
    }
  }
}
