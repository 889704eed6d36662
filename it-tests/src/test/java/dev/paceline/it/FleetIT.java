package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.paceline.it.app.okhttp.OverloadApp;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes that agree over a real Redis, or Valkey. Counts only. */
class FleetIT {
  private static final int PROCESSES = 3;
  private static final int TYPED = 120;
  private static final String PASSWORD = "canary-password-of-a-test";

  @TempDir Path folder;

  private static String program() {
    for (String name : List.of("redis-server", "valkey-server")) {
      for (String path : System.getenv("PATH").split(File.pathSeparator)) {
        if (Files.isExecutable(Path.of(path, name))) {
          return path + File.separator + name;
        }
      }
    }
    return "";
  }

  private Process redis(int port) throws IOException {
    assumeTrue(!program().isEmpty(), "neither redis-server nor valkey-server is on the path");
    Process process =
        new ProcessBuilder(
                program(),
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--requirepass",
                PASSWORD)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    BufferedReader said = process.inputReader();
    String line;
    do {
      line = said.readLine();
      assertThat(line).as("the server of the test ends").isNotNull();
    } while (!line.contains("Ready to accept connections"));
    return process;
  }

  /** Each of three that do not talk would send the whole. */
  @Test
  void aTypedLimitHoldsForAllTogether() throws Exception {
    int port = Ports.free();
    Process redis = redis(port);
    String run = "over.jdk";
    try (SimProcess sim = SimProcess.start("--limit", "rpm=60000", "--service", "100")) {
      List<Forked> forks =
          IntStream.range(0, PROCESSES)
              .mapToObj(
                  i ->
                      sim.called(OverloadApp.class)
                          .withQuickStart()
                          .withEnvironment(
                              "PACELINE_FLEET", "redis://:" + PASSWORD + "@127.0.0.1:" + port)
                          .withProperty("paceline.rule.all.provider", "openai")
                          .withProperty("paceline.rule.all.rpm", "" + TYPED)
                          .withProperty("paceline.max-wait", "3s")
                          .withArguments("8", "15", "8", run)
                          .start())
              .toList();
      List<Ended> ended;
      try {
        ended = forks.stream().map(Forked::await).toList();
      } finally {
        forks.forEach(Forked::close);
      }
      SimProcess.Arrivals arrivals = sim.arrivals(run);
      assertThat(arrivals.requests()).as("of all within a minute").isLessThanOrEqualTo(TYPED);
      assertThat(arrivals.served()).isGreaterThanOrEqualTo(TYPED * 9 / 10);
      for (Ended one : ended) {
        assertThat(one.exitCode()).isZero();
        assertThat(one.toString()).doesNotContain(PASSWORD);
      }
    } finally {
      redis.destroyForcibly().waitFor();
    }
  }

  /** Nobody is there: as without it, with one line. */
  @Test
  void withoutARedisCallsAreServedAndOneLineSaysSo() throws Exception {
    String run = "over.jdk";
    try (SimProcess sim = SimProcess.start("--limit", "rpm=60000", "--service", "100");
        Forked fork =
            sim.called(OverloadApp.class)
                .withQuickStart()
                .withEnvironment(
                    "PACELINE_FLEET", "redis://:" + PASSWORD + "@127.0.0.1:" + Ports.free())
                .withArguments("8", "5", "8", run)
                .start()) {
      Ended ended = fork.await().exitedWith(0);
      assertThat(sim.arrivals(run).served()).isEqualTo(40);
      assertThat(ended.err().stream().filter(line -> line.contains("the fleet's Redis does not")))
          .hasSize(1);
      assertThat(ended.toString()).doesNotContain(PASSWORD);
    }
  }
}
