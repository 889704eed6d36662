package dev.paceline.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code status [--json] [--watch] [URL]}: the console's state as tables, for containers that have
 * no browser.
 */
final class StatusCommand implements Command {
  static final String JSON = "--json";
  static final String WATCH = "--watch";

  static final String HELP =
      """
        --json    the console's state as it is, one line of JSON
        --watch   again every 2 s until it is ended

      The console opens with the first LLM call (at the start: paceline.console.start=early), at
      paceline.console.host and paceline.console.port.
      """;

  /** ANSI: cursor home, erase all. */
  private static final String CLEAR = "\033[H\033[2J";

  private static final int WATCH_SECONDS = 2;

  /** Longest reason of a server that is printed: enough for a sentence. */
  private static final int MAX_REASON = 300;

  private static final String DEFAULT_URL = "http://127.0.0.1:19429";
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int MAX_BYTES = 16 << 20;

  @Override
  public int run(String[] args, StandardStreams console) {
    boolean json = false;
    boolean watch = false;
    String base = "";
    for (String argument : args) {
      if (argument.equals(JSON)) {
        json = true;
      } else if (argument.equals(WATCH)) {
        watch = true;
      } else if (base.isEmpty()) {
        base = argument;
      } else {
        return USAGE;
      }
    }
    base = base.isEmpty() ? DEFAULT_URL : base;
    String url =
        (base.contains("://") ? base : "http://" + base).replaceFirst("/+$", "")
            + "/api/state.json";
    if (!watch) {
      return once(url, json, console);
    }
    CountDownLatch never = new CountDownLatch(1);
    try {
      do {
        console.out().print(json ? "" : CLEAR);
        once(url, json, console);
        console.out().flush();
      } while (!never.await(WATCH_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
    return OK;
  }

  private static int once(String url, boolean json, StandardStreams console) {
    try {
      if (JsonTree.parse(fetch(url)) instanceof JsonValue.Obj state) {
        if (json) {
          console.out().println(JsonTree.line(state));
        } else {
          new StatusReport(state).print(console.out());
        }
        return OK;
      }
      throw new IOException("the answer is not Paceline's");
    } catch (IOException | RuntimeException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      console
          .err()
          .println("paceline: no status from " + Table.clean(url) + ": " + Table.clean(reason));
      if (e instanceof ConnectException) {
        console
            .err()
            .println(
                "  The console opens with the first LLM call (at the start:"
                    + " paceline.console.start=early), at paceline.console.host and"
                    + " paceline.console.port.");
      }
      return FAILED;
    }
  }

  /** The JDK's old client: it is in every runtime image, and the agent does not weave it. */
  private static String fetch(String url) throws IOException {
    URI uri = URI.create(url);
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IOException("not an http address");
    }
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    try {
      if (connection.getResponseCode() != 200) {
        throw new IOException(
            "status " + connection.getResponseCode() + reason(connection.getErrorStream()));
      }
      try (InputStream in = connection.getInputStream()) {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw new IOException("the answer is larger than 16 MiB");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      }
    } finally {
      connection.disconnect();
    }
  }

  /** What the server says of its refusal: it names the setting that would allow it. */
  private static String reason(@Nullable InputStream body) throws IOException {
    if (body == null) {
      return "";
    }
    try (body) {
      String text = new String(body.readNBytes(MAX_REASON), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "" : ": " + text;
    }
  }
}
