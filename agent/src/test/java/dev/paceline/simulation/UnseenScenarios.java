package dev.paceline.simulation;

import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Neighbour;
import dev.paceline.sim.Plan;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Scenarios that no rule of pacing was tuned on: they tell whether a rule generalises. Never choose
 * a constant by them.
 */
final class UnseenScenarios {
  private static final long SECOND = 1_000_000_000L;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private UnseenScenarios() {}

  /** One way of counting: a token bucket, a fixed or a sliding window. */
  private enum Window {
    BUCKET,
    FIXED,
    SLIDING;

    LimitRule rule(long amount, Duration window) {
      return rule(Limit.RPM, amount, window);
    }

    LimitRule rule(Limit limit, long amount, Duration window) {
      return switch (this) {
        case BUCKET -> LimitRule.continuous(limit, amount, window);
        case FIXED -> LimitRule.fixed(limit, amount, window);
        case SLIDING -> LimitRule.rolling(limit, amount, window);
      };
    }

    String title() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    for (Window window : Window.values()) {
      add(all, window);
    }
    all.add(
        both(
            "unseen/rpm+tpm/mixed",
            LimitRule.fixed(Limit.RPM, 200, MINUTE),
            LimitRule.continuous(Limit.TPM, 300_000, MINUTE)));
    LimitRule tenth =
        LimitRule.continuous(Limit.RPM, 750, MINUTE)
            .withInitial(75)
            .shared(Neighbour.share(500, 750, 60 * SECOND).onOff(4 * SECOND, 4 * SECOND));
    all.add(
        scenario(
                "unseen/burst200/750rpm-tenth/nbOnOff50",
                Plan.of(tenth),
                new Scenario.Load.Burst(200),
                false)
            .fair(tenth));
    return all;
  }

  private static void add(List<Scenario> all, Window window) {
    String of = "/" + window.title();
    LimitRule minute = window.rule(300, MINUTE);
    all.add(over("unseen/W2s" + of, window.rule(20, Duration.ofSeconds(2)), 120));
    all.add(over("unseen/W10s" + of, window.rule(50, Duration.ofSeconds(10)), 240));
    all.add(over("unseen/W20s" + of, window.rule(100, Duration.ofSeconds(20)), 240));
    all.add(over("unseen/W300s" + of, window.rule(600, Duration.ofSeconds(300)), 900));
    all.add(
        over("unseen/hour" + of, window.rule(3_600, Duration.ofHours(1)).withInitial(600), 600)
            .hides());
    all.add(over("unseen/answers20s" + of, minute, 300).service(20).plain(1));
    all.add(over("unseen/answers60s" + of, minute, 300).service(60).plain(1));
    all.add(over("unseen/jitter50ms" + of, minute, 300).jitter(50));
    if (window == Window.SLIDING) { // the report has the others
      all.add(over("unseen/jitter150ms" + of, minute, 300).jitter(150));
    }
    all.add(
        both(
            "unseen/rpm+tpm" + of,
            window.rule(200, MINUTE),
            window.rule(Limit.TPM, 300_000, MINUTE)));
    for (int processes : new int[] {2, 3, 20}) {
      all.add(
          over("unseen/" + processes + "jvm/turns" + of, minute, 300)
              .jvms(processes)
              .turns(80, 50));
    }
    all.add(
        over("unseen/50jvm/turns" + of, window.rule(1_200, MINUTE), 120).jvms(50).turns(80, 50));
    Neighbour half = Neighbour.share(500, 300, 60 * SECOND).onOff(20 * SECOND, 20 * SECOND);
    all.add(
        over("unseen/nbOnOff20s" + of, minute.shared(half), 300)
            .fair(
                window == Window.BUCKET
                    ? LimitRule.continuous(Limit.RPM, 225, MINUTE).withBurst(300)
                    : window.rule(225, MINUTE)));
    for (int limit : new int[] {3, 5, 10}) {
      all.add(over("unseen/rpm" + limit + of, window.rule(limit, MINUTE), 600));
    }
    all.add(
        over(
                "unseen/changed-twice" + of,
                minute
                    .changing(Duration.ofSeconds(100), 150)
                    .changing(Duration.ofSeconds(200), 600),
                300)
            .hides());
    all.add(over("unseen/lost25" + of, minute, 300).losing(0.25));
  }

  /** Twice the limit's rate. */
  private static Scenario over(String name, LimitRule rule, int seconds) {
    double perSecond = rule.amount() * 1e9 / rule.windowNanos();
    return scenario(name, Plan.of(rule), new Scenario.Load.Poisson(2 * perSecond, seconds), false);
  }

  /**
   * Two limits of which now the one, now the other binds: at 1,640 tokens on average 300,000 a
   * minute are 183 calls.
   */
  private static Scenario both(String name, LimitRule requests, LimitRule tokens) {
    return scenario(name, Plan.of(requests, tokens), new Scenario.Load.Poisson(6, 300), true)
        .hides();
  }

  private static Scenario scenario(String name, Plan plan, Scenario.Load load, boolean tokens) {
    LimitRule rule = plan.rules().get(0);
    return new Scenario(
        name,
        plan,
        ResponseStyle.DOCUMENTED,
        rule.amount() * 1e9 / rule.windowNanos(),
        rule.amount(),
        load,
        tokens,
        0.3,
        0.5,
        1.5,
        15,
        1,
        0,
        120,
        false,
        true,
        plan);
  }
}
