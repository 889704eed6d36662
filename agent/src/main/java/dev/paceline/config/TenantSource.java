package dev.paceline.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a call's tenant is found.
 *
 * @param name of the header, the field (with its parents, separated by dots), the baggage entry or
 *     the MDC key
 */
public record TenantSource(Kind kind, String name) {
  /** Which of the places that a request comes with. */
  public enum Kind {
    /** A header of the request. */
    HEADER,
    /** A field of the request's JSON body. */
    BODY,
    /** OpenTelemetry's baggage of the calling thread, else the request's header of that name. */
    BAGGAGE,
    /** SLF4J's MDC of the calling thread. */
    MDC
  }

  private static final int LONGEST_NAME = 100;
  private static final int DEEPEST_FIELD = 4;

  /** Whether it must be read on the thread that makes the call. */
  public boolean ofThread() {
    return kind == Kind.BAGGAGE || kind == Kind.MDC;
  }

  /** A field's names from the outermost object on. */
  public List<String> path() {
    return List.of(name.split("\\.", -1));
  }

  /** {@code header:X-Tenant-Id}; empty for any other form. */
  static Optional<TenantSource> parse(String text) {
    int colon = text.indexOf(':');
    String name = text.substring(colon + 1).trim();
    if (colon < 1 || name.isEmpty() || name.length() > LONGEST_NAME) {
      return Optional.empty();
    }
    String wanted = text.substring(0, colon).trim().toUpperCase(Locale.ROOT);
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(wanted)) {
        TenantSource source = new TenantSource(kind, name);
        boolean usable =
            kind == Kind.BODY
                ? name.matches("[^\\s.]+(\\.[^\\s.]+)*") && source.path().size() <= DEEPEST_FIELD
                : name.matches("[^\\s,|]+");
        return usable ? Optional.of(source) : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
