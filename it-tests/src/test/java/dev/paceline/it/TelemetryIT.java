package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import com.sun.tools.attach.VirtualMachine;
import dev.paceline.it.Totals.Counted;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import dev.paceline.it.app.otelsdk.OtelSdkApp;
import dev.paceline.it.app.springboot.BootApp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
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
      List.of("fine.sync", "recover.sync", "always-429.sync", "recover.async", "quota.sync");

  /** Micrometer would count fractions wrongly; see RegistryMeters. */
  private static final String NO_BUCKETS_IN_MICROMETER = "paceline_token_estimate_ratio_bucket";

  /** So many calls at one moment are more than the rate-limited provider takes. */
  private static final int CROWD = 20;

  /** Spring Boot under two agents starts slowly where others use the machine. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static Upstream upstream;
  private static SimProcess sim;
  private static int crowds;

  @TempDir static Path folder;

  @BeforeAll
  static void start() {
    upstream =
        Upstream.start()
            .script("fine", Answer.ok())
            .script("recover", Answer.rateLimited(), Answer.ok())
            .script("quota", Answer.insufficientQuota())
            .script("later", Answer.rateLimited(), Answer.ok())
            .script("always-429", Answer.rateLimited())
            .script(
                "paced",
                Answer.ok()
                    .header("x-ratelimit-limit-requests", "60")
                    .header("x-ratelimit-remaining-requests", "0")
                    .header("x-ratelimit-reset-requests", "1m0s"),
                Answer.ok());
    // It refuses for requests and for tokens; no header warns.
    sim =
        SimProcess.start(
            "--dialect",
            "openai",
            "--no-headers",
            "--limit",
            "rpm=1200,burst=6",
            "--limit",
            "tpm=60000,burst=400");
  }

  @AfterAll
  static void stop() {
    upstream.close();
    sim.close();
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
      assertThat(Totals.get(actuator + "/prometheus")).contains("jvm_").doesNotContain("paceline_");
      assertThat(told(boot, "threads")).as("before the first call to an LLM").isEmpty();
      make(boot, RUNS);
      Counted counted = Counted.of(RUNS.size(), upstream).and(CROWD, crowd(boot));

      agree(boot, () -> Totals.at(actuator + "/prometheus"), counted, NO_BUCKETS_IN_MICROMETER);
      assertThat(told(boot, "threads")).contains("paceline-export");
      assertThat(Totals.get(actuator + "/metrics"))
          .contains("\"paceline.calls\"", "\"paceline.rate.limited\"", "\"paceline.wait\"");
      JsonNode attempts = json(Totals.get(actuator + "/metrics/paceline.attempts"));
      assertThat(attempts.at("/measurements/0/value").asInt()).isEqualTo((int) counted.requests());
      assertThat(Totals.at(actuator + "/prometheus").text())
          .contains("paceline_calls_total{", "service=\"checkout\"");
    }
  }

  @ParameterizedTest(name = "ours first: {0}")
  @ValueSource(booleans = {true, false})
  void nothingIsDoubledWhenOpenTelemetrysAgentBridgesMicrometer(boolean oursFirst)
      throws IOException {
    int port = Ports.free();
    try (Forked boot =
        underOpenTelemetry(boot(17), oursFirst, port)
            .withProperty("otel.instrumentation.micrometer.enabled", "true")
            .start()) {
      String actuator = actuator(boot);
      make(boot, RUNS);
      Counted counted = Counted.of(RUNS.size(), upstream).and(CROWD, crowd(boot));

      agree(boot, () -> Totals.at(actuator + "/prometheus"), counted, NO_BUCKETS_IN_MICROMETER);
      agree(boot, () -> openTelemetry(port), counted);
    }
  }

  @ParameterizedTest(name = "on {0}, ours first: {1}")
  @CsvSource({"17,true", "17,false", "25,true", "25,false"})
  void openTelemetrysAgentShowsTheServersCountAndTheWaits(int jdk, boolean oursFirst)
      throws IOException {
    int port = Ports.free();
    try (Forked app =
        underOpenTelemetry(
                AgentJvm.run(OkHttpApp.class).withJdk(jdk).with("okhttp:4.12.0"), oursFirst, port)
            .against(upstream)
            .with(sim)
            .withShortWaits()
            .withQuickStart()
            .withProperty("it.commands", "true")
            .start()) {
      make(app, List.of("fine.sync"));
      Totals.await(() -> openTelemetry(port), shown -> shown.agreeWith(Counted.of(1, upstream)));
      List<String> retried =
          List.of("recover.sync", "recover.jdk", "recover.async", "always-429.jdk");
      make(app, retried);
      make(app, List.of("paced.sync", "paced.sync 1"));
      String crowd = nextCrowd();
      Counted counted = Counted.of(7, upstream).and(CROWD, crowd(app, crowd));

      agree(app, () -> openTelemetry(port), counted);
      app.tell("exit");
      Trace trace = new Trace(app.await());
      assertThat(trace.named("paceline.call", "fine.sync")).isEmpty();
      for (String run : retried) {
        Trace.Span call = trace.onlyCall(run);
        int attempts = upstream.seen(run).size();
        assertThat(call.attribute("http.request.resend_count")).isEqualTo("" + (attempts - 1));
        assertThat(call.attribute("paceline.limit")).isEqualTo("rpm");
        assertThat(call.attribute("gen_ai.provider.name")).isEqualTo("openai");
        assertAttempts(trace, call, attempts);
        assertThat(trace.clientSpansIn(trace.attempts(call).get(0)))
            .as("the first attempt of %s was sent before anything was the matter", run)
            .isEmpty();
      }
      Trace.Span paced = trace.onlyCall("paced.sync");
      assertAttempts(trace, paced, 1);
      assertThat(paced.attribute("paceline.wait.duration")).isNotEqualTo("0.0");
      assertThat(trace.clientSpansIn(trace.attempts(paced).get(0)))
          .as("of a call that waited first all attempts are within its span")
          .hasSize(1);
      // None of a hundred attempts is lost, whoever was the parent.
      for (Trace.Span call : trace.named("paceline.call", crowd)) {
        assertAttempts(trace, call, Integer.parseInt(call.attribute("paceline.attempts")));
      }
      assertThat(trace.clientSpans()).hasSize((int) counted.requests());
    }
  }

  /** Every attempt is a child of the call's span; the client's own spans lie within. */
  private static void assertAttempts(Trace trace, Trace.Span call, int attempts) {
    assertThat(call.attribute("paceline.attempts")).isEqualTo("" + attempts);
    List<Trace.Span> children = trace.attempts(call);
    assertThat(children).as("attempts of " + call).hasSize(attempts);
    for (int i = 0; i < attempts; i++) {
      Trace.Span attempt = children.get(i);
      assertThat(attempt.attribute("http.request.resend_count")).isEqualTo(i == 0 ? "" : "" + i);
      assertThat(attempt.attribute("http.response.status_code")).isIn("200", "429");
      assertThat(attempt.from()).isBetween(call.from(), call.to());
      assertThat(attempt.to()).isBetween(attempt.from(), call.to());
      assertThat(trace.clientSpansIn(attempt)).hasSizeBetween(i == 0 ? 0 : 1, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "otel-sdk:1.44"})
  void anSdkOfTheApplicationsOwnShowsTheServersCountAndTheWaits(String older) {
    AgentJvm jvm = AgentJvm.run(OtelSdkApp.class);
    try (Forked app =
        (older.isEmpty() ? jvm.with("otel-sdk") : jvm.withApp("otel-sdk").with(older))
            .withTimeout(PATIENCE)
            .against(upstream)
            .with(sim)
            .withShortWaits()
            .withQuickStart()
            .withProperty("it.commands", "true")
            .start()) {
      // The class is there, nobody has set the global one: who asked for it now would set a no-op.
      make(app, List.of("1.load", "fine.sync"));
      awaitTicks();
      make(app, List.of("recover.sync"));
      String chatBefore = line(told(app, "spans"), "chat ", "paceline.retry{");
      assertThat(chatBefore)
          .as("the current span of an SDK that is not the global one")
          .contains("paceline.attempts=2", "paceline.wait{", "paceline.outcome=success");
      make(app, List.of("2.set"));
      awaitTicks();
      make(app, List.of("later.sync", "paced.sync", "paced.sync 1"));
      Counted counted = Counted.of(5, upstream).and(CROWD, crowd(app));

      agree(app, () -> sdk(app), counted);
      String spans = told(app, "spans");
      String late = line(spans, "paceline.call ", "later.sync");
      String chat = line(spans, "chat ", "id=" + word(late, "parent="));
      assertThat(late)
          .contains("http.request.resend_count=1", "paceline.limit=rpm")
          .contains("gen_ai.provider.name=openai");
      assertThat(chat)
          .contains("paceline.attempts=2", "paceline.retry{")
          .contains("paceline.retry.reason=\"429\"");
      assertThat(spans.lines())
          .filteredOn(span -> span.startsWith("paceline.attempt "))
          .filteredOn(span -> span.contains("parent=" + word(late, "id=")))
          .hasSize(2)
          .anyMatch(span -> span.contains("http.response.status_code=429"))
          .anyMatch(
              span ->
                  span.contains("http.response.status_code=200")
                      && span.contains("http.request.resend_count=1"));
      String paced = line(spans, "paceline.call ", "paced.sync");
      assertThat(spans.lines())
          .filteredOn(span -> span.contains("parent=" + word(paced, "id=")))
          .hasSize(1)
          .allMatch(span -> span.startsWith("paceline.attempt "));
      app.tell("exit");
      assertThat(app.await().exitedWith(0).everything()).doesNotContain("IllegalStateException");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"micrometer", "none"})
  void anSdkIsLeftAloneWhenTheConfigurationSaysSo(String export) {
    try (Forked app =
        AgentJvm.run(OtelSdkApp.class)
            .with("otel-sdk")
            .against(upstream)
            .withShortWaits()
            .withQuickStart()
            .withProperty("paceline.metrics.export", export)
            .withProperty("it.commands", "true")
            .start()) {
      make(app, List.of("1.set", "fine.sync"));
      awaitTicks();
      make(app, List.of("recover.sync"));
      awaitTicks();

      assertThat(sdk(app).text()).doesNotContain("paceline");
      assertThat(told(app, "spans").contains("paceline.call ")).isEqualTo(!export.equals("none"));
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
          line -> line.contains(" paceline: event=quota provider=openai model=quota.sync"));
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
            .with(sim)
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

  /** To the providers' own count, and to the agent's own scrape in all else. */
  private static void agree(Forked app, Supplier<Totals> shown, Counted counted) {
    agree(app, shown, counted, "");
  }

  private static void agree(Forked app, Supplier<Totals> shown, Counted counted, String leftOut) {
    ConsolePages console = ConsolePages.of(app);
    Totals.await(
        shown,
        totals -> {
          totals.agreeWith(counted);
          totals.sameAs(new Totals(console.metrics()), leftOut);
        });
  }

  private static String nextCrowd() {
    return "crowd-" + ++crowds + ".sim";
  }

  private static SimProcess.Arrivals crowd(Forked app) {
    return crowd(app, nextCrowd());
  }

  /** Many calls at one moment at a provider that refuses some of them; what it counted. */
  private static SimProcess.Arrivals crowd(Forked app, String run) {
    make(app, List.of(run + " " + CROWD));
    SimProcess.Arrivals arrivals = sim.arrivals(run);
    System.out.println(arrivals);
    assertThat(arrivals.limited()).as("refused").isPositive();
    return arrivals;
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
        .withTimeout(PATIENCE)
        .launchedBy("-jar", jar.toString())
        .against(upstream)
        .with(sim)
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
    return jvm.withTimeout(PATIENCE)
        .withAgents(oursFirst ? ours : theirs, oursFirst ? theirs : ours)
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

  // ---- spans
  // ----------------------------------------------------------------------------------------------------------------

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
