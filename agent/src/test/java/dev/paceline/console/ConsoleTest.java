package dev.paceline.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Remedy;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.export.MicrometerExport;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.Exposition;
import dev.paceline.metrics.History;
import dev.paceline.metrics.Quarter;
import dev.paceline.metrics.Span;
import dev.paceline.words.Client;
import dev.paceline.words.FleetView;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitView;
import dev.paceline.words.Scope;
import dev.paceline.words.ScopeView;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConsoleTest {
  private static final CallInfo CALL = new CallInfo(Client.JDK, "openai", "gpt-4o");

  private final CallMetrics metrics = new CallMetrics();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<ScopeView> scopes = new CopyOnWriteArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final History history = new History(metrics, () -> scopes, nanos::get);
  private final List<Console> consoles = new ArrayList<>();
  private Optional<FleetView> fleet = Optional.empty();

  @AfterEach
  void closeAll() {
    consoles.forEach(Console::close);
  }

  @Test
  void aScrapeShowsWhatWasCounted() throws IOException {
    limitHit();
    Reply reply = get(open(), "/metrics", "anything.example");
    assertThat(reply.status).isEqualTo(200);
    assertThat(reply.headers)
        .containsEntry("content-type", "text/plain; version=0.0.4; charset=utf-8");
    assertThat(reply.body)
        .contains("paceline_rate_limited_total{limit=\"rpm\",model=\"gpt-4o\",provider=\"openai\"");
  }

  @Test
  void theStateIsJsonOfTheDocumentedShape() throws IOException {
    limitHit();
    scopes.add(scope("gpt-4o", 1_500, 3, 700));
    scopes.add(scope("half a pair \uD800 " + "x".repeat(10_000), 0, 0, 0));
    Reply reply = get(open(), "/api/state.json", "localhost");
    assertThat(reply.headers).containsEntry("content-type", "application/json");
    Map<String, String> leaves = leaves(reply.body);
    assertThat(leaves)
        .containsEntry("/version", "1.2.3")
        .containsEntry("/mode", "enforce")
        .containsEntry("/enabled", "true")
        .containsEntry("/uptimeSeconds", "7")
        .containsEntry("/service/service", "checkout")
        .containsEntry("/scopes/0/provider", "openai")
        .containsEntry("/scopes/0/owner", "org-1")
        .containsEntry("/scopes/0/model", "gpt-4o")
        .containsEntry("/scopes/0/gateClosedMillis", "1500")
        .containsEntry("/scopes/0/waiting", "3")
        .containsEntry("/scopes/0/oldestWaitMillis", "700")
        .containsEntry("/coverage/0", "Reactor Netty is not looked after");
    assertThat(leaves.get("/scopes/1/model")).hasSize(129);
    String limited =
        leaves.entrySet().stream()
            .filter(leaf -> leaf.getValue().equals("paceline.rate.limited"))
            .map(leaf -> leaf.getKey().replace("/name", ""))
            .filter(meter -> leaves.get(meter + "/tags/limit").equals("rpm"))
            .findFirst()
            .orElseThrow();
    assertThat(leaves)
        .containsEntry(limited + "/value", "1")
        .containsEntry(limited + "/type", "counter")
        .containsEntry(limited + "/tags/model", "gpt-4o");
  }

  @Test
  void theStateTellsASharePreciselyNotCutOff() throws IOException {
    limitHit();
    scopes.add(scope("gpt-4o", 0, 3, 4_200));
    history.sample();
    Map<String, String> leaves = leaves(get(open(), "/api/state.json", "localhost").body);
    String utilization =
        leaves.entrySet().stream()
            .filter(leaf -> leaf.getValue().equals("paceline.limit.utilization"))
            .map(leaf -> leaf.getKey().replace("/name", ""))
            .findFirst()
            .orElseThrow();
    assertThat(leaves).containsEntry(utilization + "/value", "0.92");
  }

  @Test
  void theStateTellsWhoTakesHowMuchOfAnAgreedLimit() throws IOException {
    assertThat(leaves(get(open(), "/api/state.json", "localhost").body))
        .noneSatisfy((name, value) -> assertThat(name).startsWith("/fleet"));
    FleetView.Split split = new FleetView.Split("requests", 300, 0.25, List.of(0.5, 0.125));
    FleetView.Row row =
        new FleetView.Row(new Scope("openai", "org-1", "gpt-4o"), 3, true, List.of(split));
    fleet = Optional.of(new FleetView(false, 1_500, 40, 2, 800, List.of(row)));
    assertThat(leaves(get(open(), "/api/state.json", "localhost").body))
        .containsEntry("/fleet/answers", "false")
        .containsEntry("/fleet/retryMillis", "1500")
        .containsEntry("/fleet/exchanges", "40")
        .containsEntry("/fleet/failures", "2")
        .containsEntry("/fleet/ageMillis", "800")
        .containsEntry("/fleet/scopes/0/owner", "org-1")
        .containsEntry("/fleet/scopes/0/members", "3")
        .containsEntry("/fleet/scopes/0/splits/0/resource", "requests")
        .containsEntry("/fleet/scopes/0/splits/0/units", "300")
        .containsEntry("/fleet/scopes/0/splits/0/own", "0.25")
        .containsEntry("/fleet/scopes/0/splits/0/others/1", "0.125");
  }

  @Test
  void theStateTellsLimitsHistoryAndWhatIsTheMatter() throws IOException {
    scopes.add(scope("gpt-4o", 0, 3, 4_200));
    history.sample();
    limitHit();
    metrics.waited(CALL, Limit.RPM, WaitReason.PACING, 700_000_000L);
    nanos.set(660_000_000_000L);
    Map<String, String> leaves = leaves(get(open(), "/api/state.json?meters=no", "localhost").body);
    assertThat(leaves)
        .containsEntry("/findings/0/kind", "saturated")
        .containsEntry("/findings/0/severity", "warning")
        .containsEntry("/findings/0/provider", "openai")
        .containsEntry("/findings/0/owner", "org-1")
        .containsEntry("/findings/0/model", "gpt-4o")
        .containsEntry("/findings/0/limit", "tpm")
        .containsEntry(
            "/findings/0/sentence",
            "TPM is the binding limit of gpt-4o: 92 % used, saturated for 11 min; 3 calls wait, the"
                + " oldest for 4.2 s")
        .containsEntry(
            "/findings/0/advice",
            "a higher tier or shorter prompts would help, more retries would not")
        .containsEntry("/scopes/0/binding", "tpm")
        .containsEntry("/scopes/0/inFlight", "2")
        .containsEntry("/scopes/0/limits/0/limit", "tpm")
        .containsEntry("/scopes/0/limits/0/max", "30000")
        .containsEntry("/scopes/0/limits/0/left", "2400")
        .containsEntry("/scopes/0/limits/0/used", "0.92")
        .containsEntry("/scopes/0/limits/0/windowMillis", "60000")
        .containsEntry("/scopes/0/limits/0/resetMillis", "55200")
        .containsEntry("/scopes/0/limits/0/counted", "continuous")
        .containsEntry("/scopes/0/limits/0/others", "0")
        .containsEntry("/scopes/0/limits/0/saturatedMillis", "660000")
        .containsEntry("/scopesLeftOut", "0")
        .containsEntry("/models/0/provider", "openai")
        .containsEntry("/models/0/model", "gpt-4o")
        .containsEntry("/models/0/calls", "1")
        .containsEntry("/models/0/limited/rpm", "1")
        .containsEntry("/models/0/waits/count", "1")
        .containsEntry("/models/0/waits/p50", "0.75")
        .containsEntry("/history/stepMillis", "15000")
        .containsEntry("/history/calls/59", "1")
        .containsEntry("/history/limited/rpm/59", "1")
        .containsEntry("/history/limited/rpm/58", "0")
        .containsEntry("/history/waiting/59", "3")
        .doesNotContainKey("/history/limited/tpm/0")
        .doesNotContainKey("/observe/millis");
    assertThat(leaves.keySet()).noneMatch(path -> path.startsWith("/meters"));
  }

  @Test
  void inObserveModeTheStateTellsWhatEnforcingWouldHaveDone() throws IOException {
    metrics.observing(true);
    limitHit();
    metrics.avoidable(CALL, Limit.RPM, Remedy.PACING);
    metrics.waited(CALL, Limit.RPM, WaitReason.PACING, 700_000_000L);
    assertThat(leaves(get(open(), "/api/state.json", "localhost").body))
        .containsEntry("/observe/millis", "15000")
        .containsEntry("/observe/limited", "1")
        .containsEntry("/observe/byPacing", "1")
        .containsEntry("/observe/byRetry", "0")
        .containsEntry("/observe/waits/count", "1")
        .containsEntry("/observe/waits/sumSeconds", "0.7");
  }

  @Test
  void everyMemberOfTheStateIsDocumented() throws IOException {
    metrics.observing(true);
    limitHit();
    scopes.add(scope("gpt-4o", 1_500, 3, 700));
    String doc = Files.readString(Path.of("..", "docs", "metrics.md"));
    String shape = doc.substring(doc.indexOf("### `/api/state.json`"));
    for (String path : leaves(get(open(), "/api/state.json", "localhost").body).keySet()) {
      for (String member : path.split("/")) {
        boolean aValue =
            path.startsWith("/service") || path.contains("/tags/") || path.contains("/limited/");
        if (!member.isEmpty() && !member.matches("[0-9]+") && !aValue) {
          assertThat(shape).as(path).contains("\"" + member + "\"");
        }
      }
    }
  }

  @Test
  void aThousandScopesAreCutToTheBusiest() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      scopes.add(scope("m" + i, 0, i == 777 ? 5 : 0, i == 777 ? 9_000 : 0));
    }
    Reply reply = get(open(), "/api/state.json?meters=no", "localhost");
    assertThat(leaves(reply.body))
        .containsEntry("/scopes/0/model", "m777")
        .containsEntry("/scopesLeftOut", "900")
        .doesNotContainKey("/scopes/100/model");
    assertThat(reply.body).hasSizeLessThan(100_000);
  }

  @Test
  void thePageIsWholeAndRunsNothingButItsOwnFiles() throws IOException {
    URI console = open();
    Reply page = get(console, "/", "127.0.0.1:1234");
    assertThat(page.status).isEqualTo(200);
    assertThat(page.headers)
        .containsEntry("content-type", "text/html; charset=utf-8")
        .containsEntry("content-security-policy", "default-src 'self'")
        .containsEntry("x-content-type-options", "nosniff");
    assertThat(page.body).doesNotContain("style=").doesNotContain("://").doesNotContain("onclick");
    Matcher files = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(page.body);
    int found = 0;
    while (files.find()) {
      found++;
      Reply file = get(console, files.group(1), "localhost");
      assertThat(file.status).as(files.group(1)).isEqualTo(200);
      assertThat(file.body).as(files.group(1)).isNotEmpty();
    }
    assertThat(found).isGreaterThan(5);
    assertThat(get(console, "/chart.js", "localhost").body)
        .contains("Chart.js v4")
        .contains("MIT License")
        .doesNotContain("sourceMappingURL");
    assertThat(get(console, "/page.js", "evil.example").status).isEqualTo(403);
    assertThat(get(console, "/page/page.js", "localhost").status).isEqualTo(404);
    assertThat(get(console, "/../StateJson.class", "localhost").status).isEqualTo(404);
  }

  @Test
  void aPublicPageIsServedOffLoopbackAndUnderAnyName() throws IOException {
    URI console = open(console(new ConsoleSettings("0.0.0.0", 0, true)));
    URI local = URI.create("http://127.0.0.1:" + console.getPort() + "/");
    for (String path : List.of("/", "/page.js", "/api/state.json", "/metrics")) {
      assertThat(get(local, path, "llm-pacing.corp.example").status).as(path).isEqualTo(200);
    }
  }

  @Test
  void pageAndStateAreForLocalNamesOnly() throws IOException {
    URI console = open();
    for (String path : List.of("/", "/api/state.json")) {
      for (String host : List.of("localhost", "LOCALHOST:1", "127.0.0.1:19429", "[::1]:80")) {
        assertThat(get(console, path, host).status).as(path + host).isEqualTo(200);
      }
      for (String host :
          List.of(
              "evil.example",
              "localhost.evil.example",
              "127.0.0.1.evil.example:80",
              "",
              "localhost:evil",
              "127.0.0.2",
              "[::1]x")) {
        assertThat(get(console, path, host).status).as(path + host).isEqualTo(403);
      }
      assertThat(raw(console, "GET " + path + " HTTP/1.0\r\n\r\n").status).isEqualTo(403);
    }
  }

  @Test
  void readOnly() throws IOException {
    URI console = open();
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE")) {
      Reply reply =
          raw(
              console,
              method
                  + " /api/state.json HTTP/1.1\r\n"
                  + "Host: localhost\r\n"
                  + "Connection: close\r\n"
                  + "Content-Length: 0\r\n\r\n");
      assertThat(reply.status).as(method).isEqualTo(405);
      assertThat(reply.headers).containsEntry("allow", "GET, HEAD");
    }
    Reply head =
        raw(console, "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertThat(head.status).isEqualTo(200);
    assertThat(head.body).isEmpty();
    assertThat(Integer.parseInt(head.headers.get("content-length"))).isPositive();
    assertThat(get(console, "/api", "localhost").status).isEqualTo(404);
    assertThat(get(console, "/metrics/..", "localhost").status).isEqualTo(404);
  }

  /** Metrics for a scraper on every address, the page for who is on the machine. */
  @Test
  void thePageCanHaveAnAddressOfItsOwn() throws IOException {
    URI console = open(console(new ConsoleSettings("0.0.0.0", 0, false, "127.0.0.1")));
    InetAddress other = InetAddress.getByName("127.0.0.2"); // stands for an address of the network
    String page = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String scrape = "GET /metrics HTTP/1.1\r\nHost: pod.example\r\n\r\n";

    assertThat(get(console, "/", "localhost").status).isEqualTo(200);
    assertThat(get(console, "/api/state.json", "127.0.0.1:80").status).isEqualTo(200);
    assertThat(get(console, "/", "rebound.example").status).isEqualTo(403);
    assertThat(raw(other, console.getPort(), scrape).status).isEqualTo(200);
    assertThat(raw(other, console.getPort(), page).status).isEqualTo(403);
    assertThat(raw(other, console.getPort(), page).body)
        .contains("paceline.console.page.host=127.0.0.1");
    assertThat(warnings).isEmpty();
  }

  @Test
  void anAddressOfThePageThatIsNoLoopbackOneServesNothingMore() throws IOException {
    URI console = open(console(new ConsoleSettings("0.0.0.0", 0, false, "0.0.0.0")));

    assertThat(get(console, "/", "localhost").status).isEqualTo(403);
    assertThat(warnings).singleElement().asString().contains("paceline.console.page.host=0.0.0.0");
  }

  @Test
  void aServerListensOnASecondAddressAtTheSamePort() throws IOException {
    InetAddress first = InetAddress.getByName("127.0.0.2");
    InetAddress second = InetAddress.getByName("127.0.0.1");
    String request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    ConsoleSettings settings = new ConsoleSettings("127.0.0.2", 0);
    int port;
    try (Server server =
        new Server(
            settings,
            first,
            second,
            asked -> Connection.Reply.text(200, asked.local().getHostAddress()),
            metrics::fault,
            10_000)) {
      port = server.address().getPort();
      assertThat(raw(first, port, request).body).contains("127.0.0.2");
      assertThat(raw(second, port, request).body).contains("127.0.0.1");
    }
    for (InetAddress address : List.of(first, second)) {
      // The kernel may take a connection for a moment yet, while accept wakes up.
      long until = System.nanoTime() + 10_000_000_000L;
      Throwable refused = null;
      while (!(refused instanceof ConnectException) && System.nanoTime() < until) {
        refused = catchThrowable(() -> raw(address, port, request));
      }
      assertThat(refused).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void offLoopbackOnlyMetricsAreServed() throws IOException {
    URI console = open(console(new ConsoleSettings("0.0.0.0", 0)));
    URI local = URI.create("http://127.0.0.1:" + console.getPort() + "/");
    assertThat(get(local, "/metrics", "localhost").status).isEqualTo(200);
    assertThat(get(local, "/", "localhost").status).isEqualTo(403);
    assertThat(get(local, "/api/state.json", "localhost").status).isEqualTo(403);
  }

  @Test
  void aTakenPortIsOneWarningThatNamesTheKey() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Console console = console(new ConsoleSettings("127.0.0.1", taken.getLocalPort()));
      assertThat(console.open()).isEmpty();
      assertThat(console.open()).isEmpty();
      assertThat(warnings).hasSize(1);
      assertThat(warnings.get(0))
          .contains("127.0.0.1:" + taken.getLocalPort())
          .contains("paceline.console.port");
    }
  }

  @Test
  void anUnknownHostOrAnImpossiblePortIsAWarningToo() {
    assertThat(console(new ConsoleSettings("no.such.host.invalid", 0)).open()).isEmpty();
    assertThat(console(new ConsoleSettings("127.0.0.1", 70_000)).open()).isEmpty();
    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(0)).contains("paceline.console.host");
    assertThat(warnings.get(1)).contains("paceline.console.port");
  }

  @Test
  void offMeansNoSocketAndNoWarning() {
    assertThat(console(new ConsoleSettings("127.0.0.1", ConsoleSettings.OFF)).open()).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void startedItListensAndKeepsNothingOfTheCaller() throws Exception {
    InheritableThreadLocal<String> secret = new InheritableThreadLocal<>();
    secret.set("the application's");
    CompletableFuture<String> seen = new CompletableFuture<>();
    CompletableFuture<Optional<URI>> opened = new CompletableFuture<>();
    Exposition spy =
        accept -> {
          Thread thread = Thread.currentThread();
          seen.complete(
              thread.isDaemon() + " " + thread.getContextClassLoader() + " " + secret.get());
          return new Exposition.Page("text/plain", new byte[0]);
        };
    Console console = console(new ConsoleSettings("127.0.0.1", 0), spy);
    console.start(opened::complete);
    URI address = opened.get(30, TimeUnit.SECONDS).orElseThrow();
    assertThat(get(address, "/metrics", "localhost").status).isEqualTo(200);
    assertThat(seen.get(30, TimeUnit.SECONDS)).isEqualTo("true null null");
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(t -> t.getName().startsWith("paceline-console"))
        .allSatisfy(t -> assertThat(t.isDaemon()).isTrue());
  }

  @Test
  void closedItEndsItsThreadsAndListensNoMore() throws Exception {
    Console console = console(new ConsoleSettings("127.0.0.1", 0));
    URI address = open(console);
    List<Socket> loris = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      loris.add(half(address));
    }
    get(address, "/metrics", "localhost");
    List<Thread> own =
        Thread.getAllStackTraces().keySet().stream()
            .filter(
                t -> t.getName().startsWith("paceline-console") && !t.getName().endsWith("-stop"))
            .toList();
    assertThat(own).isNotEmpty();
    console.close();
    for (Thread thread : own) {
      thread.join(20_000);
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
    assertThat(refused(address)).isTrue();
    assertThat(console.open()).as("closed for good").isEmpty();
    for (Socket socket : loris) {
      socket.close();
    }
  }

  @Test
  void oneHundredScrapesAtOnceAreAllAnswered() throws Exception {
    limitHit();
    URI console = open();
    List<CompletableFuture<Integer>> scrapes = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      CompletableFuture<Integer> status = new CompletableFuture<>();
      scrapes.add(status);
      Thread thread =
          new Thread(
              () -> {
                try {
                  status.complete(get(console, "/metrics", "localhost").status);
                } catch (IOException | RuntimeException e) {
                  status.completeExceptionally(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (CompletableFuture<Integer> scrape : scrapes) {
      assertThat(scrape.get(50, TimeUnit.SECONDS)).isEqualTo(200);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(t -> t.getName().equals("paceline-console"))
        .hasSizeLessThanOrEqualTo(Server.PLACES);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void aSlowClientIsCutOffSoThatOthersGetTheirTurn() throws Exception {
    Console impatient =
        new Console(
            new ConsoleSettings("127.0.0.1", 0),
            new MicrometerExport(metrics, Map.of(), "1.2.3"),
            metrics::snapshot,
            new TestFacts(),
            warnings::add,
            metrics::fault,
            300,
            System::nanoTime);
    consoles.add(impatient);
    URI console = open(impatient);
    List<Socket> loris = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      loris.add(half(console));
    }
    // All eight threads are taken; the answer comes when one has used up its time.
    assertThat(get(console, "/metrics", "localhost").status).isEqualTo(200);
    for (Socket socket : loris) {
      socket.setSoTimeout(20_000);
      assertThat(socket.getInputStream().read()).as("closed by the server").isEqualTo(-1);
      socket.close();
    }
  }

  @Test
  void slowClientsHoldUpAScrapeByLessThanASecond() throws Exception {
    limitHit();
    URI console = open(); // as users have it: ten seconds for a request when nobody waits
    List<Socket> loris = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      loris.add(half(console));
    }
    long began = System.nanoTime();
    assertThat(get(console, "/metrics", "localhost").status).isEqualTo(200);
    assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(1_000);
    for (Socket socket : loris) {
      socket.close();
    }
  }

  @Test
  void clientsThatDoNotReadTheirAnswerHoldUpOthersByLessThanASecond() throws Exception {
    byte[] body = new byte[16 << 20]; // more than all buffers on the way
    Exposition endless = accept -> new Exposition.Page("text/plain", body);
    URI console = open(console(new ConsoleSettings("127.0.0.1", 0), endless));
    List<Socket> deaf = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.getPort());
      socket
          .getOutputStream()
          .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
      socket.getInputStream().read(); // the answer is on its way
      deaf.add(socket);
    }
    long began = System.nanoTime();
    assertThat(get(console, "/api/state.json", "localhost").status).isEqualTo(200);
    assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(1_000);
    for (Socket socket : deaf) {
      socket.close();
    }
  }

  @Test
  void aClientThatTypesSlowlyIsServedWhileNobodyWaits() throws Exception {
    URI console = open();
    try (Socket socket = half(console)) {
      assertThat(get(console, "/metrics", "localhost").status).isEqualTo(200);
      CompletableFuture<Void> pause = new CompletableFuture<>();
      pause.completeOnTimeout(null, 700, TimeUnit.MILLISECONDS).join();
      socket.getOutputStream().write("alhost\r\n\r\n".getBytes(ISO_8859_1));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }
  }

  /** Each would be a file descriptor that the application does not have. */
  @Test
  void idleConnectionsAreBoundedAndTheOldestGivesWay() throws Exception {
    URI console = open();
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < Server.PLACES + 40; i++) {
      idle.add(new Socket(InetAddress.getLoopbackAddress(), console.getPort()));
    }
    for (Socket socket : idle.subList(0, 40)) {
      socket.setSoTimeout(20_000);
      assertThat(socket.getInputStream().read()).as("closed by the server").isEqualTo(-1);
    }
    assertThat(get(console, "/metrics", "localhost").status).isEqualTo(200);
    for (Socket socket : idle) {
      socket.close();
    }
  }

  @Test
  void anAddressInBracketsIsAnAddress() throws IOException {
    for (String host : List.of("[::1]", "::1")) {
      URI address = open(console(new ConsoleSettings(host, 0)));
      assertThat(address.getHost()).isEqualTo("[::1]");
    }
    assertThat(open(console(new ConsoleSettings("[::]", 0))).getHost()).isEqualTo("[::]");
    assertThat(warnings).isEmpty();
  }

  /** A zone has a percent sign, which no URL takes as it is: then nothing may stay open. */
  @Test
  void whatCannotBeToldDoesNotListenEither() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      port = free.getLocalPort();
    }
    Console console = console(new ConsoleSettings("::1%lo", port));
    if (console.open().isEmpty()) {
      assertThat(warnings).hasSize(1);
      new ServerSocket(port, 1, InetAddress.getByName("::1")).close(); // it is free
    }
  }

  @Test
  void manyPagesAtOnceAreAnsweredFromOneCopyForASecond() throws IOException {
    AtomicLong time = new AtomicLong();
    Console console =
        new Console(
            new ConsoleSettings("127.0.0.1", 0),
            new MicrometerExport(metrics, Map.of(), "1.2.3"),
            metrics::snapshot,
            new TestFacts(),
            warnings::add,
            metrics::fault,
            10_000,
            time::get);
    consoles.add(console);
    URI address = open(console);
    String first = get(address, "/api/state.json", "localhost").body;
    scopes.add(scope("gpt-4o", 1_500, 3, 700));
    assertThat(get(address, "/api/state.json", "localhost").body).isEqualTo(first);
    assertThat(get(address, "/api/state.json?meters=no", "localhost").body).contains("1500");
    time.set(1_000_000_000L);
    assertThat(get(address, "/api/state.json", "localhost").body).contains("1500");
  }

  @Test
  void whatIsNoRequestIsAnsweredAndHarmsNothing() throws IOException {
    URI console = open();
    for (String asked :
        List.of(
            "nonsense\r\n\r\n",
            "GET /metrics HTTP/2.0\r\n\r\n",
            "GET %zz HTTP/1.1\r\n\r\n",
            "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n",
            "GET /" + "x".repeat(40_000) + " HTTP/1.1\r\n\r\n")) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.getPort())) {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(asked.getBytes(ISO_8859_1));
        byte[] answer = socket.getInputStream().readNBytes(12);
        assertThat(new String(answer, ISO_8859_1)).isEqualTo("HTTP/1.1 400");
      }
    }
    assertThat(get(console, "/metrics", "localhost").status).isEqualTo(200);
  }

  @Test
  void aFaultInsideIsCountedAndTellsNothing() throws IOException {
    Exposition broken =
        accept -> {
          throw new NoClassDefFoundError("secret");
        };
    Reply reply =
        get(open(console(new ConsoleSettings("127.0.0.1", 0), broken)), "/metrics", "localhost");
    assertThat(reply.status).isEqualTo(500);
    assertThat(reply.body).doesNotContain("secret");
    assertThat(
            metrics.snapshot().stream()
                .filter(m -> m.tags().containsValue("console"))
                .mapToDouble(m -> m.reading().number())
                .sum())
        .isEqualTo(1);
  }

  private void limitHit() {
    metrics.callStarted(CALL);
    metrics.limited(CALL, Limit.RPM, Source.UPSTREAM);
    metrics.callEnded(CALL, Outcome.RATE_LIMITED, 10);
  }

  private static ScopeView scope(String model, long closed, int waiting, long oldest) {
    return new ScopeView(
        "openai",
        "org-1",
        model,
        closed,
        waiting,
        oldest,
        Limit.TPM,
        2,
        10,
        4_000,
        List.of(new LimitView(Limit.TPM, 30_000, 2_400, 60_000, 55_200, "continuous", 4_000, 0)));
  }

  private URI open() {
    return open(console(new ConsoleSettings("127.0.0.1", 0)));
  }

  private static URI open(Console console) {
    return console.open().orElseThrow();
  }

  private Console console(ConsoleSettings settings) {
    return console(settings, new MicrometerExport(metrics, Map.of(), "1.2.3"));
  }

  private Console console(ConsoleSettings settings, Exposition exposition) {
    Console console =
        new Console(
            settings,
            exposition,
            metrics::snapshot,
            new TestFacts(),
            warnings::add,
            metrics::fault);
    consoles.add(console);
    return console;
  }

  private final class TestFacts implements Facts {
    @Override
    public String version() {
      return "1.2.3";
    }

    @Override
    public String mode() {
      return "enforce";
    }

    @Override
    public boolean enabled() {
      return true;
    }

    @Override
    public String off() {
      return "";
    }

    @Override
    public String host() {
      return "shop-7d9f";
    }

    @Override
    public long pid() {
      return 4711;
    }

    @Override
    public long startedMillis() {
      return 1_800_000_000_000L;
    }

    @Override
    public long uptimeSeconds() {
      return 7;
    }

    @Override
    public Map<String, String> service() {
      return Map.of("service", "checkout");
    }

    @Override
    public List<ScopeView> scopes() {
      return scopes;
    }

    @Override
    public Optional<FleetView> fleet() {
      return fleet;
    }

    @Override
    public Quarter over(Span span) {
      return history.over(span);
    }

    @Override
    public List<String> coverage() {
      return List.of("Reactor Netty is not looked after");
    }
  }

  /** A client that begins a request and never ends it. */
  private static Socket half(URI console) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.getPort());
    socket.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost: loc".getBytes(ISO_8859_1));
    return socket;
  }

  private static boolean refused(URI console) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.getPort())) {
      return !socket.isConnected();
    } catch (ConnectException e) {
      return true;
    }
  }

  /** By hand, for the JDK's client does not let one set {@code Host}. */
  private static Reply get(URI console, String path, String host) throws IOException {
    return raw(
        console, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  private static Reply raw(URI console, String request) throws IOException {
    return raw(InetAddress.getLoopbackAddress(), console.getPort(), request);
  }

  private static Reply raw(InetAddress address, int port, String request) throws IOException {
    try (Socket socket = new Socket(address, port)) {
      socket.setSoTimeout(40_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      int end = answer.indexOf("\r\n\r\n");
      String[] lines = answer.substring(0, end).split("\r\n");
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (int i = 1; i < lines.length; i++) {
        int colon = lines[i].indexOf(':');
        headers.put(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
      }
      return new Reply(
          Integer.parseInt(lines[0].split(" ")[1]), headers, answer.substring(end + 4));
    }
  }

  private record Reply(int status, Map<String, String> headers, String body) {}

  /** Every scalar of the document by its path. */
  private static Map<String, String> leaves(String json) throws IOException {
    Map<String, String> leaves = new TreeMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          leaves.put(parser.getParsingContext().pathAsPointer().toString(), parser.getText());
        }
      }
    }
    return leaves;
  }
}
