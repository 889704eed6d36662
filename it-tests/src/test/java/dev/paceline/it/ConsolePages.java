package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** What the console of a JVM shows, at the address that the agent's first line tells. */
record ConsolePages(String address) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static final long PATIENCE_NANOS = 40_000_000_000L;

  static ConsolePages of(Forked forked) {
    String line = forked.awaitError(text -> text.contains(", console http://"));
    String address = line.substring(line.indexOf("http://")).replaceFirst("/?\\s.*|/$", "");
    return new ConsolePages(address);
  }

  JsonNode state() {
    try {
      return new ObjectMapper().readTree(get("/api/state.json"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The first state that is such a one, or after some hundred the one that is not. */
  JsonNode state(Predicate<JsonNode> such) {
    JsonNode state = state();
    for (int i = 0; i < 300 && !such.test(state); i++) {
      state = state();
    }
    return state;
  }

  /** Waits for a state that is such a one. */
  JsonNode await(String what, Predicate<JsonNode> such) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    JsonNode state = state();
    while (!such.test(state)) {
      assertThat(System.nanoTime() - deadline).as("waited in vain for %s", what).isNegative();
      state = state();
    }
    return state;
  }

  String metrics() {
    return get("/metrics");
  }

  /** The sum of a metric's samples whose line contains all the words; 0 when there is none. */
  double metric(String name, String... words) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> List.of(words).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  String get(String path) {
    try {
      HttpResponse<String> answer =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(address + path))
                  .timeout(Duration.ofSeconds(60)) // a busy machine; not what is asked of it
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      return answer.body();
    } catch (IOException e) {
      throw new AssertionError(path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
