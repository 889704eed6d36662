package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.OverloadApp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fleet costs those who do not use it, and that its password stays where it is. */
class FleetFootprintIT {
  /** What was promised of the jar. */
  private static final long MOST_BYTES = 1_500_000;

  private static final String RUN = "over.jdk";

  @TempDir Path folder;

  private static AgentJvm app(SimProcess sim, String seconds) {
    return sim.called(OverloadApp.class).withQuickStart().withArguments("8", seconds, "8", RUN);
  }

  private String loaded(AgentJvm app, String name) throws IOException {
    Path log = folder.resolve(name);
    app.withOptions("-Xlog:class+load:file=" + log).await().exitedWith(0);
    return Files.readString(log);
  }

  @Test
  void withoutTheKeyNoClassOfItIsLoaded() throws IOException {
    try (RedisServer redis = RedisServer.start(folder);
        SimProcess sim = SimProcess.start("--limit", "rpm=60000")) {
      assertThat(loaded(app(sim, "2"), "without"))
          .contains("dev.paceline.limit.ScopeLimiter")
          .doesNotContain("dev.paceline.shaded.")
          .doesNotContain("dev.paceline.fleet.")
          .doesNotContainIgnoringCase("jedis");
      assertThat(loaded(app(sim, "2").withProperty("paceline.fleet", redis.url()), "with"))
          .contains("dev.paceline.shaded.redis.clients.jedis.Connection ")
          .contains("dev.paceline.fleet.Fleet ");
    }
  }

  /** 0.46 MB of 7.48 when it came; docs/performance.md. */
  @Test
  void itTakesLittleOfTheJarAndIsThereUnderNamesOfOurOwnOnly() throws IOException {
    try (ZipFile jar = new ZipFile(AgentJvm.JAR.toFile())) {
      long bytes =
          jar.stream()
              .filter(entry -> entry.getName().matches("inst/dev/paceline/(shaded|fleet)/.*"))
              .mapToLong(entry -> entry.getCompressedSize() + 2L * (entry.getName().length() + 60))
              .sum();
      System.out.printf(Locale.ROOT, "the fleet takes %.2f MB of the jar%n", bytes / 1e6);
      assertThat(bytes).isBetween(100_000L, MOST_BYTES);
      assertThat(jar.stream().map(entry -> entry.getName().replace("dev/paceline/shaded/", "")))
          .as("the search below finds what there is")
          .anyMatch(name -> name.startsWith("inst/redis/clients/"));
      assertThat(jar.stream().map(entry -> entry.getName()))
          .noneMatch(name -> name.matches("(inst/)?(redis/clients|org/slf4j)/.*"));
    }
  }

  @Test
  void itsPasswordIsNowhere() throws IOException {
    List<String> shown = new ArrayList<>();
    try (RedisServer redis = RedisServer.start(folder);
        SimProcess sim = SimProcess.start("--limit", "rpm=60000");
        Forked fork =
            app(sim, "60")
                .withEnvironment("PACELINE_FLEET", redis.url())
                .withProperty("paceline.log", "debug")
                .withProperty("paceline.console.port", "0")
                .leavingCalls()
                .start()) {
      ConsolePages console = ConsolePages.of(fork);
      console.await("an exchange", state -> state.at("/fleet/exchanges").asInt() > 1);
      assertThat(console.metric("paceline_fleet_up")).isEqualTo(1);
      everythingThatIsShown(console, fork, shown);
      // Refused, then gone: errors have texts of their own.
      redis.ask("CONFIG SET requirepass another-password-of-a-test");
      redis.ask("CLIENT KILL TYPE normal");
      redis.kill();
      console.await("the breaker", state -> !state.at("/fleet/answers").asBoolean());
      assertThat(console.metric("paceline_fleet_up")).isZero();
      everythingThatIsShown(console, fork, shown);
      fork.terminate();
      shown.add(fork.await().everything());
      Path file = Files.createFile(folder.resolve("paceline.properties"));
      shown.add(said(redis.url(), "config", file.toString()));
    }
    assertThat(String.join("\n", shown))
        .contains("paceline-fleet")
        .contains("the fleet's Redis does not answer")
        .contains("(set)")
        .doesNotContain(RedisServer.PASSWORD)
        .doesNotContain("canary");
  }

  private static void everythingThatIsShown(ConsolePages console, Forked fork, List<String> shown)
      throws IOException {
    for (String page : List.of("/", "/metrics", "/api/state.json")) {
      shown.add(console.get(page));
    }
    shown.add(said("", "status", console.address()));
    Process dump =
        new ProcessBuilder(Jdk.tool(17, "jcmd"), "" + fork.handle().pid(), "Thread.print", "-l")
            .redirectErrorStream(true)
            .start();
    shown.add(new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  private static String said(String fleet, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(Jdk.tool(17, "java"), "-jar", AgentJvm.JAR.toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    if (!fleet.isEmpty()) {
      builder.environment().put("PACELINE_FLEET", fleet);
    }
    return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** One clear line, and the agent works alone. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:%s@127.0.0.1:1",
        "redis://user:%s@",
        "redis://user:%s@127.0.0.1:1/x",
        "redis-sentinel://user:%s@127.0.0.1:1/mymaster",
        "redis://user:%s@127.0.0.1:1,127.0.0.1:2",
        "redis://user:%s @127.0.0.1:1"
      })
  void anAddressThatIsWrongIsOneLine(String address) {
    try (SimProcess sim = SimProcess.start("--limit", "rpm=60000")) {
      Ended ended =
          app(sim, "1")
              .withEnvironment("PACELINE_FLEET", address.formatted(RedisServer.PASSWORD))
              .await()
              .exitedWith(0);
      assertThat(sim.arrivals(RUN).served()).isEqualTo(8);
      assertThat(ended.err().stream().filter(line -> line.contains("redis://[user")))
          .singleElement()
          .asString()
          .contains("FLEET");
      assertThat(ended.everything()).doesNotContain("canary");
    }
  }
}
