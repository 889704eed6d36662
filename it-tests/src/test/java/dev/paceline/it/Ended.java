package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/** What a JVM left behind. */
record Ended(int exitCode, List<String> out, List<String> err) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the application got in one of its runs. */
  record Outcome(
      String run,
      boolean ok,
      String text,
      String error,
      String message,
      String causes,
      long millis) {
    Outcome succeeded() {
      assertThat(ok).as(toString()).isTrue();
      return this;
    }

    /** A figure that the text tells as {@code name=N}. */
    long number(String name) {
      for (String word : text.split(" ")) {
        if (word.startsWith(name + "=")) {
          return Long.parseLong(word.substring(name.length() + 1));
        }
      }
      throw new AssertionError("no " + name + " in " + this);
    }

    Outcome failed() {
      assertThat(ok).as(toString()).isFalse();
      return this;
    }
  }

  Ended exitedWith(int code) {
    assertThat(exitCode).as(toString()).isEqualTo(code);
    return this;
  }

  Ended silentOnStderr() {
    assertThat(err).isEmpty();
    return this;
  }

  /** Everything that was printed. */
  String everything() {
    return String.join("\n", out) + "\n" + String.join("\n", err);
  }

  Outcome outcome(String run) {
    return outcomes().stream()
        .filter(outcome -> outcome.run().equals(run))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no run " + run + " in " + this));
  }

  /** What the application got in all its runs, in the order in which they ended. */
  List<Outcome> outcomes() {
    return out.stream().filter(line -> line.startsWith("{")).map(Ended::outcomeIn).toList();
  }

  private static Outcome outcomeIn(String line) {
    JsonNode node = parsed(line);
    return new Outcome(
        node.path("run").asText(),
        node.path("ok").asBoolean(),
        node.path("text").asText(),
        node.path("error").asText(),
        node.path("message").asText(),
        node.path("causes").asText(),
        node.path("millis").asLong());
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError(line, e);
    }
  }

  @Override
  public String toString() {
    return "exit code "
        + exitCode
        + "\nstdout:\n"
        + String.join("\n", out)
        + "\nstderr:\n"
        + String.join("\n", err);
  }
}
