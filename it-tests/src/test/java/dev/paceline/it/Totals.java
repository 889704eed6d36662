package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** Samples in Prometheus' text format, whoever shows them. */
record Totals(String text) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^(paceline_\\w+_(?:total|bucket|count))(\\{.*\\})? (\\S+)$");
  private static final List<String> LIMITS =
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
          "unknown");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

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

  /** The sum of a metric's samples whose line contains all the words; 0 when there is none. */
  long sum(String name, String... words) {
    return Math.round(samples(name, words).sum());
  }

  private DoubleStream samples(String name, String... words) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> List.of(words).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
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

  /**
   * What the providers of a test counted themselves.
   *
   * @param requests all that arrived
   * @param refused those that were refused, by limit
   * @param calls of the application; every one was sent
   */
  record Counted(
      long calls,
      long requests,
      long served,
      Map<String, Long> refused,
      long inputTokens,
      long outputTokens) {

    /**
     * What the scripted provider saw: a script {@code quota…} refuses for the plan, the others for
     * requests a minute.
     */
    static Counted of(long calls, Upstream upstream) {
      Map<String, Long> refused = new HashMap<>();
      for (Upstream.Seen seen : upstream.seen()) {
        if (seen.status() == 429) {
          refused.merge(seen.run().startsWith("quota") ? "quota" : "rpm", 1L, Long::sum);
        }
      }
      long served = upstream.seen().stream().filter(seen -> seen.status() == 200).count();
      return new Counted(
          calls,
          upstream.seen().size(),
          served,
          refused,
          served * Answer.INPUT_TOKENS,
          served * Answer.OUTPUT_TOKENS);
    }

    Counted and(long moreCalls, SimProcess.Arrivals sim) {
      Map<String, Long> all = new HashMap<>(refused);
      sim.limits().forEach((limit, count) -> all.merge(limit, count, Long::sum));
      return new Counted(
          calls + moreCalls,
          requests + sim.requests(),
          served + sim.served(),
          all,
          inputTokens + sim.inputTokens(),
          outputTokens + sim.outputTokens());
    }
  }

  /** Each of the meters that follow from what the providers counted has that total. */
  void agreeWith(Counted counted) {
    long refused = counted.refused.values().stream().mapToLong(n -> n).sum();
    assertThat(sum("paceline_attempts_total")).as("attempts").isEqualTo(counted.requests);
    assertThat(sum("paceline_attempts_total", "status=\"429\"")).as("429s").isEqualTo(refused);
    assertThat(sum("paceline_attempts_total", "status=\"2xx\""))
        .as("served attempts")
        .isEqualTo(counted.served);
    assertThat(sum("paceline_rate_limited_total")).as("refused by a limit").isEqualTo(refused);
    for (String limit : LIMITS) {
      assertThat(
              sum("paceline_rate_limited_total", "source=\"upstream\"", "limit=\"" + limit + "\""))
          .as("refused by " + limit)
          .isEqualTo(counted.refused.getOrDefault(limit, 0L));
    }
    assertThat(sum("paceline_calls_total")).as("calls").isEqualTo(counted.calls);
    assertThat(sum("paceline_calls_total", "outcome=\"success\""))
        .as("served calls")
        .isEqualTo(counted.served);
    assertThat(sum("paceline_retries_total"))
        .as("retries")
        .isEqualTo(counted.requests - counted.calls);
    assertThat(sum("paceline_tokens_total", "kind=\"actual\"", "type=\"input\""))
        .as("tokens of prompts")
        .isEqualTo(counted.inputTokens);
    assertThat(sum("paceline_tokens_total", "kind=\"actual\"", "type=\"output\""))
        .as("tokens of answers")
        .isEqualTo(counted.outputTokens);
    assertThat(sum("paceline_overhead_seconds_count")).as("overhead").isEqualTo(counted.calls);
    assertThat(sum("paceline_inflight")).as("in flight").isZero();
  }

  /**
   * Every counter and every bucket is what the agent's own scrape shows, and there is none besides:
   * what no provider can count, such as waits, and all the rest.
   *
   * @param own the agent's scrape, of about the same moment
   * @param leftOut how the names begin of series that are not shown here
   */
  void sameAs(Totals own, String leftOut) {
    Map<String, Double> theirs = own.series();
    assertThat(theirs.keySet())
        .anyMatch(name -> name.startsWith("paceline_wait_seconds_bucket"))
        .anyMatch(name -> name.startsWith("paceline_token_estimate_ratio_bucket"));
    theirs.keySet().removeIf(name -> !leftOut.isEmpty() && name.startsWith(leftOut));
    assertThat(series()).containsExactlyInAnyOrderEntriesOf(theirs);
    for (String timer : List.of("paceline_wait_seconds_sum", "paceline_request_tokens_sum")) {
      assertThat(decimal(timer)).as(timer).isCloseTo(own.decimal(timer), withPercentage(1));
    }
  }

  private double decimal(String name) {
    return samples(name).sum();
  }

  /** Values by name and labels, those left out that an exporter adds of its own. */
  private Map<String, Double> series() {
    Map<String, Double> series = new TreeMap<>();
    Matcher sample = SAMPLE.matcher(text);
    while (sample.find()) {
      TreeMap<String, String> labels = new TreeMap<>();
      Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
      while (label.find()) {
        String value = label.group(2);
        if (label.group(1).equals("le")) {
          value = Double.toString(Double.parseDouble(value.replace("+Inf", "Infinity")));
        }
        if (!label.group(1).startsWith("otel_scope_")) {
          labels.put(label.group(1), value);
        }
      }
      // Twice the same would be a double count.
      assertThat(series.put(sample.group(1) + labels, Double.valueOf(sample.group(3))))
          .as(sample.group())
          .isNull();
    }
    return series;
  }
}
