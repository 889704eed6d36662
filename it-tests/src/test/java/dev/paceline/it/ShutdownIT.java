package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.WaitingApp;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JVM ends while calls wait. */
class ShutdownIT {
  private static final List<String> CLIENTS =
      List.of("jdk-sync", "jdk-async", "okhttp-sync", "okhttp-async");

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void waitsEndAndTheExitIsNotDelayed(int jdk) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("limited", Answer.rateLimited().header("Retry-After", "40"), Answer.ok());

      try (Forked forked =
          AgentJvm.run(WaitingApp.class)
              .withJdk(jdk)
              .with("okhttp:4.12.0")
              .against(upstream)
              .withProperty("paceline.console.port", "0")
              .withQuickStart()
              .withArguments(CLIENTS)
              .start()) {
        forked.awaitLine("all wait"::equals);
        ConsolePages.of(forked).get("/api/state.json");
        long begin = System.nanoTime();

        forked.terminate();
        Ended ended = forked.await();

        // The waits would have lasted 40 s, the application's own patience is 20 s.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
        assertThat(ended.out()).as(ended.toString()).contains("all ended true");
        for (String client : CLIENTS) {
          assertThat(ended.outcome("retry." + client).succeeded().text()).startsWith("429 ");
          // Nobody would read the answer of what is sent now.
          ended.outcome("first." + client).failed();
          upstream.saw(1, "limited." + client);
        }
      }
    }
  }
}
