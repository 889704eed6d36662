package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatusCommandTest {
  private static final String STATE =
      """
      {"version":"0.1.0","mode":"enforce","enabled":true,"host":"shop-7d9f","pid":4711,"uptimeSeconds":3700,
       "findings":[{"severity":"critical","sentence":"17 % of the calls to gpt-4o failed","advice":"a higher tier would help"}],
       "scopes":[
         {"provider":"openai","owner":"org-1","model":"gpt-4o","gateClosedMillis":1500,"waiting":3,"oldestWaitMillis":61000},
         {"provider":"openai","owner":"org-1","model":"o3","gateClosedMillis":0,"waiting":0,"oldestWaitMillis":0}],
       "meters":[
         {"name":"paceline.calls","tags":{"provider":"openai","model":"gpt-4o","client":"jdk","outcome":"success"},"value":10},
         {"name":"paceline.calls","tags":{"provider":"openai","model":"gpt-4o","client":"jdk","outcome":"gave_up"},"value":2},
         {"name":"paceline.failed.calls","tags":{"provider":"openai","model":"gpt-4o","by":"agent","reason":"wait_too_long"},"value":2},
         {"name":"paceline.failed.calls","tags":{"provider":"openai","model":"gpt-4o","by":"application","reason":"cancelled"},"value":1},
         {"name":"paceline.attempts","tags":{"provider":"openai","model":"gpt-4o","client":"jdk","status":"2xx"},"value":10},
         {"name":"paceline.attempts","tags":{"provider":"openai","model":"gpt-4o","client":"jdk","status":"429"},"value":5},
         {"name":"paceline.retries","tags":{"provider":"openai","model":"gpt-4o","reason":"429"},"value":3},
         {"name":"paceline.give.ups","tags":{"provider":"openai","model":"gpt-4o","reason":"attempts"},"value":2},
         {"name":"paceline.rate.limited","tags":{"provider":"openai","model":"gpt-4o","limit":"tpm","source":"upstream"},"value":4},
         {"name":"paceline.rate.limited","tags":{"provider":"openai","model":"gpt-4o","limit":"rpm","source":"upstream"},"value":1},
         {"name":"paceline.wait","tags":{"provider":"openai","model":"gpt-4o","limit":"tpm","reason":"retry_after"},"value":3,"sumSeconds":4.5},
         {"name":"paceline.calls","tags":{"provider":"anthropic","model":"claude\\u001b[2J","client":"okhttp","outcome":"success"},"value":1},
         {"name":"paceline.agent.errors","tags":{"component":"config"},"value":1}],
       "coverage":["Apache HttpClient talks to api.openai.com and is not looked after"]}
      """;

  private final Terminal terminal = new Terminal();
  private HttpServer server;
  private volatile String body = STATE;
  private volatile int status = 200;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/state.json",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  private String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  @Test
  void anAgreementWithOtherProcessesIsATable() {
    body =
        """
        {"version":"0.1.0","mode":"enforce",
         "fleet":{"answers":false,"retryMillis":1500,"exchanges":40,"failures":2,"ageMillis":61000,
          "scopes":[{"provider":"openai","owner":"org-1","model":"gpt-4o","members":3,"holds":true,
            "splits":[{"resource":"requests","units":300,"own":0.25,"others":[0.5,0.125]}]}]}}
        """;
    assertThat(terminal.run("status", address())).isZero();
    assertThat(terminal.lines())
        .contains(
            "Fleet: Redis DOES NOT ANSWER, asked again in 1.5s, last exchange 1m 1s ago,"
                + " 40 round trips, 2 failed",
            "PROVIDER  MODEL   OWNER  PROCESSES  SHARED    UNITS  OWN  OTHERS",
            "openai    gpt-4o  org-1  3          requests  300    25%  50% 13%");
  }

  @Test
  void theStateIsPrintedAsTables() {
    assertThat(terminal.run("status", "http://" + address() + "/")).isZero();
    assertThat(terminal.lines())
        .containsExactly(
            "Paceline 0.1.0, enforce, up 1h 1m, shop-7d9f pid 4711, 1 agent errors",
            "",
            "CRITICAL: 17 % of the calls to gpt-4o failed; a higher tier would help",
            "",
            "PROVIDER   MODEL       CALLS  OK  FAILED  ATTEMPTS  RETRIES  EXHAUSTED  429S  TOTAL"
                + " WAIT",
            "anthropic  claude?[2J  1      1   0       0         0        0          0     -",
            "openai     gpt-4o      12     10  2       15        3        2          5     4.5s",
            "",
            "PROVIDER  MODEL   FAILED BY    REASON         COUNT",
            "openai    gpt-4o  agent        wait_too_long  2",
            "openai    gpt-4o  application  cancelled      1",
            "",
            "PROVIDER  MODEL   LIMIT  SOURCE    COUNT",
            "openai    gpt-4o  rpm    upstream  1",
            "openai    gpt-4o  tpm    upstream  4",
            "",
            "PROVIDER  MODEL   OWNER  COOL-DOWN  WAITING  OLDEST",
            "openai    gpt-4o  org-1  1.5s       3        1m 1s",
            "openai    o3      org-1  -          0        -",
            "",
            "Apache HttpClient talks to api.openai.com and is not looked after");
  }

  @Test
  void theSchemeMayBeLeftOutAndAnEmptyStateIsNoError() {
    body = "{\"version\":\"0.1.0\",\"mode\":\"observe\",\"enabled\":false}";

    assertThat(terminal.run("status", address())).isZero();
    assertThat(terminal.lines())
        .containsExactly(
            "Paceline 0.1.0, SWITCHED OFF (configuration): calls pass unmanaged, up 0.0s",
            "",
            "No LLM call yet.",
            "");
  }

  @Test
  void anythingElseIsOneComplaintAndAHint() {
    body = "<html>";
    assertThat(terminal.run("status", address())).isEqualTo(Command.FAILED);
    body = "[]";
    assertThat(terminal.run("status", address())).isEqualTo(Command.FAILED);
    status = 403;
    assertThat(terminal.run("status", address())).isEqualTo(Command.FAILED);
    assertThat(terminal.err()).contains("status 403");
    assertThat(terminal.out()).isEmpty();
  }

  @Test
  void whatTheServerSaysOfItsRefusalIsPrinted() {
    status = 403;
    body = "The page is served with paceline.console.page=public only.\n";

    assertThat(terminal.run("status", address())).isEqualTo(Command.FAILED);
    assertThat(terminal.err())
        .contains("status 403: The page is served with paceline.console.page=public only.")
        .doesNotContain("opens with the first LLM call");
  }

  @Test
  void theStateItselfIsOneLineOfJson() {
    assertThat(terminal.run("status", "--json", address())).isZero();
    assertThat(terminal.lines()).hasSize(1);
    assertThat(terminal.out()).startsWith("{\"version\":\"0.1.0\"").contains("gateClosedMillis");
  }

  @Test
  void addressesThatAreNoneAreNotOpened() {
    for (String address :
        new String[] {"file:///etc/hostname", "ftp://127.0.0.1/", "http://", "::", "a b"}) {
      assertThat(terminal.run("status", address)).isEqualTo(Command.FAILED);
    }
  }

  @Test
  void nobodyListeningIsExplained() {
    server.stop(0);

    assertThat(terminal.run("status", address())).isEqualTo(Command.FAILED);
    assertThat(terminal.err()).contains("The console opens with the first LLM call");
  }
}
