package dev.paceline.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.paceline.it.app.SteadyApp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whatever is done to the console, the application's calls do not notice. */
class ConsoleLoadIT {
  private static final int CALLS = 300;
  private static final int ROUNDS = 4;

  /** One less than the console has threads: a fourth would keep every scrape waiting for 10 s. */
  private static final int LORISES = 3;

  private static final int SCRAPES = 100;
  private static final double NOISE = 1.5;

  @Test
  void slowClientsAndAHundredScrapesAtOnceDoNotSlowCalls() throws Exception {
    try (SimProcess sim = SimProcess.start("--dialect", "openai", "--service", "20");
        Forked forked = start(sim, sim.url() + "|gpt-4o|4")) {
      ConsolePages console = ConsolePages.of(forked);
      slice(forked, 1);
      long[] quiet = new long[ROUNDS];
      long[] loaded = new long[ROUNDS];
      int scrapes = 0;
      for (int round = 0; round < ROUNDS; round++) {
        quiet[round] = slice(forked, 2 + 2 * round);
        try (Siege siege = new Siege(console)) {
          loaded[round] = slice(forked, 3 + 2 * round);
          scrapes += siege.lift();
        }
      }
      double ratio = (double) median(loaded) / median(quiet);
      System.out.printf(
          "calls under %d slow clients and %d scrapes at a time (%d in all): median %d us, without %d us, ratio %.2f%n",
          LORISES, SCRAPES, scrapes, median(loaded), median(quiet), ratio);
      assertThat(scrapes).isGreaterThanOrEqualTo(ROUNDS * SCRAPES);
      assertThat(ratio).isLessThan(NOISE);
      assertThat(console.metric("paceline_agent_errors_total")).isZero();
    }
  }

  @Test
  void fiveHundredModelNamesOfAHostileApplicationAreBounded() throws Exception {
    try (SimProcess sim = SimProcess.start("--dialect", "openai");
        Forked forked = start(sim, sim.url() + "|Evil-*|4")) {
      ConsolePages console = ConsolePages.of(forked);
      forked.tell("slice 500");
      forked.awaitLine(line -> line.contains("\"slice-1\""));
      String scrape = console.metrics();
      Set<String> models =
          Pattern.compile("model=\"([^\"]*)\"")
              .matcher(scrape)
              .results()
              .map((MatchResult hit) -> hit.group(1))
              .collect(Collectors.toSet());
      assertThat(models).hasSize(51).contains("other");
      assertThat(console.metric("paceline_series_overflow_total", "tag=\"model\""))
          .isGreaterThanOrEqualTo(450);
      assertThat(console.metric("paceline_calls_total", "model=\"other\""))
          .isGreaterThanOrEqualTo(450);
      String state = console.get("/api/state.json?meters=no");
      assertThat(state).hasSizeLessThan(128 * 1024);
      JsonNode json = new ObjectMapper().readTree(state);
      assertThat(json.path("models").size()).isLessThanOrEqualTo(65);
      assertThat(json.path("scopes").size()).isLessThanOrEqualTo(100);
      assertThat(json.path("scopesLeftOut").asInt()).isGreaterThanOrEqualTo(400);
    }
  }

  private static Forked start(SimProcess sim, String load) {
    return AgentJvm.run(SteadyApp.class)
        .withOptions("-Xmx256m")
        .withProperty("paceline.console.port", "0")
        .withProperty("paceline.hosts", "127.0.0.1:" + sim.port() + "=openai")
        .withArguments(load)
        .start();
  }

  /** The median of the next calls, in microseconds. */
  private static long slice(Forked forked, int number) throws IOException {
    forked.tell("slice " + CALLS);
    String line = forked.awaitLine(text -> text.contains("\"slice-" + number + "\""));
    return new ObjectMapper().readTree(line).path("median").asLong();
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Clients that never end their requests, and one hundred scrapes after the other hundred. */
  private static final class Siege implements AutoCloseable {
    private final ConsolePages console;
    private final List<Socket> lorises = new ArrayList<>();
    private final ExecutorService scrapers = Executors.newFixedThreadPool(SCRAPES);
    private final CompletableFuture<Integer> scraped = new CompletableFuture<>();
    private volatile boolean over;

    Siege(ConsolePages console) throws IOException {
      this.console = console;
      for (int i = 0; i < LORISES; i++) {
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), URI.create(console.address()).getPort());
        lorises.add(socket);
        socket.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost: loc".getBytes(ISO_8859_1));
      }
      Thread thread = new Thread(this::scrape);
      thread.setDaemon(true);
      thread.start();
    }

    private void scrape() {
      try {
        int done = 0;
        do {
          List<CompletableFuture<String>> hundred = new ArrayList<>();
          for (int i = 0; i < SCRAPES; i++) {
            hundred.add(CompletableFuture.supplyAsync(console::metrics, scrapers));
          }
          hundred.forEach(CompletableFuture::join);
          done += SCRAPES;
        } while (!over);
        scraped.complete(done);
      } catch (Throwable t) {
        scraped.completeExceptionally(t);
      }
    }

    /** Ends it; how many scrapes were answered. */
    int lift() {
      over = true;
      return scraped.join();
    }

    @Override
    public void close() throws IOException {
      over = true;
      scrapers.shutdown();
      for (Socket socket : lorises) {
        socket.close();
      }
    }
  }
}
