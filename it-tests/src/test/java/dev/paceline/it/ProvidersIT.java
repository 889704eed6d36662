package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.paceline.it.app.okhttp.ProvidersApp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * Every provider under its real host name, which a hosts file of the JVM leads to this machine,
 * through a raw client: one fork for all of them. Needs the right to listen on port 443.
 */
class ProvidersIT {
  private static final List<String> CLIENTS = List.of("jdk", "okhttp");
  private static final List<String> SCENARIOS = List.of("served", "refused", "stream");

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static final List<HttpServer> SERVERS = new ArrayList<>();
  private static final List<ProviderAnswers> PROVIDERS = new ArrayList<>();
  private static final Map<String, AtomicInteger> SEEN = new ConcurrentHashMap<>();
  private static Path trust;

  @BeforeAll
  static void start() throws Exception {
    List<String> hosts =
        List.copyOf(
            new TreeSet<>(
                ProviderAnswers.ALL.stream()
                    .filter(provider -> !provider.local())
                    .map(ProviderAnswers::host)
                    .toList()));
    trust = Certificates.keyStore("providers", hosts);
    HttpsServer tls;
    try {
      tls = HttpsServer.create(address(443), 200);
    } catch (IOException e) {
      throw skipped("SKIPPED: providers under their real names need port 443: " + e.getMessage());
    }
    tls.setHttpsConfigurator(new HttpsConfigurator(context(trust)));
    serve(tls);
    for (ProviderAnswers provider : ProviderAnswers.ALL) {
      if (!provider.local() || listen(URI.create(provider.origin()).getPort())) {
        PROVIDERS.add(provider);
      } else {
        System.out.println("SKIPPED: " + provider.id() + ": its port is taken");
      }
    }
  }

