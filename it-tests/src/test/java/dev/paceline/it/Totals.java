package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Samples in Prometheus' text format, whoever shows them. */
record Totals(String text) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  static Totals at(String address) {
    return new Totals(get(address));
  }

  /** The body of a page; empty when there is no such page yet. */
  static String get(String address) {
    try {
      return CLIENT
          .send(
              HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(20)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException notYet) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The sum of a metric's samples whose line contains all the words; -1 when there is none. */
  long sum(String name, String... words) {
    List<Double> values =
        text.lines()
            .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
            .filter(line -> List.of(words).stream().allMatch(line::contains))
            .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .toList();
    return values.isEmpty() ? -1 : Math.round(values.stream().mapToDouble(v -> v).sum());
  }

  /**
   * Asks until what is shown is what the server counted, then twice more: a total that is doubled
   * or that goes on rising must not slip through.
   */
  static void await(Supplier<Totals> shown, java.util.function.Consumer<Totals> right) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (true) {
      try {
        right.accept(shown.get());
        break;
      } catch (AssertionError notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
        LockSupport.parkNanos(200_000_000);
      }
    }
    LockSupport.parkNanos(1_500_000_000);
    right.accept(shown.get());
  }

  /** Each of the meters that follow from what the server saw has that total. */
  void agreeWith(Upstream upstream, int calls) {
    long attempts = upstream.seen().size();
    long refused = upstream.seen().stream().filter(seen -> seen.status() == 429).count();
    assertThat(sum("paceline_attempts_total")).as("attempts").isEqualTo(attempts);
    assertThat(sum("paceline_attempts_total", "status=\"429\"")).as("429s").isEqualTo(refused);
    assertThat(sum("paceline_rate_limited_total", "source=\"upstream\""))
        .as("rate limited")
        .isEqualTo(refused);
    assertThat(sum("paceline_calls_total")).as("calls").isEqualTo(calls);
    assertThat(sum("paceline_retries_total")).as("retries").isEqualTo(attempts - calls);
    // A histogram begins with its first event.
    long waits = sum("paceline_wait_seconds_count", "reason=\"backoff\"");
    // A wait that is over when the answer has been read is none: a young JVM reads that slowly.
    assertThat(waits)
        .as("waits")
        .isBetween(attempts == calls ? -1 : (attempts - calls) / 2, attempts - calls);
    assertThat(sum("paceline_wait_seconds_bucket", "le=\"+Inf\"", "reason=\"backoff\""))
        .as("waits in buckets")
        .isEqualTo(waits);
    assertThat(sum("paceline_overhead_seconds_count")).as("overhead").isEqualTo(calls);
  }
}
