package dev.paceline.call;

import dev.paceline.provider.Dialects;
import dev.paceline.words.Headers;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What dialect the hosts speak that were mapped as {@code auto}: learned from their answers. */
final class LearnedDialects {
  private static final String AUTO = "generic";

  /** Mapped by hand, so few; the bound is for a mapping with a star. */
  private static final int MOST_HOSTS = 200;

  private final ConcurrentHashMap<String, String> byHost = new ConcurrentHashMap<>();

  /** The provider's id, or what the host was recognised to speak. */
  String of(String provider, String host) {
    return provider.equals(AUTO) ? byHost.getOrDefault(host, AUTO) : provider;
  }

  void learn(String provider, String host, @Nullable Headers answer) {
    if (answer != null && provider.equals(AUTO) && !byHost.containsKey(host)) {
      String dialect = Dialects.recognise(answer);
      if (dialect != null && byHost.size() < MOST_HOSTS) {
        byHost.put(host, dialect);
      }
    }
  }
}
