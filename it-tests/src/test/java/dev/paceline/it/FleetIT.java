package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.paceline.it.app.okhttp.OverloadApp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes that agree over a real Redis, or Valkey. Counts only. */
class FleetIT {
  private static final int PROCESSES = 3;
  private static final int TYPED = 120;
  private static final String RUN = "over.jdk";

  @TempDir Path folder;

  private static AgentJvm app(SimProcess sim, String redis, String... arguments) {
    return sim.called(OverloadApp.class)
        .withQuickStart()
        .withEnvironment("PACELINE_FLEET", redis)
        .withArguments(arguments);
  }

  private static AgentJvm typed(AgentJvm app) {
    return app.withProperty("paceline.rule.all.provider", "openai")
        .withProperty("paceline.rule.all.rpm", "" + TYPED)
        .withProperty("paceline.max-wait", "3s");
  }

  private static SimProcess wide() {
    return SimProcess.start("--limit", "rpm=60000", "--service", "100");
  }

  /** Each of three that do not talk would send the whole. */
  @Test
  void aTypedLimitHoldsForAllTogether() throws Exception {
    try (RedisServer redis = RedisServer.start(folder);
        SimProcess sim = wide()) {
      List<Ended> ended =
          Forks.run(PROCESSES, i -> typed(app(sim, redis.url(), "8", "15", "8", RUN)));
      SimProcess.Arrivals arrivals = sim.arrivals(RUN);
      assertThat(arrivals.requests()).as("of all within a minute").isLessThanOrEqualTo(TYPED);
      assertThat(arrivals.served()).isGreaterThanOrEqualTo(TYPED * 9 / 10);
      for (Ended one : ended) {
        assertThat(one.exitCode()).isZero();
        assertThat(one.toString()).doesNotContain(RedisServer.PASSWORD);
      }
    }
  }

  /** On the page's state, in metrics, and in {@code status}; then without Redis. */
  @Test
  void whoTakesHowMuchIsShown() throws Exception {
    try (RedisServer redis = RedisServer.start(folder);
        SimProcess sim = wide();
        Forked one = shown(sim, redis).start();
        Forked other = shown(sim, redis).start()) {
      ConsolePages console = ConsolePages.of(one);
      JsonNode fleet = console.await("two members", state -> members(state) == 2).path("fleet");
      assertThat(fleet.path("answers").asBoolean()).isTrue();
      JsonNode split = fleet.at("/scopes/0/splits/0");
      assertThat(split.path("resource").asText()).isEqualTo("requests");
      assertThat(split.path("units").asInt()).isEqualTo(TYPED);
      assertThat(console.metric("paceline_fleet_up")).isEqualTo(1);
      assertThat(console.metric("paceline_fleet_exchanges_total", "ok")).isPositive();
      assertThat(console.metric("paceline_fleet_members", "openai")).isEqualTo(2);
      assertThat(status(console)).contains("Fleet: Redis answers").contains("requests");
      redis.kill();
      console.await("the breaker", state -> !state.at("/fleet/answers").asBoolean());
      assertThat(console.metric("paceline_fleet_up")).isZero();
      assertThat(console.metric("paceline_fleet_exchanges_total", "failed")).isPositive();
      assertThat(status(console)).contains("Redis DOES NOT ANSWER");
      assertThat(console.metrics() + console.get("/api/state.json"))
          .doesNotContain(RedisServer.PASSWORD);
      assertThat(other.handle().isAlive()).isTrue();
    }
  }

  private static AgentJvm shown(SimProcess sim, RedisServer redis) {
    return typed(app(sim, redis.url(), "4", "60", "8", RUN))
        .withProperty("paceline.console.port", "0");
  }

  private static int members(JsonNode state) {
    return state.at("/fleet/scopes/0/members").asInt();
  }

  private static String status(ConsolePages console) {
    List<String> command =
        List.of(Jdk.tool(17, "java"), "-jar", AgentJvm.JAR.toString(), "status", console.address());
    try {
      Process status = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(status.getInputStream().readAllBytes());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Nobody is there: as without it, with one line. */
  @Test
  void withoutARedisCallsAreServedAndOneLineSaysSo() throws Exception {
    String nobody = "redis://:" + RedisServer.PASSWORD + "@127.0.0.1:" + Ports.free();
    try (SimProcess sim = wide();
        Forked fork = app(sim, nobody, "8", "5", "8", RUN).start()) {
      Ended ended = fork.await().exitedWith(0);
      assertThat(sim.arrivals(RUN).served()).isEqualTo(40);
      assertThat(ended.err().stream().filter(line -> line.contains("the fleet's Redis does not")))
          .hasSize(1);
      assertThat(ended.toString()).doesNotContain(RedisServer.PASSWORD);
    }
  }
}
