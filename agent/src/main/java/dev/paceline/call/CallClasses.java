package dev.paceline.call;

import dev.paceline.config.CallFacts;
import dev.paceline.config.Policy;
import dev.paceline.config.Sharing;
import dev.paceline.config.TenantSource;
import dev.paceline.provider.BodyField;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import dev.paceline.words.Priority;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Tells a call's class: whose it is, and how much it matters. */
final class CallClasses {
  /** The request header in which an application says how urgent a call is. */
  static final String PRIORITY = "x-paceline-priority";

  /** The request header in which it says on whose behalf it is made. */
  static final String TENANT = "x-paceline-tenant";

  /** llm-d's names for the two; a gateway behind us reads them as well. */
  private static final String OBJECTIVE = "x-gateway-inference-objective";

  private static final String FAIRNESS_ID = "x-gateway-inference-fairness-id";

  /** Request data, of which waiting calls keep a reference each. */
  private static final int LONGEST_TENANT = 100;

  private final Policies policies;

  private final ToLongFunction<String> keyedHash;

  CallClasses(Policies policies, ToLongFunction<String> keyedHash) {
    this.policies = policies;
    this.keyedHash = keyedHash;
  }

  /** What a tenant is called where people see it. */
  String label(String tenant) {
    return TenantLabel.of(tenant, policies.plainTenants(), keyedHash);
  }

  /** What rules may ask of a call. */
  private record Facts(RequestInfo request, boolean stream, CallOrigin origin)
      implements CallFacts {
    @Override
    public @Nullable String header(String name) {
      return request.headers().first(name);
    }

    @Override
    public String thread() {
      return origin.thread();
    }

    @Override
    public List<String> callers() {
      return origin.callers();
    }

    @Override
    public Operation operation() {
      return request.endpoint().operation();
    }
  }

  /** What holds for a call. */
  Policy policy(String provider, RequestInfo request, BodyFacts body) {
    if (!policies.asksMoreOfCalls()) {
      return policies.policyFor(provider, body.model(), request.host());
    }
    Facts facts = new Facts(request, body.stream(), origin(request));
    return policies.policyFor(provider, body.model(), request.host(), facts);
  }

  private CallOrigin origin(RequestInfo request) {
    CallOrigin known = request.origin() == null ? policies.origin() : request.origin();
    return known == null ? CallOrigin.UNKNOWN : known;
  }

  CallClass of(RequestInfo request, RequestContent body, Policy policy) {
    Headers headers = request.headers();
    Sharing sharing = policy.sharing();
    String priority = headers.first(PRIORITY);
    String tenant = headers.first(TENANT);
    List<TenantSource> sources = policies.tenantSources();
    boolean asked = !sources.isEmpty() || policies.sharesByRules();
    if (asked && priority == null) {
      priority = headers.first(OBJECTIVE);
    }
    if (asked && tenant == null) {
      tenant = headers.first(FAIRNESS_ID);
    }
    for (int i = 0; i < sources.size() && blank(tenant); i++) {
      tenant = read(sources.get(i), request, body);
    }
    if (priority == null && blank(tenant) && !asked) {
      return CallClass.USUAL;
    }
    Priority said = priority == null ? null : Priority.parse(priority).orElse(null);
    return new CallClass(
        sharing, said == null ? sharing.priority() : said, tenant == null ? "" : bounded(tenant));
  }

  private static boolean blank(@Nullable String tenant) {
    return tenant == null || tenant.isBlank();
  }

  private static String bounded(String tenant) {
    String name = tenant.trim();
    // Not cut off: two tenants whose ids begin alike are not one.
    return name.length() <= LONGEST_TENANT
        ? name
        : name.substring(0, LONGEST_TENANT - 9) + '~' + Integer.toHexString(name.hashCode());
  }

  private @Nullable String read(TenantSource source, RequestInfo request, RequestContent body) {
    return switch (source.kind()) {
      case HEADER -> request.headers().first(source.name());
      case BODY -> BodyField.read(body.bytes(), body.length(), source.path());
      case MDC -> origin(request).tenant();
      case BAGGAGE -> {
        String ofThread = origin(request).tenant();
        yield ofThread != null ? ofThread : baggage(request.headers(), source.name());
      }
    };
  }

  /** An entry of W3C's header: {@code key=value;property, key=value}, values percent-encoded. */
  private static @Nullable String baggage(Headers headers, String key) {
    String line = headers.first("baggage");
    if (line == null || line.length() > 8_192) {
      return null;
    }
    for (String entry : line.split(",", -1)) {
      int equals = entry.indexOf('=');
      if (equals > 0 && entry.substring(0, equals).trim().equals(key)) {
        String value = entry.substring(equals + 1);
        int end = value.indexOf(';');
        return decoded((end < 0 ? value : value.substring(0, end)).trim());
      }
    }
    return null;
  }

  private static String decoded(String value) {
    try {
      // A plus is a plus here.
      return java.net.URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return value;
    }
  }
}