  private static boolean listen(int port) {
    try {
      serve(HttpServer.create(address(port), 200));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void serve(HttpServer server) {
    server.setExecutor(THREADS);
    server.createContext("/", ProvidersIT::answer);
    server.start();
    SERVERS.add(server);
  }

  private static TestAbortedException skipped(String line) {
    System.out.println(line);
    return new TestAbortedException(line);
  }

  private static SSLContext context(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, Certificates.PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, Certificates.PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @AfterAll
  static void stop() {
    SERVERS.forEach(server -> server.stop(0));
    THREADS.shutdownNow();
  }

  /** {@code provider/scenario/client}, as the request's own header says. */
  private static void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String run = String.valueOf(exchange.getRequestHeaders().getFirst("x-it-run"));
    int attempt = SEEN.computeIfAbsent(run, any -> new AtomicInteger()).incrementAndGet();
    String[] parts = run.split("/");
    ProviderAnswers provider =
        PROVIDERS.stream().filter(p -> p.id().equals(parts[0])).findAny().orElseThrow();
    boolean refuse = parts[1].equals("refused") && attempt == 1;
    boolean stream = parts[1].equals("stream");
    List<String> headers = refuse ? provider.refusal().headers() : provider.served();
    for (String header : headers) {
      int colon = header.indexOf(':');
      exchange.getResponseHeaders().add(header.substring(0, colon), header.substring(colon + 2));
    }
    byte[] body =
        refuse
            ? provider.refusal().body().getBytes(StandardCharsets.UTF_8)
            : stream ? provider.stream() : provider.whole();
    exchange
        .getResponseHeaders()
        .set("content-type", stream && !refuse ? provider.streamType() : "application/json");
    exchange.sendResponseHeaders(
        refuse ? provider.refusal().status() : 200, stream ? 0 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      int half = body.length / 2;
      out.write(body, 0, half);
      out.flush();
      out.write(body, half, body.length - half);
    }
  }

  static Stream<Integer> jdks() {
    return Jdk.cells().boxed();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void everyProviderIsRecognisedAndItsRefusalUnderstood(int jdk, @TempDir Path folder)
      throws IOException {
    SEEN.clear();
    StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n");
    StringBuilder requests = new StringBuilder();
    PROVIDERS.forEach(p -> hosts.append("127.0.0.1 ").append(p.host()).append('\n'));
    for (String scenario : SCENARIOS) {
      for (ProviderAnswers provider : PROVIDERS) {
        for (String client : CLIENTS) {
          String path = scenario.equals("stream") ? provider.streamPath() : provider.path();
          String model = model(scenario, client);
          requests.append(
              String.join(
                  "\t",
                  provider.id() + "/" + scenario + "/" + client,
                  client,
                  provider.origin() + path.replace("{m}", model),
                  "x-it-run: %s/%s/%s|Content-Type: application/json|Authorization: Bearer k"
                      .formatted(provider.id(), scenario, client),
                  provider.request(model, scenario.equals("stream"))));
          requests.append('\n');
        }
      }
      if (scenario.equals("served")) {
        requests.append('\n'); // what was learned from served answers alone
      }
    }
    Path hostsFile = Files.writeString(folder.resolve("hosts"), hosts);
    Path requestsFile = Files.writeString(folder.resolve("requests"), requests);
    int console = Ports.free();

    Ended ended =
        AgentJvm.run(ProvidersApp.class)
            .withJdk(jdk)
            .with("okhttp:4.12.0")
            .withProperty("jdk.net.hosts.file", hostsFile.toString())
            .withProperty("javax.net.ssl.trustStore", trust.toString())
            .withProperty("javax.net.ssl.trustStorePassword", Certificates.PASSWORD)
            .withProperty("paceline.console.port", String.valueOf(console))
            .withProperty("paceline.hosts", "llm.corp.example=auto")
            .withShortWaits()
            .withQuickStart()
            .withArguments(requestsFile.toString(), "http://127.0.0.1:" + console)
            .await()
            .exitedWith(0);

    List<String> metrics =
        ended.out().stream()
            .filter(line -> line.startsWith("METRIC "))
            .map(line -> line.substring(7))
            .toList();
    JsonNode scopes = scopes(ended);
    Checks checks = new Checks();
    for (ProviderAnswers provider : PROVIDERS) {
      for (String client : CLIENTS) {
        checks.check(provider.id() + " " + client, () -> holds(provider, client, ended, metrics));
        checks.check(
            provider.id() + " " + client + " learned", () -> learned(provider, client, scopes));
      }
    }
    checks.allHold();
  }

  private static JsonNode scopes(Ended ended) throws IOException {
    String line =
        ended.out().stream().filter(l -> l.startsWith("STATE ")).findFirst().orElseThrow();
    JsonNode state = new ObjectMapper().readTree(line.substring(6));
    assertThat(state.path("scopesLeftOut").asInt()).isZero();
    return state.path("scopes");
  }

  /** The state shows exactly the limits that the served answer's headers announced. */
  private static void learned(ProviderAnswers provider, String client, JsonNode scopes) {
    Map<String, JsonNode> limits = new TreeMap<>();
    for (JsonNode scope : scopes) {
      if (scope.path("provider").asText().equals(provider.id())
          && scope.path("model").asText().equals(model("served", client))) {
        scope.path("limits").forEach(limit -> limits.put(limit.path("limit").asText(), limit));
      }
    }
    assertThat(limits.keySet())
        .containsExactlyInAnyOrderElementsOf(
            provider.learned().stream().map(ProviderAnswers.Learned::limit).toList());
    for (ProviderAnswers.Learned learned : provider.learned()) {
      JsonNode limit = limits.get(learned.limit());
      assertThat(limit.path("max").asLong()).as("max").isEqualTo(learned.max());
      assertThat(limit.path("windowMillis").asLong())
          .as("window")
          .isEqualTo(learned.windowMillis());
      // Refills as time goes by.
      assertThat(limit.path("left").asLong())
          .as("left")
          .isBetween(learned.remaining(), learned.max());
    }
  }

  private static void holds(
      ProviderAnswers provider, String client, Ended ended, List<String> metrics) {
    String whole = "200 " + latin(provider.whole());
    String served = provider.id() + "/served/" + client;
    assertThat(ended.outcome(served).succeeded().text()).isEqualTo(whole);
    assertThat(SEEN.get(served)).hasValue(1);
    assertThat(calls(metrics, provider, "served", client, "success")).as("model tagged").isOne();

    String stream = provider.id() + "/stream/" + client;
    assertThat(ended.outcome(stream).succeeded().text())
        .isEqualTo("200 " + latin(provider.stream()));
    assertThat(calls(metrics, provider, "stream", client, "success")).isOne();
    assertThat(actual(metrics, provider, client, "input")).isEqualTo(ProviderAnswers.INPUT);
    assertThat(actual(metrics, provider, client, "output")).isEqualTo(ProviderAnswers.OUTPUT);

    String refused = provider.id() + "/refused/" + client;
    boolean retried = provider.attempts() > 1;
    assertThat(SEEN.get(refused)).as("attempts").hasValue(provider.attempts());
    assertThat(ended.outcome(refused).succeeded().text())
        .isEqualTo(retried ? whole : provider.refusal().status() + " " + provider.refusal().body());
    assertThat(
            value(
                metrics,
                "paceline_too_large_total",
                "provider=\"" + provider.id() + "\"",
                "model=\"" + model("refused", client) + "\""))
        .as("too large")
        .isEqualTo(List.of("groq", "vllm").contains(provider.id()) ? 1 : 0);
    for (String limit :
        List.of(
            "rpm",
            "tpm",
            "itpm",
            "otpm",
            "rpd",
            "tpd",
            "concurrency",
            "quota",
            "capacity",
            "unknown")) {
      assertThat(
              value(
                  metrics,
                  "paceline_rate_limited_total",
                  "provider=\"" + provider.id() + "\"",
                  "model=\"" + model("refused", client) + "\"",
                  "source=\"upstream\"",
                  "limit=\"" + limit + "\""))
          .as("limited by " + limit)
          .isEqualTo(limit.equals(provider.limit()) ? 1 : 0);
    }
  }

  private static String model(String scenario, String client) {
    return "m-" + scenario + "-" + client;
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static double calls(
      List<String> metrics,
      ProviderAnswers provider,
      String scenario,
      String client,
      String outcome) {
    return value(
        metrics,
        "paceline_calls_total",
        "provider=\"" + provider.id() + "\"",
        "model=\"" + model(scenario, client) + "\"",
        "client=\"" + client + "\"",
        "outcome=\"" + outcome + "\"");
  }

  /** What the stream said that it did cost. */
  private static double actual(
      List<String> metrics, ProviderAnswers provider, String client, String type) {
    return value(
        metrics,
        "paceline_tokens_total",
        "provider=\"" + provider.id() + "\"",
        "model=\"" + model("stream", client) + "\"",
        "kind=\"actual\"",
        "type=\"" + type + "\"");
  }

  /** The sum of the series that carry all of these tags. */
  private static double value(List<String> metrics, String name, String... tags) {
    return metrics.stream()
        .filter(line -> line.startsWith(name + "{"))
        .filter(line -> Stream.of(tags).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
