package dev.paceline.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of {@code paceline.hosts}: calls to this place are calls to that provider.
 *
 * @param host lower case; at most one {@code *} in it stands for any characters, beside a name
 * @param port the port it is limited to; {@link #ANY_PORT} when none was given
 * @param path prefix of the path it is limited to, beginning with {@code /}; empty for every path
 * @param provider provider id
 */
public record HostMapping(String host, int port, String path, String provider) {
  /** No port was given. */
  public static final int ANY_PORT = -1;

  private static final Pattern ENTRY =
      Pattern.compile(
          "(?:https?://)?((?=[^*:/]*\\*?[^*:/]*[:/=])[A-Za-z0-9*][A-Za-z0-9*._-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}])"
              + "(?::(\\d{1,5}))?(/[^\\s=]*)?=([A-Za-z0-9-]{1,40})");

  /** Reads {@code host[:port][/path]=provider}. */
  static Optional<HostMapping> parse(String entry) {
    Matcher match = ENTRY.matcher(entry);
    if (!match.matches()) {
      return Optional.empty();
    }
    // A bare * would take every service of the application's for a provider, and repeat its POSTs.
    if (match.group(1).chars().noneMatch(c -> c != '*' && c != '.' && c != '-' && c != '_')) {
      return Optional.empty();
    }
    int port = match.group(2) == null ? ANY_PORT : Integer.parseInt(match.group(2));
    if (port == 0 || port > 65535) {
      return Optional.empty();
    }
    String path = match.group(3) == null ? "" : match.group(3);
    return Optional.of(
        new HostMapping(
            match.group(1).toLowerCase(Locale.ROOT),
            port,
            path,
            match.group(4).toLowerCase(Locale.ROOT)));
  }

  /** As it is typed: {@code gw.corp/anthropic/=anthropic}. */
  @Override
  public String toString() {
    return host + (port == ANY_PORT ? "" : ":" + port) + path + "=" + provider;
  }

  HostMapping withProvider(String id) {
    return new HostMapping(host, port, path, id);
  }
}
