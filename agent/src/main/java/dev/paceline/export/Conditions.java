package dev.paceline.export;

import dev.paceline.diagnosis.Counts;
import dev.paceline.diagnosis.Diagnosis;
import dev.paceline.diagnosis.Finding;
import dev.paceline.diagnosis.Finding.Severity;
import dev.paceline.diagnosis.ScopeStats;
import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What of all that a diagnosis says somebody wants to be told of at once. */
public final class Conditions {
  /** Of the attempts of the last five minutes; the threshold of the Prometheus alert as well. */
  private static final double REFUSED = 0.01;

  /** Fewer are noise. */
  private static final long SOME = 3;

  private Conditions() {}

  /** Everything that is so now. */
  public static List<Condition> of(List<ScopeStats> situations) {
    List<Condition> conditions = new ArrayList<>();
    for (Finding finding : Diagnosis.of(situations)) {
      switch (finding.kind()) {
        case FAILING -> {
          if (finding.severity() == Severity.CRITICAL) {
            conditions.add(told(Condition.Kind.FAILING, finding));
          }
        }
        case QUOTA_EXHAUSTED -> conditions.add(told(Condition.Kind.QUOTA, finding));
        case SATURATED -> {
          if (finding.severity() != Severity.NOTICE) { // nobody waits and nothing is refused
            conditions.add(told(Condition.Kind.SATURATED, finding));
          }
        }
        default -> {}
      }
    }
    for (ScopeStats situation : situations) {
      refused(situation, conditions);
    }
    return conditions;
  }

  private static Condition told(Condition.Kind kind, Finding finding) {
    return new Condition(
        kind,
        finding.provider(),
        finding.owner(),
        finding.model(),
        finding.limit().tag(),
        finding.text());
  }

  private static void refused(ScopeStats situation, List<Condition> conditions) {
    Counts five = situation.five();
    long refused = five.refused();
    if (refused < SOME || refused <= five.attempts() * REFUSED) {
      return;
    }
    Limit most =
        five.limited().entrySet().stream()
            .filter(hit -> hit.getKey() != Limit.QUOTA && hit.getKey() != Limit.CAPACITY)
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(Limit.UNKNOWN);
    String model = Diagnosis.printable(situation.scope().model());
    Condition condition =
        new Condition(
            Condition.Kind.REFUSED,
            situation.scope().provider(),
            "",
            model,
            most.tag(),
            refused
                + " of "
                + five.attempts()
                + " attempts at "
                + model
                + " were refused in the last 5 min, most by "
                + most.tag());
    if (conditions.stream().noneMatch(known -> known.key().equals(condition.key()))) {
      conditions.add(condition); // scopes of several owners share a model's counts
    }
  }
}
