package dev.paceline.it.app;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Speaks to the test that forked this JVM: one JSON object a line on stdout. */
public final class Say {
  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  private Say() {}

  /** A line about the run {@code name}. */
  public static Say run(String name) {
    Rest.watch();
    return new Say().with("run", name);
  }

  public Say with(String key, @Nullable Object value) {
    fields.put(key, value);
    return this;
  }

  /** What went wrong, down to its last cause. */
  public Say failure(Throwable thrown) {
    with("error", thrown.getClass().getName()).with("message", thrown.getMessage());
    StringBuilder causes = new StringBuilder();
    int depth = 0;
    for (Throwable t = thrown.getCause(); t != null && depth++ < 10; t = t.getCause()) {
      causes.append(causes.length() == 0 ? "" : " < ").append(t);
    }
    return with("causes", causes.toString());
  }

  public void line() {
    StringBuilder line = new StringBuilder("{");
    fields.forEach(
        (key, value) -> {
          line.append(line.length() == 1 ? "" : ",").append('"').append(key).append("\":");
          if (value instanceof Number || value instanceof Boolean || value == null) {
            line.append(value);
          } else {
            quote(line, value.toString());
          }
        });
    // One write: lines of several threads must not mix.
    System.out.print(line.append("}\n"));
    System.out.flush();
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
