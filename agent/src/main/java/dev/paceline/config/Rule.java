package dev.paceline.config;

import dev.paceline.words.Operation;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settings for some calls only: those that every selector given matches. */
final class Rule {
  /**
   * The most specific first, and the first that matches holds: a model's name before patterns, a
   * longer beginning before a shorter one, then the same for the host, then a provider given before
   * none; ties by id.
   */
  static final Comparator<Rule> MOST_SPECIFIC_FIRST =
      Comparator.comparingInt((Rule rule) -> -rule.model.literalPrefix())
          .thenComparingInt(rule -> -rule.model.literals())
          .thenComparingInt(rule -> -rule.host.literalPrefix())
          .thenComparingInt(rule -> -rule.host.literals())
          .thenComparing(rule -> rule.provider.isEmpty())
          .thenComparingInt(rule -> -rule.selector.conditions())
          .thenComparing(rule -> rule.id);

  private final String id;
  private final String provider;
  private final Glob model;
  private final Glob host;
  private final boolean hostHasPort;
  private final Optional<Long> maxWaitNanos;
  private final Optional<Integer> maxAttempts;
  private final boolean enabled;
  private final Optional<Mode> mode;
  private final Bounds bounds;
  private final Optional<Boolean> retryProvisioned;
  private final CallSelector selector;
  private final RuleSharing sharing;

  /** Reads the values that a rule's settings have; absent ones fall back to those for all calls. */
  Rule(String id, List<Setting<?>> settings) {
    this.id = id;
    this.provider = value(settings, RuleKeys.PROVIDER, String.class).orElse("");
    this.model = new Glob(value(settings, RuleKeys.MODEL, String.class).orElse("*"));
    String hostPattern = value(settings, RuleKeys.HOST, String.class).orElse("*");
    this.host = new Glob(hostPattern);
    this.hostHasPort = hostPattern.matches(".*:[0-9*]+");
    this.maxWaitNanos = value(settings, RuleKeys.MAX_WAIT, Long.class);
    this.maxAttempts = value(settings, RuleKeys.MAX_ATTEMPTS, Integer.class);
    this.enabled = value(settings, RuleKeys.ENABLED, Boolean.class).orElse(true);
    this.mode = value(settings, RuleKeys.MODE, Mode.class);
    this.bounds =
        new Bounds(
            limit(settings, RuleKeys.RPM),
            limit(settings, RuleKeys.TPM),
            limit(settings, RuleKeys.ITPM),
            limit(settings, RuleKeys.OTPM),
            limit(settings, RuleKeys.RPD),
            limit(settings, RuleKeys.TPD),
            limit(settings, RuleKeys.CONCURRENCY),
            Bounds.AUTO,
            Bounds.AUTO,
            value(settings, RuleKeys.DAY_STARTS, DayStarts.class));
    this.retryProvisioned = value(settings, RuleKeys.RETRY_PROVISIONED, Boolean.class);
    this.selector = selector(settings);
    this.sharing = new RuleSharing(id, settings);
  }

  String id() {
    return id;
  }

  private CallSelector selector(List<Setting<?>> settings) {
    Map<String, Glob> headers = new TreeMap<>();
    String prefix = RuleKeys.PREFIX + id + "." + KeyNames.HEADER;
    for (Setting<?> setting : settings) {
      if (setting.name().startsWith(prefix)) {
        headers.put(setting.name().substring(prefix.length()), new Glob((String) setting.value()));
      }
    }
    return new CallSelector(
        headers,
        value(settings, ClassKeys.RULE_THREAD, String.class).map(Glob::new),
        value(settings, ClassKeys.RULE_CALLER, String.class).map(Glob::new),
        value(settings, ClassKeys.RULE_OPERATION, Operation.class),
        value(settings, ClassKeys.RULE_STREAM, Boolean.class));
  }

  /** What it asks of one call beyond provider, model and host. */
  CallSelector selector() {
    return selector;
  }

  /** Whether it is for some calls of a scope only: then it cannot say the scope's limits. */
  boolean ofCalls() {
    return selector.conditions() > 0;
  }

  /** Whether it says whose calls go first, or who may use how much. */
  boolean shares() {
    return sharing.says();
  }

  boolean matches(String callProvider, String callModel, String callHost) {
    return (provider.isEmpty() || provider.equals(callProvider))
        && model.matches(callModel)
        && host.matches(hostHasPort ? callHost : withoutPort(callHost));
  }

  /** What holds for calls that this rule matches. */
  Policy over(Policy all) {
    return new Policy(
        all.enabled() && enabled,
        mode.orElse(all.mode()),
        maxAttempts.orElse(all.maxAttempts()),
        maxWaitNanos.orElse(all.maxWaitNanos()),
        maxWaitNanos.isPresent() || all.maxWaitTyped(),
        all.maxCallWaitNanos(),
        all.backoffInitialNanos(),
        all.perhapsInitialNanos(),
        all.backoffCapNanos(),
        all.jitter(),
        all.onDeadline(),
        all.retryFirstEvent(),
        retryProvisioned.orElse(all.retryProvisioned()),
        id,
        ofCalls() ? all.bounds() : bounds(all),
        sharing.over(all.sharing()));
  }

  private Bounds bounds(Policy all) {
    return new Bounds(
        bounds.rpm(),
        bounds.tpm(),
        bounds.itpm(),
        bounds.otpm(),
        bounds.rpd(),
        bounds.tpd(),
        bounds.concurrency(),
        all.bounds().reserve(),
        all.bounds().smoothBelow(),
        bounds.dayStart());
  }

  static long limit(List<Setting<?>> settings, Key<Long> key) {
    return value(settings, key, Long.class).orElse(0L);
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    // The colons of a bare IPv6 address are not a port's.
    boolean port = colon > 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']');
    return port ? host.substring(0, colon) : host;
  }

  static <T> Optional<T> value(List<Setting<?>> settings, Key<T> key, Class<T> type) {
    String last = key.name().substring("rule.<id>.".length());
    int from = RuleKeys.PREFIX.length();
    return settings.stream()
        .filter(
            setting -> {
              String name = setting.name();
              return name.substring(name.indexOf('.', from) + 1).equals(last);
            })
        .findFirst()
        .map(setting -> type.cast(setting.value()));
  }
}
