package dev.paceline.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/**
 * How far one run of the client program is.
 *
 * @param title which run
 * @param ok calls that succeeded
 * @param failed calls that failed for good
 * @param limited 429s that the server has answered
 * @param attempts requests that reached the server
 * @param seconds since the client program began
 * @param complete whether it has made all its calls
 */
record DemoRun(
    String title, int ok, int failed, int limited, int attempts, double seconds, boolean complete) {
  private static final JsonFactory JSON = new JsonFactory();

  static DemoRun start(String title) {
    return new DemoRun(title, 0, 0, 0, 0, 0, false);
  }

  /**
   * The state after a line of the client program's; empty when the line is not one of its reports.
   */
  Optional<DemoRun> read(String line, int nowLimited, int nowAttempts) {
    if (!line.startsWith("{")) {
      return Optional.empty();
    }
    int newOk = ok;
    int newFailed = failed;
    double newSeconds = seconds;
    boolean done = false;
    try (JsonParser parser = JSON.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "ok" -> newOk = parser.getIntValue();
          case "failed" -> newFailed = parser.getIntValue();
          case "seconds" -> newSeconds = parser.getDoubleValue();
          case "done" -> done = parser.getBooleanValue();
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.of(
        new DemoRun(title, newOk, newFailed, nowLimited, nowAttempts, newSeconds, done));
  }

  DemoRun incomplete() {
    return new DemoRun(title, ok, failed, limited, attempts, seconds, false);
  }
}
