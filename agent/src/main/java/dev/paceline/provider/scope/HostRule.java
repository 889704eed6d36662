package dev.paceline.provider.scope;

import dev.paceline.provider.Provider;
import dev.paceline.provider.path.PathGrammar;

/**
 * A host name with at most one star, such as {@code api.openai.com}, {@code *.openai.azure.com} or
 * {@code bedrock-runtime.*.amazonaws.com}, and perhaps a port. The star stands for at least one
 * character. Matching ignores case and allocates nothing.
 */
public final class HostRule {
  /** Matches whatever the port. */
  public static final int ANY_PORT = -1;

  public final Provider provider;
  public final PathGrammar paths;
  private final String prefix;
  private final String suffix;
  private final boolean exact;
  private final int port;

  public HostRule(Provider provider, PathGrammar paths, String pattern, int port) {
    int star = pattern.indexOf('*');
    this.provider = provider;
    this.paths = paths;
    this.exact = star < 0;
    this.prefix = exact ? pattern : pattern.substring(0, star);
    this.suffix = exact ? "" : pattern.substring(star + 1);
    this.port = port;
  }

  /** As it was declared, with its port. */
  public String pattern() {
    String host = exact ? prefix : prefix + "*" + suffix;
    return port == ANY_PORT ? host : host + ":" + port;
  }

  public boolean isExact() {
    return exact;
  }

  public int length() {
    return prefix.length();
  }

  /** Whether {@code host[0, end)} and the port are this rule's. */
  public boolean matches(String host, int end, int port) {
    return (this.port == ANY_PORT || this.port == port) && matches(host, end);
  }

  /** Whether {@code host[0, end)} is this rule's, whatever the port. */
  public boolean matches(String host, int end) {
    if (exact) {
      return end == prefix.length() && host.regionMatches(true, 0, prefix, 0, end);
    }
    return end > prefix.length() + suffix.length()
        && host.regionMatches(true, end - suffix.length(), suffix, 0, suffix.length())
        && host.regionMatches(true, 0, prefix, 0, prefix.length());
  }
}
