package dev.paceline.config;

import dev.paceline.config.Layer.Entry;
import dev.paceline.config.Problem.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts the layers of one reading together. Used once. */
final class Assembly {
  private static final Set<Key<?>> SELECTORS =
      Stream.concat(
              Stream.of(RuleKeys.PROVIDER, RuleKeys.MODEL, RuleKeys.HOST),
              ClassKeys.SELECTORS.stream())
          .collect(Collectors.toUnmodifiableSet());

  /**
   * What a value that is not understood means where the default would do more than was asked:
   * somebody who mistypes {@code observe} did not ask for pacing.
   */
  private static final Map<Key<?>, Object> CAUTIOUS =
      Map.of(
          Keys.MODE,
          Mode.OBSERVE,
          RuleKeys.MODE,
          Mode.OBSERVE,
          Keys.ENABLED,
          false,
          RuleKeys.ENABLED,
          false);

  private final List<Layer> layers;
  private final ProviderNames providers;
  private final List<Problem> problems;
  private final ClassContradictions contradictions;

  /**
   * @param layers strongest first
   * @param problems those found so far; more are added
   */
  Assembly(List<Layer> layers, ProviderNames providers, List<Problem> problems) {
    this.layers = layers;
    this.providers = providers;
    this.problems = problems;
    this.contradictions = new ClassContradictions(problems);
  }

  Settings settings(Optional<Settings> running) {
    Map<String, Setting<?>> values = new LinkedHashMap<>();
    for (Key<?> key : Keys.all()) {
      Setting<?> read = effective(key);
      boolean keep = running.isPresent() && !key.dynamic();
      values.put(key.name(), keep ? running.get().setting(key) : read);
    }
    Map<String, List<Setting<?>>> rules = new LinkedHashMap<>();
    for (String id : ruleIds()) {
      rule(id).ifPresent(settings -> rules.put(id, settings));
    }
    noteWaits(values);
    contradictions.note(values, rules);
    return new Settings(values, rules, problems, refused(values));
  }

  /** Anything wrong switches a strict agent off; said once, after what was wrong. */
  private boolean refused(Map<String, Setting<?>> values) {
    Setting<?> strict = values.get(Keys.CONFIG_STRICT.name());
    long serious = problems.stream().filter(Problem::serious).count();
    if (strict == null || !Boolean.TRUE.equals(strict.value()) || serious == 0) {
      return false;
    }
    String line =
        Keys.CONFIG_STRICT.property()
            + "=true: switched off, because the configuration has "
            + serious
            + " problem(s)";
    problems.add(new Problem(Kind.NOTE, strict.source(), line));
    return true;
  }

  private <T> Setting<T> effective(Key<T> key) {
    Optional<Setting<T>> typed = typed(key, key.name(), "using the default " + defaultShown(key));
    return typed.orElseGet(
        () -> new Setting<>(key.name(), key.defaultValue(), key.defaultText(), Source.BUILT_IN));
  }

  private static String defaultShown(Key<?> key) {
    return key.defaultText().isEmpty() ? "(none)" : key.defaultText();
  }

  /** The strongest source's value when it has one and it is understood. */
  private <T> Optional<Setting<T>> typed(Key<T> key, String name, String instead) {
    for (Layer layer : layers) {
      Entry entry = layer.entries().get(name);
      if (entry != null) {
        return understood(key, name, layer.source(), entry, instead);
      }
    }
    return Optional.empty();
  }

  private <T> Optional<Setting<T>> understood(
      Key<T> key, String name, Source source, Entry entry, String instead) {
    Parsed<T> parsed = key.type().parse(entry.text());
    for (String rejected : parsed.rejected()) {
      bad(key, source, entry, rejected, "it is left out");
    }
    Optional<T> value = parsed.value().flatMap(read -> withProviderIds(key, read, source, entry));
    if (value.isEmpty()) {
      @SuppressWarnings("unchecked") // of the key's own type, in the table above
      Optional<T> cautious = Optional.ofNullable((T) CAUTIOUS.get(key));
      String taken = cautious.map(v -> "taken as " + word(v)).orElse(instead);
      bad(key, source, entry, entry.text(), taken);
      return cautious.map(v -> new Setting<>(name, v, word(v), source));
    }
    return value.map(read -> new Setting<>(name, read, key.shown(entry.text()), source));
  }

  private static String word(Object value) {
    return value.toString().toLowerCase(Locale.ROOT);
  }

