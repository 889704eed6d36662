package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.paceline.it.app.CrowdApp;
import dev.paceline.it.app.DoneApp;
import dev.paceline.it.app.OpaqueApp;
import dev.paceline.it.app.okhttp.FourClients;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is rare, but hurts. */
class EdgesIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";
  private static final List<String> CLIENTS =
      List.of("jdk-sync", "jdk-async", "okhttp-sync", "okhttp-async");

  /** A batch that was perhaps accepted would be paid twice. */
  @Test
  void a500OfABatchIsDelivered() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("failing", Answer.status(500).saying("{\"error\":{}}"), Answer.ok());

      Ended ended =
          AgentJvm.run(FourClients.class)
              .with("okhttp:4.12.0")
              .against(upstream)
              .withShortWaits()
              .withQuickStart()
              .withProperty("it.path", "/v1/batches")
              .withArguments(runs("failing"))
              .await()
              .exitedWith(0);

      for (String run : runs("failing")) {
        assertThat(ended.outcome(run).succeeded().text()).isEqualTo("500 {\"error\":{}}");
        upstream.saw(1, run);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void aFutureThatIsDoneIsNeverSent(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited().header("Retry-After", "1"), Answer.ok());

      Ended ended =
          AgentJvm.run(DoneApp.class)
              .withJdk(jdk)
              .against(upstream)
              .withQuickStart()
              .await()
              .exitedWith(0);

      for (String end : List.of("completed", "cancelled", "obsolete")) {
        assertThat(ended.outcome(end).succeeded().text()).isEqualTo("200 200");
        assertThat(upstream.seen("limited." + end))
            .hasSize(3)
            .noneMatch(attempt -> attempt.body().contains("\"stream\":true"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void anErrorBodyThatStallsIsWaitedForNoLongerThanASecond(int jdk) throws IOException {
    String error = Answer.rateLimited().body();
    String late = "{\"error\":{\"message\":\"" + "so it is ".repeat(100) + "\"}}";
    try (RawUpstream upstream =
        RawUpstream.start(
            (model, attempt, out) -> {
              if (model.startsWith("late")) {
                out.head(400, late.length()).say(late.substring(0, 300));
                out.stall(2_500).say(late.substring(300));
              } else if (attempt == 1) {
                out.head(429, 5_000, "Retry-After: 0.05").say(error).stall(60_000);
              } else {
                out.head(200, 2).say("ok");
              }
            })) {
      Ended ended =
          AgentJvm.run(FourClients.class)
              .withJdk(jdk)
              .with("okhttp:4.12.0")
              .withProperty("it.url", "http://127.0.0.1:" + upstream.port())
              .withProperty("paceline.hosts", "127.0.0.1:" + upstream.port() + "=openai")
              .withShortWaits()
              .withQuickStart()
              .withArguments(runs("stalled"))
              .withArguments(runs("late"))
              .await()
              .exitedWith(0);

      for (String run : runs("stalled")) {
        assertThat(ended.outcome(run).succeeded().text()).isEqualTo("200 ok");
        assertThat(upstream.attempts(run)).as(run).isEqualTo(2);
        // One second for the body, the wait, and a slow machine.
        assertThat(ended.outcome(run).millis()).as(run).isBetween(900L, 8_000L);
      }
      for (String run : runs("late")) {
        assertThat(ended.outcome(run).succeeded().text()).isEqualTo("400 " + late);
        assertThat(upstream.attempts(run)).as(run).isEqualTo(1);
      }
    }
  }

  private static List<String> runs(String scenario) {
    return CLIENTS.stream().map(client -> scenario + "." + client).toList();
  }

  @ParameterizedTest
  @MethodSource(CELLS)
  void largeOpaqueBodiesDoNotFillTheHeap(int jdk) throws IOException {
    int length = 8 << 20;
    ExecutorService threads = Executors.newCachedThreadPool();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 1000);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          byte[] buffer = new byte[1 << 16];
          long got = 0;
          try (InputStream in = exchange.getRequestBody()) {
            for (int n; (n = in.read(buffer)) >= 0; ) {
              got += n;
            }
          }
          byte[] told = String.valueOf(got).getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, told.length);
          exchange.getResponseBody().write(told);
          exchange.close();
        });
    server.start();
    try {
      int port = server.getAddress().getPort();
      Ended ended =
          AgentJvm.run(OpaqueApp.class)
              .withJdk(jdk)
              .withProperty("it.url", "http://127.0.0.1:" + port)
              .withProperty("paceline.hosts", "127.0.0.1:" + port + "=openai")
              .withOptions("-Xmx256m")
              .withArguments("500", String.valueOf(length))
              .withTimeout(Duration.ofSeconds(150))
              .await()
              .exitedWith(0);

      assertThat(ended.outcome("opaque").succeeded().text()).isEqualTo("{200 " + length + "=500}");
      assertThat(ended.everything()).doesNotContain("OutOfMemory").doesNotContain("fault");
    } finally {
      server.stop(0);
      threads.shutdownNow();
    }
  }

  @Test
  void twoThousandVirtualThreadsPassAGate() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited().header("Retry-After", "1"), Answer.ok());

      Ended ended =
          AgentJvm.run(CrowdApp.class)
              .withJdk(25)
              .against(upstream)
              .withOptions("-Xmx512m")
              .withTimeout(Duration.ofSeconds(100))
              .withArguments("2000", "limited.crowd")
              .await()
              .exitedWith(0);

      assertThat(ended.outcome("crowd").succeeded().text()).isEqualTo("{" + Answer.TEXT + "=2000}");
      assertThat(upstream.seen("limited.crowd")).hasSizeLessThan(2000 + 500);
    }
  }
}
