package dev.paceline.config;

import dev.paceline.config.Problem.Kind;
import dev.paceline.words.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What cannot be meant so about classes, tenants and their limits. */
final class ClassContradictions {
  /** What holds for a scope, and cannot hold for some of its calls. */
  private static final Set<Key<?>> OF_SCOPES =
      Set.of(
          RuleKeys.RPM,
          RuleKeys.TPM,
          RuleKeys.ITPM,
          RuleKeys.OTPM,
          RuleKeys.RPD,
          RuleKeys.TPD,
          RuleKeys.CONCURRENCY);

  private record Pair(Key<Long> tenant, Key<Long> all) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair(ClassKeys.RULE_TENANT_RPM, RuleKeys.RPM),
          new Pair(ClassKeys.RULE_TENANT_TPM, RuleKeys.TPM),
          new Pair(ClassKeys.RULE_TENANT_RPD, RuleKeys.RPD),
          new Pair(ClassKeys.RULE_TENANT_TPD, RuleKeys.TPD),
          new Pair(ClassKeys.RULE_TENANT_CONCURRENCY, RuleKeys.CONCURRENCY));

  private final List<Problem> problems;

  ClassContradictions(List<Problem> problems) {
    this.problems = problems;
  }

  /** The settings of a rule without those that would have no effect, each with a line. */
  List<Setting<?>> withoutEffectless(String id, List<Setting<?>> settings) {
    boolean ofCalls = new Rule(id, settings).ofCalls();
    List<Setting<?>> kept = new ArrayList<>();
    for (Setting<?> setting : settings) {
      if (ofCalls && OF_SCOPES.contains(key(id, setting))) {
        problems.add(
            new Problem(
                Kind.BAD_VALUE,
                setting.source(),
                Key.PREFIX
                    + setting.name()
                    + " is left out: such a limit holds for all calls of a key and model, not for"
                    + " those of one header, thread, caller, operation or stream; put it into a"
                    + " rule without these, or limit each tenant"));
      } else {
        kept.add(setting);
      }
    }
    return List.copyOf(kept);
  }

  private static Key<?> key(String id, Setting<?> setting) {
    Key<?> key =
        RuleKeys.byLastWord()
            .get(setting.name().substring(RuleKeys.PREFIX.length() + id.length() + 1));
    return key == null ? ClassKeys.RULE_HEADER : key;
  }

  /** What is used, but probably not meant. */
  void note(Map<String, Setting<?>> values, Map<String, List<Setting<?>>> rules) {
    Setting<?> sources = values.get(ClassKeys.TENANT.name());
    boolean tenants = sources != null && !List.of().equals(sources.value());
    rules.forEach(
        (id, settings) -> {
          for (Pair pair : PAIRS) {
            Optional<Long> tenant = Rule.value(settings, pair.tenant, Long.class);
            Optional<Long> all = Rule.value(settings, pair.all, Long.class);
            if (tenant.isPresent() && all.isPresent() && tenant.get() > all.get()) {
              note(
                  id,
                  pair.tenant,
                  settings,
                  " is more than the rule allows all tenants together, so it has no effect");
            }
            if (tenant.isPresent() && !tenants) {
              note(
                  id,
                  pair.tenant,
                  settings,
                  " holds only for calls with the header x-paceline-tenant: "
                      + ClassKeys.TENANT.property()
                      + " is not set");
              break;
            }
          }
        });
    noteFloor(values.get(ClassKeys.PRIORITY_FLOOR.name()));
    boolean background =
        rules.values().stream()
            .map(settings -> Rule.value(settings, ClassKeys.RULE_PRIORITY, Priority.class))
            .anyMatch(priority -> priority.equals(Optional.of(Priority.BACKGROUND)));
    rules.forEach(
        (id, settings) -> {
          if (!background
              && Rule.value(settings, ClassKeys.RULE_HEADROOM, Double.class).isPresent()) {
            note(
                id,
                ClassKeys.RULE_HEADROOM,
                settings,
                " is left free by background calls, and no rule makes any");
          }
        });
  }

  /** There are two lower priorities, and each has the floor. */
  private void noteFloor(@Nullable Setting<?> floor) {
    if (floor != null && floor.value() instanceof Double part && 2 * part >= 1) {
      problems.add(
          new Problem(
              Kind.NOTE,
              floor.source(),
              ClassKeys.PRIORITY_FLOOR.property()
                  + "="
                  + floor.text()
                  + " leaves interactive calls nothing while normal and background ones wait"));
    }
  }

  private void note(String id, Key<?> key, List<Setting<?>> settings, String what) {
    String name = RuleKeys.PREFIX + id + key.name().substring("rule.<id>".length());
    settings.stream()
        .filter(setting -> setting.name().equals(name))
        .findFirst()
        .ifPresent(
            setting ->
                problems.add(
                    new Problem(
                        Kind.NOTE,
                        setting.source(),
                        Key.PREFIX + name + "=" + setting.text() + what)));
  }
}
