package dev.paceline.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** {@code status [URL]}: the console's state as tables, for containers that have no browser. */
final class StatusCommand implements Command {
  private static final String DEFAULT_URL = "http://127.0.0.1:19429";
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int MAX_BYTES = 16 << 20;

  @Override
  public int run(String[] args, Console console) {
    if (args.length > 1) {
      return USAGE;
    }
    String base = args.length == 0 ? DEFAULT_URL : args[0];
    String url =
        (base.contains("://") ? base : "http://" + base).replaceFirst("/+$", "")
            + "/api/state.json";
    try {
      if (JsonTree.parse(fetch(url)) instanceof Json.Obj state) {
        new StatusReport(state).print(console.out());
        return OK;
      }
      throw new IOException("the answer is not Paceline's");
    } catch (IOException | RuntimeException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      console
          .err()
          .println("paceline: no status from " + Table.clean(url) + ": " + Table.clean(reason));
      console
          .err()
          .println(
              "  The console opens with the first LLM call, at paceline.console.host and paceline.console.port.");
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
        throw new IOException("status " + connection.getResponseCode());
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
}
