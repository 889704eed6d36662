package dev.paceline.config;

import dev.paceline.words.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Effective values, each with its source, and what was wrong. Immutable but for a cache; a reload
 * makes a new one. Safe for use by many threads.
 */
public final class Settings {
  private static final int CACHED_POLICIES = 1024;
  // Names are request data: the cache must be bounded in bytes, not in entries alone.
  private static final int LONGEST_CACHED_NAME = 200;
  private static final long MIB = 1L << 20;

  private final Map<String, Setting<?>> values;
  private final Map<String, List<Setting<?>>> ruleValues;
  private final List<Rule> rules;

  /** Those of them that ask more of a call than its provider, model and host. */
  private final List<Rule> callRules;

  private final boolean looksAtThreads;
  private final boolean looksAtCallers;
  private final boolean sharesByRules;
  private final List<TenantSource> tenantSources;
  private final List<Problem> problems;
  private final boolean refused;
  private final Policy common;
  private final Map<CallKey, Policy> policies = new ConcurrentHashMap<>();

  /**
   * @param values one for every key of {@link Keys#all()}
   * @param ruleValues those of every rule that can be applied, by id
   * @param refused whether strictness switched the agent off
   */
  Settings(
      Map<String, Setting<?>> values,
      Map<String, List<Setting<?>>> ruleValues,
      List<Problem> problems,
      boolean refused) {
    this.values = Map.copyOf(values);
    this.ruleValues = Map.copyOf(ruleValues);
    this.problems = List.copyOf(problems);
    this.refused = refused;
    this.rules =
        ruleValues.entrySet().stream()
            .map(rule -> new Rule(rule.getKey(), rule.getValue()))
            .sorted(Rule.MOST_SPECIFIC_FIRST)
            .toList();
    this.callRules = rules.stream().filter(Rule::ofCalls).toList();
    this.looksAtThreads = callRules.stream().anyMatch(rule -> rule.selector().thread().isPresent());
    this.looksAtCallers = callRules.stream().anyMatch(rule -> rule.selector().caller().isPresent());
    this.sharesByRules = rules.stream().anyMatch(Rule::shares);
    this.tenantSources = get(ClassKeys.TENANT);
    this.common =
        new Policy(
            enabled(),
            mode(),
            get(Keys.MAX_ATTEMPTS),
            get(Keys.MAX_WAIT),
            setting(Keys.MAX_WAIT).source() != Source.BUILT_IN,
            get(Keys.MAX_CALL_WAIT),
            get(Keys.BACKOFF_INITIAL),
            get(Keys.BACKOFF_PERHAPS_PROCESSED),
            get(Keys.BACKOFF_CAP),
            get(Keys.BACKOFF_JITTER),
            get(Keys.ON_DEADLINE),
            get(Keys.RETRY_FIRST_EVENT),
            false,
            "",
            new Bounds(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                get(Keys.RESERVE).orElse(Bounds.AUTO),
                get(Keys.SMOOTH_BELOW).orElse(Bounds.AUTO)),
            new Sharing(Priority.NORMAL, 1, "", 0, get(ClassKeys.PRIORITY_FLOOR), Bounds.NONE, ""));
  }

  /** Nothing but built-in values. */
  public static Settings defaults() {
    return ConfigReader.read(Inputs.NONE, new DiskFiles());
  }

  /** The effective value of a key of {@link Keys#all()}. */
  public <T> T get(Key<T> key) {
    return setting(key).value();
  }

  /** The effective value with its source. */
  @SuppressWarnings("unchecked") // the reader put the value there by the key's own type
  public <T> Setting<T> setting(Key<T> key) {
    Setting<?> setting = values.get(key.name());
    if (setting == null) {
      throw new IllegalArgumentException("not a key with one value: " + key.name());
    }
    return (Setting<T>) setting;
  }

  /** What holds for a call. Cheap when asked again: one look-up. */
  public Policy policyFor(String provider, String model, String host) {
    if (rules.isEmpty()) {
      return common;
    }
    CallKey key = new CallKey(provider, model, host);
    Policy known = policies.get(key);
    return known != null ? known : decide(key);
  }

  /**
   * What holds for one call: as for its provider, model and host, and over it what the first rule
   * says that asks more of a call and matches.
   */
  public Policy policyFor(String provider, String model, String host, CallFacts call) {
    Policy policy = policyFor(provider, model, host);
    for (Rule rule : callRules) {
      if (rule.matches(provider, model, host) && rule.selector().matches(call)) {
        return rule.over(policy);
      }
    }
    return policy;
  }

  /** Whether any rule asks more of a call than its provider, model and host. */
  public boolean asksMoreOfCalls() {
    return !callRules.isEmpty();
  }

  /** Whether any rule asks for the thread that makes a call. */
  public boolean looksAtThreads() {
    return looksAtThreads;
  }

  /** Whether any rule asks for the classes on its stack. */
  public boolean looksAtCallers() {
    return looksAtCallers;
  }

  /** Whether rules say whose calls go first, or who may use how much. */
  public boolean sharesByRules() {
    return sharesByRules;
  }

  /** Where a call's tenant is found, in this order. */
  public List<TenantSource> tenantSources() {
    return tenantSources;
  }

  private Policy decide(CallKey key) {
    Policy policy = common;
    for (Rule rule : rules) {
      if (!rule.ofCalls() && rule.matches(key.provider, key.model, key.host)) {
        policy = rule.over(common);
        break;
      }
    }
    if (key.model.length() <= LONGEST_CACHED_NAME && key.host.length() <= LONGEST_CACHED_NAME) {
      if (policies.size() >= CACHED_POLICIES) {
        policies.clear();
      }
      policies.put(key, policy);
    }
    return policy;
  }

  int cachedPolicies() {
    return policies.size();
  }

  /** What holds for calls that no rule matches. */
  public Policy policyForAll() {
    return common;
  }

  /**
   * Whether the agent works at all: {@code enabled}, unless {@code config.strict} found something
   * wrong.
   */
  public boolean enabled() {
    return get(Keys.ENABLED) && !refused;
  }

  public Mode mode() {
    return get(Keys.MODE);
  }

  /** The console's port; 0 picks one; empty when it is switched off. */
  public OptionalInt consolePort() {
    return get(Keys.CONSOLE_PORT);
  }

  /**
   * Bytes for copies of request bodies: what was typed, else the smaller of 64 MiB and 5 % of the
   * heap.
   */
  public long replayMaxBytes(long maxHeapBytes) {
    OptionalLong typed = get(Keys.REPLAY_MAX_BYTES);
    return typed.orElse(Math.min(64 * MIB, maxHeapBytes / 20));
  }

  /**
   * Every effective value in the order of the documentation, then the rules', in the order in which
   * they are tried.
   */
  public List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>();
    for (Key<?> key : Keys.all()) {
      all.add(setting(key));
    }
    for (String id : ruleIds()) {
      all.addAll(ruleValues.getOrDefault(id, List.of()));
    }
    return all;
  }

  /** Ids of the rules in the order in which they are tried. */
  public List<String> ruleIds() {
    return rules.stream().map(Rule::id).toList();
  }

  /** What was wrong or noteworthy, in the order of the sources. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * Where values other than built-in ones came from, strongest first: for the one line at the first
   * call.
   */
  public List<Source> sources() {
    return all().stream()
        .map(Setting::source)
        .filter(source -> source != Source.BUILT_IN)
        .distinct()
        .sorted()
        .toList();
  }

  private record CallKey(String provider, String model, String host) {}
}
