package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.Upstream.Seen;
import dev.paceline.it.app.Herd;
import dev.paceline.it.app.okhttp.OkHttpHerd;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the SDKs get wrong: all that were refused come back at one moment, and are refused. */
class HerdIT {
  private static final int THREADS = 50;
  private static final long WAIT = TimeUnit.SECONDS.toNanos(2);
  private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);

  static Stream<Arguments> cells() {
    return Jdk.cells()
        .boxed()
        .flatMap(
            jdk ->
                Stream.of(
                    Arguments.of(Herd.class, "", jdk),
                    Arguments.of(OkHttpHerd.class, "okhttp:4.12.0", jdk)));
  }

  @ParameterizedTest(name = "{0} on {2}")
  @MethodSource("cells")
  void thoseWhoWereToldToWaitComeBackOneByOne(Class<?> app, String cell, int jdk) {
    Answer refused = Answer.rateLimited().header("Retry-After", "2").together(THREADS);
    Answer[] script = new Answer[THREADS + 1];
    Arrays.fill(script, 0, THREADS, refused);
    script[THREADS] = Answer.ok();
    try (Upstream upstream = Upstream.start()) {
      upstream.script("herd", script);
      AgentJvm jvm = AgentJvm.run(app).withJdk(jdk);
      if (!cell.isEmpty()) {
        jvm.with(cell);
      }

      Ended ended =
          jvm.against(upstream).withQuickStart().withArguments("herd.sync", "" + THREADS).await();

      ended.exitedWith(0).outcome("herd.sync").succeeded();
      List<Seen> attempts = upstream.seen("herd.sync");
      assertThat(attempts).hasSize(2 * THREADS);
      long lastAnswer =
          attempts.stream()
              .filter(attempt -> attempt.status() == 429)
              .mapToLong(attempt -> attempt.answered().get())
              .max()
              .orElseThrow();
      long[] later =
          attempts.stream()
              .filter(attempt -> attempt.status() == 200)
              .mapToLong(Seen::arrived)
              .sorted()
              .toArray();
      assertThat(later[0] - lastAnswer)
          .as("ns after the last refusal")
          .isGreaterThanOrEqualTo(WAIT);
      for (int first = 0; first < later.length; first++) {
        int in = 0;
        while (first + in < later.length && later[first + in] - later[first] < WINDOW) {
          in++;
        }
        assertThat(in)
            .as("attempts in 100 ms from %d on: %s", first, millis(later, lastAnswer))
            .isLessThanOrEqualTo(THREADS / 10);
      }
    }
  }

  private static List<Long> millis(long[] times, long from) {
    return Arrays.stream(times).mapToObj(t -> (t - from) / 1_000_000).toList();
  }
}
