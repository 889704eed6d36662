package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.CloseApp;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.LeakApp;
import dev.paceline.it.app.ShutdownApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Waits meet the ends of things: of the JVM, of class loaders, of carrier threads. */
class LifecycleIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";

  @ParameterizedTest
  @MethodSource(CELLS)
  void aJvmThatShutsDownDeliversTheAnswerThatIsBeingWaitedOut(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("long", Answer.rateLimited().header("Retry-After", "50"), Answer.ok());
      try (Forked forked =
          AgentJvm.run(ShutdownApp.class)
              .withJdk(jdk)
              .against(upstream)
              .withArguments("long.sync")
              .start()) {
        upstream.awaitAnswered(1, "long.sync");

        forked.terminate();
        Ended ended = forked.await();

        // 128 + SIGTERM
        ended.exitedWith(143);
        Ended.Outcome outcome = ended.outcome("long.sync").failed();
        assertThat(outcome.message()).startsWith("429 ");
        assertThat(outcome.millis()).isLessThan(9_000);
        upstream.saw(1, "long.sync");
      }
    }
  }

  /**
   * {@code close()} waits for calls that the client knows of. One that the agent holds is no such
   * call: it ends with its last answer instead of being lost, or of holding up the close.
   */
  @Test
  void aClientThatIsClosedDuringAWaitEndsItWithTheLastAnswer(@TempDir Path folder)
      throws IOException {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("long", Answer.rateLimited().header("Retry-After", "50"), Answer.ok());
      Path sign = folder.resolve("close");
      try (Forked forked =
          AgentJvm.run(CloseApp.class)
              .withJdk(25)
              .against(upstream)
              .withArguments("long.async", sign.toString())
              .start()) {
        upstream.awaitAnswered(1, "long.async");
        Files.createFile(sign);

        Ended.Outcome outcome = forked.await().exitedWith(0).outcome("long.async").succeeded();
        assertThat(outcome.text()).isEqualTo("429");
        assertThat(outcome.millis()).isLessThan(20_000);
        upstream.saw(1, "long.async");
      }
    }
  }

  /** With one carrier a wait that pinned it would hold up the calls that are free to go. */
  @ParameterizedTest
  @CsvSource({"jdk,''", "okhttp,'okhttp:5.5.1'"})
  void virtualThreadsThatWaitHoldNoCarrier(String client, String cell) {
    try (Upstream upstream = Upstream.start()) {
      int calls = 8;
      Answer refused = Answer.rateLimited().header("Retry-After", "3").together(calls);
      Answer[] script = new Answer[calls + 1];
      Arrays.fill(script, refused);
      script[calls] = Answer.ok();
      upstream.script("slow", script).script("free", Answer.ok());
      AgentJvm jvm =
          client.equals("jdk")
              ? AgentJvm.run(JdkApp.class)
              : AgentJvm.run(OkHttpApp.class).with(cell);
      List<String> slow = IntStream.range(0, calls).mapToObj(i -> "slow.sync").toList();

      Ended ended =
          jvm.withJdk(25)
              .against(upstream)
              .withProperty("it.virtual", "true")
              .withOptions(
                  "-Djdk.virtualThreadScheduler.parallelism=1",
                  "-Djdk.virtualThreadScheduler.maxPoolSize=1")
              .withArguments(slow)
              .withArguments("free.sync")
              .await()
              .exitedWith(0);

      ended.outcome("slow.sync").succeeded();
      ended.outcome("free.sync").succeeded();
      List<String> order =
          ended.out().stream().filter(line -> line.startsWith("{\"run\"")).toList();
      assertThat(order).hasSize(calls + 1);
      assertThat(order.get(0)).contains("free.sync");
    }
  }

  @ParameterizedTest
  @CsvSource({"17,okhttp:3.14.9", "25,okhttp:3.14.9", "17,okhttp:5.5.1", "25,okhttp:5.5.1"})
  void loadersThatTheApplicationDropsAreFreed(int jdk, String cell) {
    Ended ended =
        AgentJvm.run(LeakApp.class)
            .withJdk(jdk)
            .withProperty("it.jars", path(AgentJvm.jarsOf(cell)))
            .withOptions("-Xmx128m")
            .await()
            .exitedWith(0);

    // The one of the client that the application keeps.
    assertThat(ended.outcome("loaders").text()).isEqualTo("1 left");
  }

  @Test
  void switchedOffItIsNotThere() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());

      Ended ended =
          AgentJvm.run(JdkApp.class)
              .against(upstream)
              .withProperty("paceline.enabled", "false")
              .withArguments("limited.sync")
              .await()
              .exitedWith(0)
              .silentOnStderr();

      assertThat(ended.outcome("limited.sync").failed().message()).startsWith("429 ");
      upstream.saw(1, "limited.sync");
    }
  }

  @Test
  void observingTouchesNothing() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited(), Answer.ok());

      Ended ended =
          AgentJvm.run(JdkApp.class)
              .against(upstream)
              .withProperty("paceline.mode", "observe")
              .withArguments("limited.sync")
              .await()
              .exitedWith(0);

      assertThat(ended.outcome("limited.sync").failed().message()).startsWith("429 ");
      upstream.saw(1, "limited.sync");
    }
  }

  static String path(List<Path> jars) {
    return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