  private void bad(Key<?> key, Source source, Entry entry, String text, String instead) {
    String line =
        entry.place()
            + ": \""
            + ConfigText.shown(key.shown(text))
            + "\" is not understood; accepted: "
            + key.type().accepted()
            + "; "
            + instead;
    problems.add(new Problem(Kind.BAD_VALUE, source, line));
  }

  /** Replaces aliases of providers by their ids; unknown ones are rejected. */
  @SuppressWarnings("unchecked") // each branch gives back what the key's own type is
  private <T> Optional<T> withProviderIds(Key<T> key, T value, Source source, Entry entry) {
    if (key == RuleKeys.PROVIDER) {
      return (Optional<T>) providers.idOf((String) value);
    }
    if (key == Keys.HOSTS) {
      List<HostMapping> known = new ArrayList<>();
      for (HostMapping mapping : (List<HostMapping>) value) {
        Optional<String> id = providers.idOf(mapping.provider());
        id.ifPresentOrElse(
            found -> known.add(mapping.withProvider(found)),
            () -> bad(key, source, entry, mapping.toString(), "no such provider; it is left out"));
      }
      return (Optional<T>) Optional.of(List.copyOf(known));
    }
    return Optional.of(value);
  }

  private Set<String> ruleIds() {
    Set<String> ids = new TreeSet<>();
    for (Layer layer : layers) {
      for (String name : layer.entries().keySet()) {
        if (name.startsWith(RuleKeys.PREFIX)) {
          ids.add(KeyNames.ruleId(name, RuleKeys.PREFIX.length()));
        }
      }
    }
    return ids;
  }

  /** The settings of a rule; empty when it cannot be applied. */
  private Optional<List<Setting<?>>> rule(String id) {
    List<Setting<?>> settings = new ArrayList<>();
    int selectors = 0;
    boolean selectorLost = false;
    Set<Source> sources = new LinkedHashSet<>();
    for (Map.Entry<String, Key<?>> ruleKey : namesIn(id).entrySet()) {
      String name = RuleKeys.PREFIX + id + "." + ruleKey.getKey();
      boolean selector = SELECTORS.contains(ruleKey.getValue());
      Optional<? extends Setting<?>> setting = typed(ruleKey.getValue(), name, "it is left out");
      setting.ifPresent(settings::add);
      selectors += selector && setting.isPresent() ? 1 : 0;
      selectorLost |= selector && setting.isEmpty() && isGiven(name, sources);
      isGiven(name, sources);
    }
    // A rule that lost a selector would match more calls than was meant, perhaps all: worse than no
    // rule.
    if (selectorLost || selectors == 0) {
      String why =
          selectorLost
              ? "a selector of it is not understood"
              : "it has neither provider, model nor host, nor anything else that calls are told by";
      Source source = sources.contains(Source.FILE) ? Source.FILE : sources.iterator().next();
      problems.add(new Problem(Kind.BAD_RULE, source, "rule " + id + " is left out: " + why));
      return Optional.empty();
    }
    return Optional.of(contradictions.withoutEffectless(id, settings));
  }

  /** Keys that a rule may have, each header that it asks for among them. */
  private Map<String, Key<?>> namesIn(String id) {
    Map<String, Key<?>> names = new LinkedHashMap<>(RuleKeys.byLastWord());
    names.values().remove(ClassKeys.RULE_HEADER);
    String prefix = RuleKeys.PREFIX + id + ".";
    for (Layer layer : layers) {
      for (String name : new TreeSet<>(layer.entries().keySet())) {
        if (name.startsWith(prefix + KeyNames.HEADER)) {
          names.put(name.substring(prefix.length()), ClassKeys.RULE_HEADER);
        }
      }
    }
    return names;
  }

  private boolean isGiven(String name, Set<Source> sources) {
    boolean given = false;
    for (Layer layer : layers) {
      if (layer.entries().containsKey(name)) {
        sources.add(layer.source());
        given = true;
      }
    }
    return given;
  }

  /** A longer single wait than all waits together has no effect, and nobody would find out why. */
  private void noteWaits(Map<String, Setting<?>> values) {
    Setting<?> single = values.get(Keys.MAX_WAIT.name());
    Setting<?> together = values.get(Keys.MAX_CALL_WAIT.name());
    if (single != null
        && together != null
        && single.value() instanceof Long one
        && together.value() instanceof Long all
        && one > all) {
      String line =
          Keys.MAX_WAIT.property()
              + "="
              + single.text()
              + " is longer than "
              + Keys.MAX_CALL_WAIT.property()
              + "="
              + together.text()
              + ", which ends a call's waits first";
      problems.add(new Problem(Kind.NOTE, single.source(), line));
    }
  }
}
