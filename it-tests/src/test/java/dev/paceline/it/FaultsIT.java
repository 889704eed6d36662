package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.paceline.it.app.SerialApp;
import dev.paceline.it.app.okhttp.FaultApp;
import dev.paceline.it.app.okhttp.WaitingApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever fails inside the agent, the application gets what it gets without the agent, or the
 * answer that was kept.
 */
class FaultsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> CLIENTS =
      List.of("jdk-sync", "jdk-async", "okhttp-sync", "okhttp-async");
  private static final List<String> COMPONENTS =
      List.of(
          "request",
          "admit",
          "wait",
          "response",
          "limiter",
          "metrics",
          "recogniser",
          "classifier",
          "timer",
          "tap",
          "jdk",
          "okhttp",
          "bridge");

  /** What each scenario does not come through on its way. */
  private static final Set<String> NOT_IN_FINE = Set.of("wait", "limiter", "classifier", "timer");

  private static @TempDir Path folder;
  private static Path jar;

  @BeforeAll
  static void build() throws IOException {
    jar = FaultyJar.build(folder);
  }

  private static List<String> runs() {
    List<String> runs = new ArrayList<>();
    for (String component : COMPONENTS) {
      for (String client : CLIENTS) {
        if (component.equals("jdk") && client.startsWith("okhttp")
            || component.equals("okhttp") && client.startsWith("jdk")) {
          continue;
        }
        String end = "." + client + "~" + component + "~";
        for (String thrown :
            List.of("RuntimeException", "LinkageError", "StackOverflowError", "OutOfMemoryError")) {
          runs.add("fine" + end + thrown + "~each");
          runs.add("limited" + end + thrown + "~each");
        }
        // A component that failed at once is not asked again: its later places, one by one.
        for (int pass = 2; pass <= 4; pass++) {
          runs.add("fine" + end + "RuntimeException~" + pass);
          runs.add("limited" + end + "RuntimeException~" + pass);
        }
        runs.add("closed" + end + "RuntimeException~each");
        runs.add("closed" + end + "StackOverflowError~2");
      }
    }
    return runs;
  }

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void noFaultOfOursReachesTheApplication(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      Answer limited = Answer.rateLimited();
      upstream
          .script("warm-up", Answer.ok())
          .script("fine", Answer.ok())
          .script("limited", limited, Answer.ok())
          .script("closed", limited, Answer.ok());
      String ok = "200 " + Answer.success("/v1/chat/completions", "").body();
      String kept = "429 " + limited.body();
      List<String> runs = runs();

      Ended ended =
          AgentJvm.run(FaultApp.class)
              .withJdk(jdk)
              .with("okhttp:4.12.0")
              .withAgents(jar.toString())
              .against(upstream)
              .withProperty("paceline.backoff.initial", "30ms")
              .withProperty("paceline.backoff.cap", "60ms")
              .withQuickStart()
              .withTimeout(Duration.ofMinutes(3))
              .withArguments(runs)
              .await()
              .exitedWith(0);

      Checks checks = new Checks();
      Set<String> fired = new HashSet<>();
      Set<String> told = new HashSet<>();
      for (String line : ended.out()) {
        JsonNode got = parsed(line);
        String run = got.path("run").asText();
        told.add(run);
        if (got.path("fired").asInt() > 0) {
          fired.add(run);
        }
        checks.check(
            run,
            () -> {
              assertThat(got.path("error").asText("")).isEmpty();
              assertThat(got.path("other-error").asText("")).isEmpty();
              assertThat(got.path("text").asText())
                  .isIn(run.startsWith("fine") ? List.of(ok) : List.of(ok, kept));
              assertThat(upstream.seen(run))
                  .hasSizeBetween(1, run.startsWith("fine") ? 1 : run.startsWith("c") ? 4 : 3);
            });
      }
      checks.check("all runs", () -> assertThat(told).containsAll(runs));
      for (String component : COMPONENTS) {
        checks.check("fired " + component, () -> assertFired(component, fired));
      }
      checks.check(
          "lines",
          () ->
              assertThat(ended.err())
                  .allMatch(line -> line.contains(" paceline: "))
                  .noneMatch(line -> line.contains("injected")));
      checks.allHold();
    }
  }

  /** A fault point that nobody comes through tests nothing. */
  private static void assertFired(String component, Set<String> fired) {
    Set<String> here =
        fired.stream()
            .filter(run -> run.contains("~" + component + "~"))
            .map(run -> run.substring(0, run.indexOf('~')))
            .collect(Collectors.toSet());
    for (String client : CLIENTS) {
      if (!component.equals("jdk") && !component.equals("okhttp") || client.startsWith(component)) {
        assertThat(here).contains("limited." + client);
        if (!NOT_IN_FINE.contains(component)) {
          assertThat(here).contains("fine." + client);
        }
      }
    }
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  @Test
  void tenFaultsSwitchTheAgentToPassThroughOnceAndLoudly() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok()).script("limited", Answer.rateLimited(), Answer.ok());
      List<String> fine = IntStream.range(0, 12).mapToObj(i -> "fine." + i + ".sync").toList();
      fine.forEach(run -> upstream.script(run.replace(".sync", ""), Answer.ok()));

      try (Forked forked =
          AgentJvm.run(SerialApp.class)
              .withAgents(jar.toString())
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.test.fault", "request:LinkageError:each")
              .withQuickStart()
              .withArguments(fine)
              .withArguments("limited.sync")
              .start()) {
        Ended ended = forked.await().exitedWith(0);

        fine.forEach(run -> ended.outcome(run).succeeded());
        ended.outcome("limited.sync").failed();
        upstream.saw(1, "limited.sync");
        assertThat(ended.err())
            .filteredOn(line -> line.contains("lets all calls pass from now on"))
            .hasSize(1);
        assertThat(ended.err())
            .filteredOn(line -> line.contains("internal fault in request"))
            .hasSize(1);
      }
    }
  }

  @Test
  void aConsoleThatFailsFailsNothingElse() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());

      Ended ended =
          AgentJvm.run(SerialApp.class)
              .withAgents(jar.toString())
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.test.fault", "console:OutOfMemoryError:each")
              .withQuickStart()
              .withArguments("limited.sync")
              .await();

      ended.exitedWith(0).outcome("limited.sync").succeeded();
      assertThat(ended.err()).noneMatch(line -> line.contains("injected"));
    }
  }

  @Test
  void aReloadThatFailsIsTriedAgain(@TempDir Path files) throws IOException {
    Path file = Files.writeString(files.resolve("paceline.properties"), "paceline.mode=enforce\n");
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited().header("Retry-After", "40"), Answer.ok());
      try (Forked forked =
          AgentJvm.run(WaitingApp.class)
              .with("okhttp:4.12.0")
              .withAgents(jar.toString())
              .against(upstream)
              .withProperty("paceline.config.file", file.toString())
              .withProperty("paceline.test.fault", "config:StackOverflowError:1")
              .withQuickStart()
              .withArguments("jdk-sync")
              .start()) {
        forked.awaitLine("all wait"::equals);
        Files.writeString(file, "paceline.enabled=false\n");
        Ended ended = forked.await().exitedWith(0);

        // Released: the wait would have ended with the 200.
        assertThat(ended.outcome("retry.jdk-sync").succeeded().text()).startsWith("429 ");
      }
    }
  }
}
