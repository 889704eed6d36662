package dev.paceline.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.common.Slf4jNotifier;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.extension.Parameters;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.extension.ServeEventListener;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider that plays scripts, over HTTP/1.1 and, with TLS, HTTP/2. The model's name chooses the
 * script: a run {@code always-429.sync} plays the script {@code always-429}, and every run plays it
 * from its first answer. When a script is over its last answer is repeated.
 */
final class Upstream implements AutoCloseable {
  private static final Pattern MODEL_IN_BODY = Pattern.compile("\"model\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern MODEL_IN_PATH = Pattern.compile("/models/([^:/?]+)");

  /**
   * One HTTP request that arrived.
   *
   * @param arrived {@link System#nanoTime()} when it had been read
   * @param answered {@link System#nanoTime()} just before its answer was written; 0 before that
   */
  record Seen(
      long arrived,
      AtomicLong answered,
      String run,
      String path,
      Map<String, String> headers,
      String body,
      int status) {

    @Override
    public String toString() {
      return status + " at " + arrived / 1_000_000 % 1_000_000 + " ms";
    }
  }

  private final Map<String, List<Answer>> scripts = new ConcurrentHashMap<>();
  private final Map<String, List<Seen>> seen = new ConcurrentHashMap<>();
  private final Map<UUID, Seen> open = new ConcurrentHashMap<>();
  private final WireMockServer server;
  private final Path keyStore = Certificates.keyStore();

  private Upstream(WireMockConfiguration ports) {
    server =
        new WireMockServer(
            ports
                .keystorePath(keyStore.toString())
                .keystorePassword(Certificates.PASSWORD)
                .keyManagerPassword(Certificates.PASSWORD)
                .keystoreType("PKCS12")
                .http2PlainDisabled(true)
                .containerThreads(600)
                .jettyAcceptQueueSize(1000)
                .gzipDisabled(true)
                .disableRequestJournal()
                .notifier(new Slf4jNotifier(false))
                .extensions(new Player(), new Closer()));
    server.stubFor(any(anyUrl()).willReturn(aResponse().withTransformers("script")));
    server.start();
  }

  static Upstream start() {
    return new Upstream(wireMockConfig().dynamicPort().dynamicHttpsPort());
  }

  /** With TLS on a port that a real host's URL implies. */
  static Upstream startOnTlsPort(int tlsPort) {
    return new Upstream(wireMockConfig().dynamicPort().httpsPort(tlsPort));
  }

  Upstream script(String scenario, Answer... answers) {
    scripts.put(scenario, List.of(answers));
    return this;
  }

  /** Forgets what was seen, and so plays every script from its first answer again. */
  void forget() {
    seen.clear();
  }

  /** The attempts of a run, in the order in which they came. */
  List<Seen> seen(String run) {
    return List.copyOf(seen.getOrDefault(run, List.of()));
  }

  /** All attempts. */
  List<Seen> seen() {
    return seen.values().stream().flatMap(List::stream).toList();
  }

  /** Waits until so many attempts of a run have been answered. */
  void awaitAnswered(int attempts, String run) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (seen(run).stream().filter(s -> s.answered().get() != 0).count() < attempts) {
      assertThat(System.nanoTime()).as("waited in vain for " + run).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  void saw(int attempts, String run) {
    assertThat(seen(run)).as("attempts of " + run).hasSize(attempts);
  }

  int port() {
    return server.port();
  }

  int tlsPort() {
    return server.httpsPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  String tlsUrl() {
    return "https://localhost:" + tlsPort();
  }

  Path trustStore() {
    return keyStore;
  }

  @Override
  public void close() {
    server.stop();
  }

  private static String run(String path, String body) {
    Matcher inPath = MODEL_IN_PATH.matcher(path);
    if (inPath.find()) {
      return inPath.group(1);
    }
    Matcher inBody = MODEL_IN_BODY.matcher(body);
    return inBody.find() ? inBody.group(1) : path;
  }

  private final class Player implements ResponseDefinitionTransformerV2 {
    @Override
    public ResponseDefinition transform(ServeEvent event) {
      long now = System.nanoTime();
      Request request = event.getRequest();
      String body = request.getBodyAsString();
      String run = run(request.getUrl(), body);
      int dot = run.lastIndexOf('.');
      List<Answer> script = scripts.get(dot < 0 ? run : run.substring(0, dot));
      List<Seen> before = seen.computeIfAbsent(run, any -> new CopyOnWriteArrayList<>());
      Map<String, String> headers = new LinkedHashMap<>();
      request
          .getHeaders()
          .all()
          .forEach(header -> headers.put(header.key().toLowerCase(), header.firstValue()));
      Answer answer;
      synchronized (before) {
        answer =
            script == null
                ? Answer.status(404).saying("{\"error\":{\"message\":\"no script\"}}")
                : script.get(Math.min(before.size(), script.size() - 1));
        Seen attempt =
            new Seen(now, new AtomicLong(), run, request.getUrl(), headers, body, answer.status());
        before.add(attempt);
        open.put(event.getId(), attempt);
      }
      if (answer.together() > before.size()) {
        awaitAttempts(before, answer.together());
      }
      return definition(answer, request.getUrl(), body);
    }

    private static void awaitAttempts(List<Seen> attempts, int count) {
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (attempts.size() < count && System.nanoTime() < deadline) {
        LockSupport.parkNanos(1_000_000);
      }
    }

    private static ResponseDefinition definition(Answer answer, String url, String request) {
      if (answer.cut()) {
        return aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER).build();
      }
      Answer.Spoken spoken =
          answer.body().isEmpty()
              ? Answer.success(url.replaceFirst("\\?.*", ""), request)
              : new Answer.Spoken(answer.body(), java.util.Optional.of("application/json"));
      ResponseDefinitionBuilder response =
          aResponse().withStatus(answer.status()).withBody(spoken.body());
      spoken.type().ifPresent(type -> response.withHeader("Content-Type", type));
      answer.headers().forEach(response::withHeader);
      return response.build();
    }

    @Override
    public boolean applyGlobally() {
      return false;
    }

    @Override
    public String getName() {
      return "script";
    }
  }

  /** Notes when an answer is written. */
  private final class Closer implements ServeEventListener {
    @Override
    public void beforeResponseSent(ServeEvent event, Parameters parameters) {
      Seen attempt = open.remove(event.getId());
      if (attempt != null) {
        attempt.answered().set(System.nanoTime());
      }
    }

    @Override
    public String getName() {
      return "closer";
    }
  }
}
