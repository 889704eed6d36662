package dev.paceline.diagnosis;

import static dev.paceline.diagnosis.Formats.count;
import static dev.paceline.diagnosis.Formats.number;
import static dev.paceline.diagnosis.Formats.percent;
import static dev.paceline.diagnosis.Formats.time;

import dev.paceline.diagnosis.Finding.Kind;
import dev.paceline.diagnosis.Finding.Severity;
import dev.paceline.words.Limit;
import dev.paceline.words.ScopeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells from numbers what is the matter. Pure; each rule is a method, each has its cases in {@code
 * DiagnosisTest}.
 */
public final class Diagnosis {
  /** Fewer refusals than this in five minutes are noise. */
  private static final long SOME = 3;

  /** … and so is a smaller part of the attempts. */
  private static final double NOTABLE = 0.01;

  /** Limits below this part leave room. */
  private static final double ROOM = 0.7;

  private static final double NEXT_TO_NOTHING = 0.01;
  private static final double OTHERS_COUNT = 0.2;
  private static final long HOUR = 3_600_000;
  private static final long MINUTES = 120_000;
  private static final long A_WHILE = 15_000;

  /**
   * Providers that document a batch API for generation, all with limits of its own and a lower
   * price.
   */
  private static final Set<String> WITH_BATCH =
      Set.of(
          "openai",
          "azure-openai",
          "anthropic",
          "gemini",
          "vertex-ai",
          "bedrock",
          "mistral",
          "groq",
          "together",
          "fireworks");

  private Diagnosis() {}

  /**
   * Everything worth saying, what matters most first; exactly one finding, {@link Kind#ALL_WELL},
   * when nothing is the matter.
   */
  public static List<Finding> of(List<ScopeStats> situations) {
    List<Finding> found = new ArrayList<>();
    situations.stream()
        .sorted(Comparator.comparing((ScopeStats s) -> -s.five().failing()))
        .forEach(situation -> FailedCalls.failing(situation).ifPresent(found::add));
    for (ScopeStats situation : situations) {
      quota(situation).ifPresent(found::add);
      Optional<Finding> shared = keyShared(situation);
      shared.ifPresent(found::add);
      Optional<Finding> saturated = saturated(situation);
      saturated.ifPresent(found::add);
      if (saturated.isPresent()) {
        prompts(situation, saturated.get(), situations).ifPresent(found::add);
      }
      if (shared.isEmpty()) {
        providerTrouble(situation, saturated.isPresent()).ifPresent(found::add);
      }
      FailedCalls.callerDeadline(situation).ifPresent(found::add);
      sdkRetries(situation).ifPresent(found::add);
      batch(situation).ifPresent(found::add);
    }
    if (found.isEmpty()) {
      return List.of(allWell(situations));
    }
    // Stable: within a severity the order of the kinds, then that of the scopes.
    found.sort(Comparator.comparing(Finding::severity).thenComparing(Finding::kind));
    Set<String> known = new HashSet<>();
    return found.stream().filter(finding -> known.add(finding.key())).toList();
  }

  /** A name that comes from a request, fit for a log line or a message. */
  public static String printable(String name) {
    return Formats.name(name);
  }

  private static Optional<Finding> quota(ScopeStats s) {
    long hits = s.five().limited(Limit.QUOTA);
    if (hits == 0) {
      return Optional.empty();
    }
    return Optional.of(
        ofModel(
            s,
            Kind.QUOTA_EXHAUSTED,
            Severity.CRITICAL,
            Limit.QUOTA,
            "The plan or credit with "
                + s.scope().provider()
                + " is used up: "
                + count(hits, "attempt")
                + " at "
                + model(s)
                + " in the last 5 min "
                + (hits == 1 ? "was" : "were")
                + " rejected for it",
            "more credit or a higher spending limit with the provider is needed; waiting and"
                + " retrying do not help"));
  }

  /** The example of the issue this was made from: "TPM is the binding limit of gpt-4o: 92 % …". */
  private static Optional<Finding> saturated(ScopeStats s) {
    ScopeView scope = s.scope();
    Optional<LimitUsage> use = binding(s);
    boolean holds = scope.waiting() > 0 || scope.gateClosedMillis() > 0;
    long refused = s.five().refused();
    Limit limit = use.map(u -> u.now().limit()).orElse(scope.binding());
    if (use.isEmpty()
        && (limit == Limit.QUOTA
            || limit == Limit.CAPACITY
            || !(holds && refused > 0)
            || (refused < SOME && scope.waiting() == 0)
            || headersShowRoom(s))) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    if (use.isPresent() || limit != Limit.UNKNOWN) {
      text.append(name(limit)).append(" is the binding limit of ").append(model(s));
    } else {
      text.append("A limit that no header shows is rejecting ").append(model(s));
    }
    text.append(": ");
    if (use.isPresent()) {
      text.append(percent(use.get().used())).append(" used");
      if (use.get().saturatedMillis() >= A_WHILE) {
        text.append(", saturated for ").append(time(use.get().saturatedMillis()));
      }
    } else {
      text.append(count(refused, "request")).append(" rejected in the last 5 min");
      if (scope.learnedPerMinute() > 0) {
        text.append(", learned pace ")
            .append(number(scope.learnedPerMinute()))
            .append(" requests a minute");
      }
    }
    if (scope.waiting() > 0) {
      text.append("; ")
          .append(count(scope.waiting(), "call"))
          .append(scope.waiting() == 1 ? " waits, for " : " wait, the oldest for ")
          .append(time(scope.oldestWaitMillis()));
    } else if (use.isPresent()) {
      text.append("; queue empty");
    }
    boolean felt = holds || refused > 0;
    return Optional.of(
        new Finding(
            Kind.SATURATED,
            felt ? Severity.WARNING : Severity.NOTICE,
            scope.provider(),
            scope.owner(),
            model(s),
            limit,
            text.toString(),
            advice(limit, use)));
  }

