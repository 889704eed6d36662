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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whatever is done to the console, the application's calls do not notice. */
class ConsoleLoadIT {
  private static final int CALLS = 300;
  private static final int ROUNDS = 4;

  /** Several for each of the console's threads; who is cut off comes back at once. */
  private static final int LORISES = 16;

  private static final long A_SECOND_NANOS = 1_000_000_000L;
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
  void slowClientsDelayNoScrapeByMuch() throws Exception {
    try (SimProcess sim = SimProcess.start("--dialect", "openai", "--service", "20");
        Forked forked = start(sim, sim.url() + "|gpt-4o|1")) {
      ConsolePages console = ConsolePages.of(forked);
      slice(forked, 1);
      long[] nanos = new long[20];
      try (Lorises lorises = new Lorises(console, LORISES)) {
        lorises.await(LORISES);
        for (int i = 0; i < nanos.length; i++) {
          long began = System.nanoTime();
          assertThat(console.metrics()).contains("paceline_calls_total");
          nanos[i] = System.nanoTime() - began;
        }
        System.out.printf(
            "scrapes among %d slow clients, which came %d times: median %d ms, slowest %d ms%n",
            LORISES, lorises.came(), median(nanos) / 1_000_000, slowest(nanos) / 1_000_000);
      }
      assertThat(median(nanos)).isLessThan(A_SECOND_NANOS);
      // The machine has others to serve; without the cut-off it is ten seconds for each.
      assertThat(slowest(nanos)).isLessThan(3 * A_SECOND_NANOS);
    }
  }

  private static long slowest(long[] values) {
    return Arrays.stream(values).max().orElseThrow();
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

  /** Clients that never end their requests, and that come again when they are cut off. */
  private static final class Lorises implements AutoCloseable {
    private static final byte[] HALF = "GET /metrics HTTP/1.1\r\nHost: loc".getBytes(ISO_8859_1);

    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Semaphore came = new Semaphore(0);
    private volatile boolean over;

    Lorises(ConsolePages console, int count) {
      port = URI.create(console.address()).getPort();
      for (int i = 0; i < count; i++) {
        Thread thread = new Thread(this::comeAndStay);
        thread.setDaemon(true);
        thread.start();
      }
    }

    private void comeAndStay() {
      while (!over) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          open.add(socket);
          socket.getOutputStream().write(HALF);
          came.release();
          socket.getInputStream().read();
          open.remove(socket);
        } catch (IOException cutOff) {
          // Comes again.
        }
      }
    }

    void await(int times) throws InterruptedException {
      came.acquire(times);
      came.release(times);
    }

    int came() {
      return came.availablePermits();
    }

    @Override
    public void close() throws IOException {
      over = true;
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  /** Slow clients, and one hundred scrapes after the other hundred. */
  private static final class Siege implements AutoCloseable {
    private final ConsolePages console;
    private final Lorises lorises;
    private final ExecutorService scrapers = Executors.newFixedThreadPool(SCRAPES);
    private final CompletableFuture<Integer> scraped = new CompletableFuture<>();
    private volatile boolean over;

    Siege(ConsolePages console) {
      this.console = console;
      lorises = new Lorises(console, LORISES);
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
      lorises.close();
    }
  }
}
