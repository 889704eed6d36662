package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import com.sun.tools.attach.VirtualMachine;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import dev.paceline.it.app.otelsdk.OtelSdkApp;
import dev.paceline.it.app.springboot.BootApp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the application has already shows the agent's figures, without code: the same totals as the
 * server's own count, none doubled, none lost.
 */
class TelemetryIT {
  private static final List<String> RUNS =
      List.of("fine.sync", "recover.sync", "always-429.sync", "recover.async");
  private static Upstream upstream;

  @TempDir static Path folder;

  @BeforeAll
  static void start() {
    upstream =
        Upstream.start()
            .script("fine", Answer.ok())
            .script("recover", Answer.rateLimited(), Answer.ok())
            .script("quota", Answer.insufficientQuota())
            .script("later", Answer.rateLimited(), Answer.ok())
            .script("always-429", Answer.rateLimited());
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @BeforeEach
  void forget() {
    upstream.forget();
  }

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void actuatorOfASpringBootFatJarShowsTheServersCount(int jdk) throws IOException {
    try (Forked boot = boot(jdk).start()) {
      String actuator = actuator(boot);
      make(boot, RUNS);

      Totals.await(
          () -> Totals.at(actuator + "/prometheus"), shown -> shown.agreeWith(upstream, 4));
      assertThat(Totals.get(actuator + "/metrics"))
          .contains("\"paceline.calls\"", "\"paceline.rate.limited\"", "\"paceline.wait\"");
      JsonNode attempts = json(Totals.get(actuator + "/metrics/paceline.attempts"));
      assertThat(attempts.at("/measurements/0/value").asInt()).isEqualTo(upstream.seen().size());
      assertThat(Totals.at(actuator + "/prometheus").text())
          .contains("paceline_calls_total{", "service=\"checkout\"");
    }
  }

  @ParameterizedTest(name = "ours first: {0}")
  @ValueSource(booleans = {true, false})
  void nothingIsDoubledWhenOpenTelemetrysAgentBridgesMicrometer(boolean oursFirst)
      throws IOException {
    int port = freePort();
    try (Forked boot =
        underOpenTelemetry(boot(17), oursFirst, port)
            .withProperty("otel.instrumentation.micrometer.enabled", "true")
            .start()) {
      String actuator = actuator(boot);
      make(boot, RUNS);

      Totals.await(
          () -> Totals.at(actuator + "/prometheus"), shown -> shown.agreeWith(upstream, 4));
      Totals.await(() -> openTelemetry(port), shown -> shown.agreeWith(upstream, 4));
    }
  }

  @ParameterizedTest(name = "on {0}, ours first: {1}")
  @CsvSource({"17,true", "17,false", "25,true", "25,false"})
  void openTelemetrysAgentShowsTheServersCountAndTheWaits(int jdk, boolean oursFirst)
      throws IOException {
    int port = freePort();
    try (Forked app =
        underOpenTelemetry(
                AgentJvm.run(OkHttpApp.class).withJdk(jdk).with("okhttp:4.12.0"), oursFirst, port)
            .against(upstream)
            .withShortWaits()
            .withQuickStart()
            .withProperty("it.commands", "true")
            .start()) {
      make(app, List.of("fine.sync"));
      Totals.await(() -> openTelemetry(port), shown -> shown.agreeWith(upstream, 1));
      List<String> runs = List.of("recover.sync", "recover.jdk", "recover.async", "always-429.jdk");
      make(app, runs);

      Totals.await(() -> openTelemetry(port), shown -> shown.agreeWith(upstream, 5));
      app.tell("exit");
      List<JsonNode> spans = otlpSpans(app.await());
      for (String run : runs) {
        JsonNode call = callSpan(spans, run).orElseThrow(() -> new AssertionError(run + spans));
        int attempts = upstream.seen(run).size();
        assertThat(attribute(call, "http.request.resend_count"))
            .as(run)
            .isEqualTo("" + (attempts - 1));
        assertThat(attribute(call, "paceline.limit")).isEqualTo("rpm");
        assertThat(attribute(call, "gen_ai.provider.name")).isEqualTo("openai");
        assertThat(spans)
            .as("attempts of %s after the first wait", run)
            .filteredOn(
                span -> span.path("parentSpanId").asText().equals(call.path("spanId").asText()))
            .hasSize(attempts - 1)
            .allMatch(span -> span.path("kind").asInt() == 3);
      }
      assertThat(callSpan(spans, "fine.sync")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "otel-sdk:1.44"})
  void anSdkOfTheApplicationsOwnShowsTheServersCountAndTheWaits(String older) {
    AgentJvm jvm = AgentJvm.run(OtelSdkApp.class);
    try (Forked app =
        (older.isEmpty() ? jvm.with("otel-sdk") : jvm.withApp("otel-sdk").with(older))
            .against(upstream)
            .withShortWaits()
            .withQuickStart()
            .withProperty("it.commands", "true")
            .start()) {
      // The class is there, nobody has set the global one: who asked for it now would set a no-op.
      make(app, List.of("1.load", "fine.sync", "recover.sync"));
      awaitTicks();
      make(app, List.of("2.set"));
      Totals.await(() -> sdk(app), shown -> assertSdk(shown, 2));
      make(app, List.of("later.sync"));

      Totals.await(() -> sdk(app), shown -> assertSdk(shown, 3));
      String spans = told(app, "spans");
      String late = line(spans, "paceline.call ", "later.sync");
      String chat = line(spans, "chat ", "id=" + word(late, "parent="));
      assertThat(late)
          .contains("http.request.resend_count=1", "paceline.limit=rpm")
          .contains("gen_ai.provider.name=openai");
      assertThat(chat)
          .contains("paceline.attempts=2", "paceline.retry{")
          .contains("paceline.retry.reason=\"429\"");
      assertThat(spans.lines().filter(span -> span.startsWith("paceline.call "))).hasSize(1);
      app.tell("exit");
      assertThat(app.await().exitedWith(0).everything()).doesNotContain("IllegalStateException");
    }
  }

  @Test
  void aUsedUpPlanIsToldInTheLogAndToTheWebhook() throws IOException {
    List<String> posted = new CopyOnWriteArrayList<>();
    HttpServer hook =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          posted.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    hook.start();
    try (Forked app =
        AgentJvm.run(JdkApp.class)
            .against(upstream)
            .withQuickStart()
            .withProperty(
                "paceline.alert.webhook",
                "http://127.0.0.1:" + hook.getAddress().getPort() + "/services/s3cr3t")
            .withProperty("paceline.metrics.tags", "service=checkout")
            .withProperty("it.commands", "true")
            .start()) {
      make(app, List.of("quota.sync"));

      app.awaitError(
          line -> line.startsWith("paceline: event=quota provider=openai model=quota.sync"));
      Totals.await(
          () -> new Totals(String.join("\n", posted)), any -> assertThat(posted).hasSize(1));
      assertThat(json(posted.get(0)).path("text").asText())
          .contains("is used up", "quota.sync", "[checkout on ")
          .endsWith(", process " + app.handle().pid() + "]");
      upstream.saw(1, "quota.sync");
      app.tell("exit");
      assertThat(app.await().exitedWith(0).everything()).doesNotContain("s3cr3t");
    } finally {
      hook.stop(0);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void whoeverConnectsToJmxSeesTheCountsAndTheSwitch(int jdk) throws Exception {
    try (Forked app =
        AgentJvm.run(JdkApp.class)
            .withJdk(jdk)
            .against(upstream)
            .withShortWaits()
            .withQuickStart()
            .withProperty("it.commands", "true")
            .start()) {
      make(app, List.of("recover.sync"));
      VirtualMachine machine = VirtualMachine.attach("" + app.handle().pid());
      JMXServiceURL url = new JMXServiceURL(machine.startLocalManagementAgent());
      machine.detach();
      try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
        MBeanServerConnection beans = connector.getMBeanServerConnection();
        ObjectName agent = new ObjectName("dev.paceline:type=Agent");
        Totals.await(
            () -> new Totals("attempts " + attribute(beans, agent, "Attempts")),
            shown -> assertThat(shown.sum("attempts")).isEqualTo(2));
        assertThat(beans.getAttribute(agent, "Calls")).isEqualTo(1L);
        assertThat(beans.getAttribute(agent, "RateLimited")).isEqualTo(1L);
        assertThat(beans.queryNames(new ObjectName("dev.paceline:type=Limiter,*"), null))
            .hasSize(1);

        beans.invoke(agent, "disable", new Object[0], new String[0]);
        make(app, List.of("always-429.sync"));
        upstream.saw(1, "always-429.sync");
        beans.invoke(agent, "enable", new Object[0], new String[0]);
        make(app, List.of("later.sync"));
        upstream.saw(2, "later.sync");
      }
    }
  }

  private static Object attribute(MBeanServerConnection beans, ObjectName name, String attribute) {
    try {
      return beans.getAttribute(name, attribute);
    } catch (JMException | IOException notYet) {
      return -1;
    }
  }

  private static void assertSdk(Totals shown, int calls) {
    long attempts = upstream.seen().size();
    assertThat(shown.sum("paceline.attempts")).isEqualTo(attempts);
    assertThat(shown.sum("paceline.calls")).isEqualTo(calls);
    assertThat(shown.sum("paceline.rate.limited")).isEqualTo(attempts - calls);
    assertThat(shown.sum("paceline.wait", "reason=\"backoff\""))
        .isBetween((attempts - calls) / 2, attempts - calls);
    assertThat(shown.sum("paceline.overhead")).isEqualTo(calls);
    assertThat(shown.sum("paceline.mode")).isEqualTo(1);
  }

  // ---- forks
  // ----------------------------------------------------------------------------------------------------------------

  private static AgentJvm boot(int jdk) throws IOException {
    Path jar =
        FatJar.write(
            folder.resolve("boot-" + jdk + ".jar"),
            BootApp.class.getName(),
            AgentJvm.MODULE.resolve("apps/spring-boot/target/classes"),
            AgentJvm.jarsOf("spring-boot"));
    return AgentJvm.run(BootApp.class)
        .withJdk(jdk)
        .launchedBy("-jar", jar.toString())
        .against(upstream)
        .withShortWaits()
        .withQuickStart()
        .withProperty("server.port", "0")
        .withProperty("server.address", "127.0.0.1")
        .withProperty("management.endpoints.web.exposure.include", "*")
        .withProperty("spring.main.banner-mode", "off")
        .withProperty("paceline.metrics.tags", "service=checkout")
        .withProperty("it.commands", "true");
  }

  private static AgentJvm underOpenTelemetry(AgentJvm jvm, boolean oursFirst, int port) {
    String ours = AgentJvm.JAR.toString();
    String theirs = AgentJvm.jarsOf("otel-agent").get(0).toString();
    return jvm.withAgents(oursFirst ? ours : theirs, oursFirst ? theirs : ours)
        .withProperty("otel.metrics.exporter", "prometheus")
        .withProperty("otel.exporter.prometheus.port", "" + port)
        .withProperty("otel.exporter.prometheus.host", "127.0.0.1")
        .withProperty("otel.traces.exporter", "logging-otlp")
        .withProperty("otel.logs.exporter", "none");
  }

  private static Totals openTelemetry(int port) {
    return Totals.at("http://127.0.0.1:" + port + "/metrics");
  }

  private static String actuator(Forked boot) {
    String port = boot.awaitLine(line -> line.startsWith("port ")).substring("port ".length());
    return "http://127.0.0.1:" + port + "/actuator";
  }

  /** One after the other; each is over when this returns. */
  private static void make(Forked app, List<String> runs) {
    for (String run : runs) {
      app.tell(run);
      app.awaitLine(line -> line.startsWith("{\"run\":\"" + run + "\""));
    }
  }

  private static int reports;

  private static String told(Forked app, String what) {
    String run = "report-" + ++reports + "." + what;
    app.tell(run);
    return json(app.awaitLine(line -> line.startsWith("{\"run\":\"" + run + "\"")))
        .path("text")
        .asText();
  }

  private static Totals sdk(Forked app) {
    return new Totals(told(app, "metrics"));
  }

  /** Long enough for the exporter to have looked at the library a few times. */
  private static void awaitTicks() {
    long until = System.nanoTime() + 2_500_000_000L;
    while (System.nanoTime() < until) {
      java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  // ---- spans
  // ----------------------------------------------------------------------------------------------------------------

  private static List<JsonNode> otlpSpans(Ended ended) {
    List<JsonNode> spans = new ArrayList<>();
    for (String line : ended.everything().lines().toList()) {
      int from = line.indexOf("{\"resource\"");
      if (from >= 0 && line.contains("\"scopeSpans\"")) {
        json(line.substring(from))
            .path("scopeSpans")
            .forEach(scope -> scope.path("spans").forEach(spans::add));
      }
    }
    return spans;
  }

  private static Optional<JsonNode> callSpan(List<JsonNode> spans, String run) {
    return spans.stream()
        .filter(span -> span.path("name").asText().equals("paceline.call"))
        .filter(span -> attribute(span, "gen_ai.request.model").equals(run))
        .findFirst();
  }

  private static String attribute(JsonNode span, String key) {
    for (JsonNode attribute : span.path("attributes")) {
      if (attribute.path("key").asText().equals(key)) {
        return attribute.path("value").elements().next().asText();
      }
    }
    return "";
  }

  private static String line(String text, String... words) {
    return text.lines()
        .filter(line -> List.of(words).stream().allMatch(line::contains))
        .findFirst()
        .orElseThrow(() -> new AssertionError(List.of(words) + " not in\n" + text));
  }

  private static String word(String line, String before) {
    int from = line.indexOf(before) + before.length();
    return line.substring(from, line.indexOf(' ', from));
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }
}