  private static Optional<LimitUsage> binding(ScopeStats s) {
    return s.uses().stream()
        .filter(use -> use.saturatedMillis() > 0)
        .max(
            Comparator.comparing((LimitUsage use) -> use.now().limit() == s.scope().binding())
                .thenComparing(LimitUsage::used));
  }

  private static String advice(Limit limit, Optional<LimitUsage> use) {
    String help =
        switch (limit) {
          case RPM -> "a higher tier or fewer, larger requests would help, more retries would not";
          case TPM, ITPM -> "a higher tier or shorter prompts would help, more retries would not";
          case OTPM -> "a higher tier or a smaller max_tokens would help, more retries would not";
          case RPD, TPD ->
              use.map(u -> "resets in " + time(u.now().resetMillis()) + "; ").orElse("")
                  + "a higher tier or less work a day would help, more retries would not";
          case CONCURRENCY ->
              "a higher tier or fewer calls at a time would help, more retries would not";
          default -> "a higher tier or fewer calls would help, more retries would not";
        };
    double others =
        use.filter(u -> u.now().max() > 0)
            .map(u -> Math.min(1, (double) u.now().others() / u.now().max()))
            .orElse(0.0);
    return others < OTHERS_COUNT
        ? help
        : help + "; other processes with the same key use about " + percent(others) + " of it";
  }

  /** Which model's prompts fill a limit of tokens, and how few of them it admits. */
  private static Optional<Finding> prompts(
      ScopeStats s, Finding saturated, List<ScopeStats> situations) {
    Limit limit = saturated.limit();
    if (limit != Limit.TPM && limit != Limit.ITPM && limit != Limit.TPD || s.requests() < SOME) {
      return Optional.empty();
    }
    long average = s.tokens() / s.requests();
    Optional<LimitUsage> use = s.uses().stream().filter(u -> u.now().limit() == limit).findFirst();
    if (average == 0 || use.isEmpty()) {
      return Optional.empty();
    }
    long all =
        situations.stream()
            .filter(
                other ->
                    other.scope().provider().equals(s.scope().provider())
                        && other.scope().owner().equals(s.scope().owner()))
            .mapToLong(ScopeStats::tokens)
            .sum();
    String share =
        all > s.tokens() ? ", " + percent((double) s.tokens() / all) + " of this key's tokens" : "";
    long window = use.get().now().windowMillis();
    long admits = use.get().now().max() / average;
    return Optional.of(
        new Finding(
            Kind.PROMPTS,
            Severity.NOTICE,
            s.scope().provider(),
            s.scope().owner(),
            model(s),
            limit,
            "A call to "
                + model(s)
                + " is charged "
                + number(average)
                + " tokens on average"
                + share
                + ", so its "
                + name(limit)
                + " of "
                + number(use.get().now().max())
                + " admits "
                + number(admits)
                + (window == 60_000 ? " a minute" : " in " + time(window)),
            "shorter prompts or a smaller max_tokens admit more"));
  }

  private static Optional<Finding> providerTrouble(ScopeStats s, boolean saturated) {
    long trouble = Math.max(s.five().serverErrors(), s.five().limited(Limit.CAPACITY));
    if (notable(trouble, s.five().attempts())) {
      return Optional.of(
          ofModel(
              s,
              Kind.PROVIDER_TROUBLE,
              Severity.WARNING,
              Limit.CAPACITY,
              s.scope().provider()
                  + " is having problems: "
                  + number(trouble)
                  + " of "
                  + count(s.five().attempts(), "attempt")
                  + " at "
                  + model(s)
                  + " in the last 5 min got an overload or server error"
                  + (headersShowRoom(s)
                      ? " while its limits have quota left (" + room(s) + ")"
                      : ""),
              "another model, region or provider would help, a higher tier would not"));
    }
    long refused = s.five().refused();
    if (!saturated && notable(refused, s.five().attempts()) && headersShowRoom(s)) {
      return Optional.of(
          ofModel(
              s,
              Kind.PROVIDER_TROUBLE,
              Severity.WARNING,
              Limit.UNKNOWN,
              s.scope().provider()
                  + " rejects "
                  + model(s)
                  + " although its headers show quota left: "
                  + number(refused)
                  + " of "
                  + count(s.five().attempts(), "request")
                  + " in the last 5 min ("
                  + room(s)
                  + ")",
              "a limit that no header shows, such as one on bursts, or the provider's own load:"
                  + " smoother traffic would help, a higher tier might not"));
    }
    return Optional.empty();
  }

