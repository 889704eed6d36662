package dev.paceline.sim;

import java.util.List;
import java.util.Map;

/**
 * An answer ready for the wire.
 *
 * @param status HTTP status
 * @param headers in order; names as the provider spells them
 * @param parts the body: one part, or one a server-sent event (each with its closing empty line)
 */
public record Reply(int status, Map<String, String> headers, List<String> parts) {
  public Reply {
    parts = List.copyOf(parts);
  }

  /** The whole body. */
  public String body() {
    return String.join("", parts);
  }
}
