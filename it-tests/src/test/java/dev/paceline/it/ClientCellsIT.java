package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.Upstream.Seen;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The two clients themselves: every version and JDK; sync, async, streams; HTTP/1.1 and HTTP/2. */
class ClientCellsIT {
  private static final List<String> TRANSPORTS = List.of("", "-tls", "-h2");

  private static Upstream upstream;

  /**
   * A client.
   *
   * @param cell empty for the JDK's own
   */
  private record Client(String cell, Class<?> app, List<String> calls) {
    List<String> modes(String scenario) {
      return calls.stream()
          .flatMap(call -> TRANSPORTS.stream().map(transport -> call + transport))
          // A reset in HTTP/2 hits every run of the connection, which all of them share.
          .filter(mode -> !scenario.equals("lost-later") || !mode.endsWith("-h2"))
          .toList();
    }

    @Override
    public String toString() {
      return cell.isEmpty() ? "JDK client" : cell;
    }
  }

  private static final List<Client> CLIENTS =
      List.of(
          new Client("", JdkApp.class, List.of("sync", "async", "stream")),
          okHttp("3.14.9", "sync", "async", "stream", "events"),
          okHttp("4.12.0", "sync", "async", "stream", "events"),
          // There is no okhttp-sse of this version.
          okHttp("5.0.0", "sync", "async", "stream"),
          okHttp("5.5.1", "sync", "async", "stream", "events"));

  private static Client okHttp(String version, String... calls) {
    return new Client("okhttp:" + version, OkHttpApp.class, List.of(calls));
  }

  static Stream<Arguments> cells() {
    return CLIENTS.stream()
        .flatMap(client -> Jdk.cells().mapToObj(jdk -> Arguments.of(client, jdk)));
  }

  @BeforeAll
  static void start() {
    Answer limited = Answer.rateLimited();
    Answer broken = Answer.status(503).saying("{\"error\":{\"message\":\"broken\"}}");
    upstream =
        Upstream.start()
            .script("fine", Answer.ok())
            .script("recover", limited.header("retry-after-ms", "200"), Answer.ok())
            .script("zero", limited.header("Retry-After", "0"), limited, Answer.ok())
            .script("broken-once", Answer.status(502), Answer.ok())
            .script("always-429", limited)
            .script("always-503", broken)
            .script("always-503-at-once", broken.header("Retry-After", "0"))
            .script("quota", Answer.insufficientQuota())
            .script("too-long", limited.header("Retry-After", "3600"))
            .script("bad-request", Answer.status(400).saying("{\"error\":{\"message\":\"no\"}}"))
            .script("lost-later", limited, Answer.connectionReset())
            .script("not-allowed", limited, Answer.status(401));
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("cells")
  void everyModeRecoversAndGivesUpAsTheRulesSay(Client client, int jdk) {
    upstream.forget();
    Map<String, Consumer> expectations = expectations();
    List<String> runs = new ArrayList<>();
    expectations
        .keySet()
        .forEach(
            scenario -> client.modes(scenario).forEach(mode -> runs.add(scenario + "." + mode)));
    AgentJvm jvm = AgentJvm.run(client.app()).withJdk(jdk);
    if (!client.cell().isEmpty()) {
      jvm.with(client.cell());
    }
    Ended ended =
        jvm.against(upstream).withShortWaits().withQuickStart().withArguments(runs).await();

    ended.exitedWith(0);
    Checks checks = new Checks();
    expectations.forEach(
        (scenario, expectation) ->
            client
                .modes(scenario)
                .forEach(
                    mode -> {
                      String run = scenario + "." + mode;
                      checks.check(run, () -> expectation.check(ended.outcome(run), run));
                    }));
    checks.allHold();
  }

  private interface Consumer {
    void check(Ended.Outcome outcome, String run);
  }

  private static Map<String, Consumer> expectations() {
    Map<String, Consumer> all = new TreeMap<>();
    all.put("fine", (outcome, run) -> succeeds(outcome, run, 1));
    all.put(
        "recover",
        (outcome, run) -> {
          succeeds(outcome, run, 2);
          List<Seen> attempts = upstream.seen(run);
          assertThat(attempts.get(1).arrived() - attempts.get(0).arrived())
              .as("the wait that the provider asked for")
              .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
        });
    all.put("zero", (outcome, run) -> succeeds(outcome, run, 3));
    all.put("broken-once", (outcome, run) -> succeeds(outcome, run, 2));
    all.put("always-429", (outcome, run) -> fails(outcome, run, "429 ", 6, 6));
    // Perhaps processed: two repeats and no more.
    all.put("always-503", (outcome, run) -> fails(outcome, run, "503 ", 3, 3));
    // With a hint it was surely not processed; OkHttp's own follow-up is counted too.
    all.put("always-503-at-once", (outcome, run) -> fails(outcome, run, "503 ", 2, 6));
    all.put("quota", (outcome, run) -> fails(outcome, run, "429 ", 1, 1));
    all.put("too-long", (outcome, run) -> fails(outcome, run, "429 ", 1, 1));
    all.put("bad-request", (outcome, run) -> fails(outcome, run, "400 ", 1, 1));
    // The 401 of a later attempt is nothing that the application would have seen: it gets the 429.
    all.put("not-allowed", (outcome, run) -> fails(outcome, run, "429 ", 2, 2));
    // Nor is a connection that breaks under a later attempt. No bound: by itself, and unseen by
    // interceptors, OkHttp sends again on each connection of its pool before it reports the loss.
    all.put("lost-later", (outcome, run) -> fails(outcome, run, "429 ", 2, Integer.MAX_VALUE));
    return all;
  }

  private static void succeeds(Ended.Outcome outcome, String run, int attempts) {
    assertThat(outcome.succeeded().text()).isEqualTo(Answer.TEXT);
    upstream.saw(attempts, run);
    List<Seen> seen = upstream.seen(run);
    for (Seen attempt : seen) {
      assertThat(attempt.body()).isEqualTo(seen.get(0).body());
      assertThat(attempt.headers()).isEqualTo(seen.get(0).headers());
    }
  }

  private static void fails(
      Ended.Outcome outcome, String run, String message, int atLeast, int atMost) {
    assertThat(outcome.failed().error()).isEqualTo("java.io.IOException");
    assertThat(outcome.message()).startsWith(message);
    assertThat(upstream.seen(run)).hasSizeBetween(atLeast, atMost);
  }

  /** Without the agent nothing is repeated: what the cells show is the agent's work. */
  @Test
  void withoutTheAgentARefusedCallFails() {
    upstream.forget();
    Ended ended =
        AgentJvm.run(OkHttpApp.class)
            .withoutAgent()
            .with("okhttp:4.12.0")
            .against(upstream)
            .withArguments("recover.sync")
            .await();

    assertThat(ended.outcome("recover.sync").failed().message()).startsWith("429");
    upstream.saw(1, "recover.sync");
  }
}
