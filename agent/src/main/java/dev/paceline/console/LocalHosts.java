package dev.paceline.console;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Guards against DNS rebinding: a web page whose name is made to point at 127.0.0.1 could read the
 * console through the user's browser, but its requests still carry its own name in {@code Host}.
 */
final class LocalHosts {
  private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private LocalHosts() {}

  /**
   * @param host value of the {@code Host} header, null when it is absent; any port is fine, for
   *     tunnels and port forwards change it
   */
  static boolean allows(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = host.strip().toLowerCase(Locale.ROOT);
    int colon = name.lastIndexOf(':');
    if (colon > name.lastIndexOf(']')) {
      if (!name.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9')) {
        return false;
      }
      name = name.substring(0, colon);
    }
    return NAMES.contains(name);
  }
}
