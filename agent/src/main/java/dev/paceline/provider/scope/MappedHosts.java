package dev.paceline.provider.scope;

import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The user's {@code paceline.hosts}: which provider speaks on hosts that Paceline cannot know, such
 * as {@code
 * llm.corp.example=openai,gw.corp/anthropic/=anthropic,*.corp=openai,127.0.0.1:8080=anthropic}. The
 * first entry that fits decides.
 */
public final class MappedHosts {
  /** No mapping at all. */
  public static final MappedHosts NONE = new MappedHosts(List.of());

  /**
   * One entry.
   *
   * @param host the host, perhaps with a star, and the port
   * @param prefix path prefix without a slash at its end; empty: every path
   */
  public record Entry(HostRule host, String prefix) {
    public Provider provider() {
      return host.provider;
    }
  }

  private final Entry[] entries;

  private MappedHosts(List<Entry> entries) {
    this.entries = entries.toArray(Entry[]::new);
  }

  /**
   * Reads the mapping.
   *
   * @throws IllegalArgumentException when an entry is no {@code host[:port][/prefix/]=provider};
   *     the message names the entry
   */
  public static MappedHosts parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String entry = part.trim();
      if (!entry.isEmpty()) {
        entries.add(entry(entry));
      }
    }
    return entries.isEmpty() ? NONE : new MappedHosts(entries);
  }

  private static Entry entry(String entry) {
    int equals = entry.lastIndexOf('=');
    if (equals <= 0 || equals == entry.length() - 1) {
      throw bad(entry, "expected host=provider");
    }
    String name = entry.substring(equals + 1).trim();
    Provider provider = Providers.find(name);
    if (provider == null) {
      throw bad(entry, "unknown provider '" + name + "'");
    }
    String where = entry.substring(0, equals).trim();
    if (where.contains("://")) {
      throw bad(entry, "write the host without a scheme");
    }
    int slash = where.indexOf('/');
    String host = slash < 0 ? where : where.substring(0, slash);
    String prefix = slash < 0 ? "" : where.substring(slash);
    while (prefix.endsWith("/")) {
      prefix = prefix.substring(0, prefix.length() - 1);
    }
    int port = HostRule.ANY_PORT;
    int colon = host.lastIndexOf(':');
    boolean bracketed = host.endsWith("]");
    if (colon >= 0 && !bracketed && (host.startsWith("[") || host.indexOf(':') == colon)) {
      port = port(entry, host.substring(colon + 1));
      host = host.substring(0, colon);
    }
    if (host.isEmpty()) {
      throw bad(entry, "the host is missing");
    }
    if (host.indexOf('*') != host.lastIndexOf('*')) {
      throw bad(entry, "at most one * in a host");
    }
    if (host.chars().anyMatch(c -> c <= ' ' || c == '?' || c == '#' || c == '@')) {
      throw bad(entry, "not a host name");
    }
    return new Entry(
        new HostRule(provider, provider.paths(), host.toLowerCase(Locale.ROOT), port), prefix);
  }

  private static int port(String entry, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port < 65_536) {
        return port;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw bad(entry, "'" + text + "' is not a port");
  }

  private static IllegalArgumentException bad(String entry, String why) {
    return new IllegalArgumentException("paceline.hosts: bad entry '" + entry + "': " + why);
  }

  public Entry[] entries() {
    return entries;
  }
}