  private static Optional<Finding> keyShared(ScopeStats s) {
    long refused = s.quarter().refused();
    double own = s.uses().stream().mapToDouble(LimitUsage::ownHour).max().orElse(1);
    if (refused == 0 || s.watchedMillis() < HOUR || own >= NEXT_TO_NOTHING) {
      return Optional.empty();
    }
    return Optional.of(
        ofModel(
            s,
            Kind.KEY_SHARED,
            Severity.WARNING,
            s.scope().binding(),
            "Others use the key or project of "
                + model(s)
                + ": "
                + count(refused, "request")
                + " rejected in the last 15 min although this process used "
                + percent(own)
                + " of its limits in the last hour",
            "a key or project of its own for this application would help, a slower pace would"
                + " not"));
  }

  private static Optional<Finding> sdkRetries(ScopeStats s) {
    long repeated = s.quarter().repeated();
    long calls = s.quarter().calls();
    if (repeated < SOME || calls <= repeated || repeated * 10 < calls) {
      return Optional.empty();
    }
    return Optional.of(
        ofModel(
            s,
            Kind.SDK_RETRIES,
            Severity.NOTICE,
            Limit.UNKNOWN,
            "SDK or application retries multiply the calls to "
                + model(s)
                + " by "
                + String.format(Locale.ROOT, "%.1f", (double) calls / (calls - repeated))
                + ": "
                + number(repeated)
                + " of "
                + count(calls, "call")
                + " in the last 15 min repeat an earlier one",
            "switch the SDK's own retries off (max retries 0): the agent already retries what can"
                + " succeed"));
  }

  private static Optional<Finding> batch(ScopeStats s) {
    boolean now = s.scope().oldestWaitMillis() >= MINUTES;
    if (!WITH_BATCH.contains(s.scope().provider()) || (s.quarter().minuteWaits() < SOME && !now)) {
      return Optional.empty();
    }
    String what =
        s.quarter().minuteWaits() >= SOME
            ? number(s.quarter().minuteWaits())
                + " calls to "
                + model(s)
                + " were queued for a minute or more in the last 15 min"
            : "A call to " + model(s) + " has waited " + time(s.scope().oldestWaitMillis());
    return Optional.of(
        ofModel(
            s,
            Kind.BATCH,
            Severity.NOTICE,
            s.scope().binding(),
            what,
            "work that can wait fits "
                + s.scope().provider()
                + "'s batch API, which has limits of its own and usually half the price"));
  }

  private static Finding allWell(List<ScopeStats> situations) {
    Counts all = Counts.NONE;
    Set<String> models = new HashSet<>();
    for (ScopeStats s : situations) {
      if (models.add(s.scope().provider() + "\n" + s.scope().model())) {
        all = all.plus(s.quarter());
      }
    }
    long hit = all.limited().values().stream().mapToLong(Long::longValue).sum();
    String sentence =
        all.calls() == 0
            ? "No call to an LLM in the last 15 min"
            : "No problems: "
                + count(all.calls(), "call")
                + " in the last 15 min, "
                + (hit == 0 ? "no 429 response" : count(hit, "429 response"))
                + ", "
                + (all.waits() == 0 ? "none queued" : number(all.waits()) + " queued");
    return new Finding(Kind.ALL_WELL, Severity.FINE, "", "", "", Limit.UNKNOWN, sentence, "");
  }

  static boolean notable(long some, long attempts) {
    return some >= SOME && some >= attempts * NOTABLE;
  }

  private static boolean headersShowRoom(ScopeStats s) {
    return !s.uses().isEmpty() && s.uses().stream().allMatch(use -> use.used() < ROOM);
  }

  private static String room(ScopeStats s) {
    return s.uses().stream()
        .map(use -> name(use.now().limit()) + " " + percent(use.used()))
        .collect(Collectors.joining(", ", "", " used"));
  }

  static Finding ofModel(
      ScopeStats s, Kind kind, Severity severity, Limit limit, String sentence, String advice) {
    return new Finding(kind, severity, s.scope().provider(), "", model(s), limit, sentence, advice);
  }

  static String model(ScopeStats s) {
    return Formats.name(s.scope().modelName());
  }

  private static String name(Limit limit) {
    return switch (limit) {
      case CONCURRENCY -> "Concurrency";
      case UNKNOWN, QUOTA, CAPACITY -> limit.tag();
      default -> limit.tag().toUpperCase(Locale.ROOT);
    };
  }
}
