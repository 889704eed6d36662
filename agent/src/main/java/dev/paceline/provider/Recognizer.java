package dev.paceline.provider;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.provider.path.PathGrammar;
import dev.paceline.provider.scope.HostRule;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells an LLM call from any other by host, port and path; all of them must fit. It runs for every
 * request of the application, so a request that is none allocates nothing and is compared with the
 * few hosts of its own length only.
 */
public final class Recognizer {
  private static final String[] BARE_WORDS = {
    "/completions", "/responses", "/embeddings", "/rerank", "/score", "/generate", "/messages"
  };

  private final MappedHosts.Entry[] mapped;
  private final HostRule[][] exactByLength;
  private final HostRule[] starred;

  /** A recogniser of all known providers. */
  public Recognizer() {
    this(MappedHosts.NONE);
  }

  /** A recogniser of all known providers and of what the user mapped. */
  public Recognizer(MappedHosts mapping) {
    this.mapped = mapping.entries();
    List<HostRule> exact = new ArrayList<>();
    List<HostRule> withStar = new ArrayList<>();
    int longest = 0;
    for (Provider provider : Providers.all()) {
      for (HostRule rule : provider.hosts()) {
        (rule.isExact() ? exact : withStar).add(rule);
        longest = rule.isExact() ? Math.max(longest, rule.length()) : longest;
      }
    }
    this.exactByLength = new HostRule[longest + 1][];
    for (int length = 0; length <= longest; length++) {
      int wanted = length;
      exactByLength[length] =
          exact.stream().filter(rule -> rule.length() == wanted).toArray(HostRule[]::new);
    }
    this.starred = withStar.toArray(HostRule[]::new);
  }

  /** Whether any path of this host can be an LLM call; allocates nothing. */
  public boolean mayRecogniseHost(String host, int port) {
    int hostEnd = host.length();
    if (hostEnd > 0 && host.charAt(hostEnd - 1) == '.') {
      hostEnd--;
    }
    for (int i = 0; i < mapped.length; i++) {
      if (mapped[i].host().matches(host, hostEnd, port)) {
        return true;
      }
    }
    if (hostEnd < exactByLength.length) {
      HostRule[] sameLength = exactByLength[hostEnd];
      for (int i = 0; i < sameLength.length; i++) {
        if (sameLength[i].matches(host, hostEnd, port)) {
          return true;
        }
      }
    }
    for (int i = 0; i < starred.length; i++) {
      if (starred[i].matches(host, hostEnd, port)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a host is taken for a provider's by nothing but a star in the user's mapping, which may
   * fit services of the application's own, too.
   */
  public boolean byStarOnly(String host) {
    int end = host.endsWith(".") ? host.length() - 1 : host.length();
    boolean starred = false;
    for (MappedHosts.Entry entry : mapped) {
      if (entry.host().matches(host, end)) {
        if (entry.host().isExact()) {
          return false;
        }
        starred = true;
      }
    }
    return starred && !known(host, end);
  }

  private boolean known(String host, int end) {
    for (HostRule[] rules : new HostRule[][] {sameLength(end), this.starred}) {
      for (HostRule rule : rules) {
        if (rule.matches(host, end)) {
          return true;
        }
      }
    }
    return false;
  }

  private HostRule[] sameLength(int length) {
    return length < exactByLength.length ? exactByLength[length] : new HostRule[0];
  }

  /**
   * What a request is for.
   *
   * @param host host name or address, without port; any case, with or without a dot at its end
   * @param port port of the connection
   * @param path path of the URL as sent, percent-encoded; a query after it is ignored
   * @return null when it is no LLM call
   */
  public @Nullable Endpoint recognise(String host, int port, String path) {
    int hostEnd = host.length();
    if (hostEnd > 0 && host.charAt(hostEnd - 1) == '.') {
      hostEnd--;
    }
    for (int i = 0; i < mapped.length; i++) {
      if (mapped[i].host().matches(host, hostEnd, port)) {
        Endpoint endpoint = mapped(mapped[i], host, path);
        if (endpoint != null) {
          return endpoint;
        }
      }
    }
    if (hostEnd < exactByLength.length) {
      HostRule[] sameLength = exactByLength[hostEnd];
      for (int i = 0; i < sameLength.length; i++) {
        if (sameLength[i].matches(host, hostEnd, port)) {
          return known(sameLength[i], host, path);
        }
      }
    }
    for (int i = 0; i < starred.length; i++) {
      if (starred[i].matches(host, hostEnd, port)) {
        return known(starred[i], host, path);
      }
    }
    return null;
  }

  private static @Nullable Endpoint known(HostRule rule, String host, String path) {
    int end = end(path);
    Operation operation = rule.paths.operation(path, 0, end);
    return operation == null
        ? null
        : endpoint(rule.provider, rule.paths, operation, host, path, 0, end);
  }

  /**
   * A gateway may serve a provider below a path of its own. Right after the mapped prefix every
   * path of the provider counts; deeper inside only one that asks for text, vectors or ranks, so
   * that a company's {@code /shop/v1/files} is left alone.
   */
  private static @Nullable Endpoint mapped(MappedHosts.Entry entry, String host, String path) {
    int end = end(path);
    String prefix = entry.prefix();
    int from = prefix.length();
    if (!path.startsWith(prefix) || (from > 0 && (from >= end || path.charAt(from) != '/'))) {
      return null;
    }
    PathGrammar paths = entry.provider().paths();
    Operation operation = paths.operation(path, from, end);
    int at = from;
    while (operation == null || (operation == Operation.OTHER && at > from)) {
      at = path.indexOf('/', at + 1);
      if (at < 0 || at >= end) {
        return atRoot(entry, path, from, end);
      }
      operation = paths.operation(path, at, end);
      if (operation != null
          && (!operation.repeatableWhenPerhapsProcessed() || isBareWord(path, at))) {
        operation = null;
      }
    }
    return endpoint(entry.provider(), paths, operation, host, path, at, end);
  }

  /**
   * A survey's {@code /forms/responses} is no LLM call, though some servers do answer {@code
   * /responses} at their root.
   */
  private static boolean isBareWord(String path, int at) {
    for (int i = 0; i < BARE_WORDS.length; i++) {
      if (path.startsWith(BARE_WORDS[i], at)) {
        return true;
      }
    }
    return false;
  }

  /** Gateways also serve OpenAI's one unmistakable path without any version before it. */
  private static @Nullable Endpoint atRoot(
      MappedHosts.Entry entry, String path, int from, int end) {
    String chat = "/chat/completions";
    return end - from >= chat.length() && path.startsWith(chat, end - chat.length())
        ? entry.provider().endpoint(Operation.GENERATION)
        : null;
  }

  private static Endpoint endpoint(
      Provider provider,
      PathGrammar paths,
      Operation operation,
      String host,
      String path,
      int from,
      int end) {
    if (!paths.namesModelOrOwner()) {
      return provider.endpoint(operation);
    }
    String model = paths.model(path, from, end);
    String owner = paths.owner(host, path, from, end);
    return model.isEmpty() && owner.isEmpty()
        ? provider.endpoint(operation)
        : new Endpoint(provider.id(), operation, model, owner);
  }

  private static int end(String path) {
    int query = path.indexOf('?');
    return query < 0 ? path.length() : query;
  }
}
