package dev.paceline.simulation;

import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Neighbour;
import dev.paceline.sim.Plan;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Every scenario of the report, by name. */
final class Scenarios {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final long SECOND = 1_000_000_000L;
  private static final ResponseStyle OPEN = ResponseStyle.DOCUMENTED;

  private Scenarios() {}

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    LimitRule cont = LimitRule.continuous(Limit.RPM, 300, MINUTE);
    LimitRule fixed = LimitRule.fixed(Limit.RPM, 300, MINUTE);
    LimitRule roll = LimitRule.rolling(Limit.RPM, 300, MINUTE);
    all.add(burst("burst300/cont", 300, cont));
    all.add(burst("burst300/fixed", 300, fixed));
    all.add(burst("burst450/fixed", 450, fixed));
    all.add(burst("burst450/rolling", 450, roll));
    all.add(
        burst(
                "burst300/750rpm-tenth",
                300,
                LimitRule.continuous(Limit.RPM, 750, MINUTE).withInitial(75))
            .hides());
    all.add(
        burst(
                "burst300/750rpm-tenth/answers20s",
                300,
                LimitRule.continuous(Limit.RPM, 750, MINUTE).withInitial(75))
            .service(20)
            .plain(1)
            .hides());
    all.add(burst("burst300/5000rpm", 300, LimitRule.continuous(Limit.RPM, 5_000, MINUTE)));
    all.add(
        new Scenario(
                "burst300/unlimited/answers20s",
                Plan.unlimited(),
                OPEN.withoutLimitHeaders().withoutFigures(),
                1_000,
                100_000,
                new Scenario.Load.Burst(300),
                false,
                0,
                1,
                20,
                15,
                1,
                0,
                120,
                false,
                false,
                Plan.unlimited())
            .hides());
    all.add(
        tokens(
            "burst200/1MTPM",
            1_000_000,
            LimitRule.continuous(Limit.TPM, 1_000_000, MINUTE),
            new Scenario.Load.Burst(200)));
    all.add(
        tokens(
                "burst200/1MTPM-tenth",
                1_000_000,
                LimitRule.continuous(Limit.TPM, 1_000_000, MINUTE).withInitial(100_000),
                new Scenario.Load.Burst(200))
            .hides());
    LimitRule small = LimitRule.continuous(Limit.RPM, 1_200, MINUTE).withBurst(20);
    all.add(burst("burst120/1200rpm-burst20", 120, small).told(20));
    all.add(over("over/1200rpm-burst20", small).told(20));
    all.add(
        over("over/1200rpm-burst200", LimitRule.continuous(Limit.RPM, 1_200, MINUTE).withBurst(200))
            .told(200));
    all.add(over("over/cont", cont));
    all.add(over("over/cont/plain", cont).plain(1));
    all.add(over("over/cont/stream", cont).plain(0));
    all.add(over("over/fixed", fixed));
    all.add(over("over/rolling", roll));
    all.add(over("over/cont/chgRej", cont.chargingRejected()).fair(cont));
    all.add(over("over/roll/chgRej", roll.chargingRejected()).fair(roll));
    all.add(over("over/deadline30", cont).deadline(30));
    all.add(over("over/deadline30/chgRej", cont.chargingRejected()).deadline(30).fair(cont));
    all.add(bursty("bursty/cont", 60, cont));
    all.add(bursty("bursty/fixed", 150, fixed));
    all.add(heavy("heavyTPM/cont", LimitRule.continuous(Limit.TPM, 300_000, MINUTE)));
    all.add(heavy("heavyTPM/plain", LimitRule.continuous(Limit.TPM, 300_000, MINUTE)).plain(1));
    all.add(heavy("heavyTPM/fixed", LimitRule.fixed(Limit.TPM, 300_000, MINUTE)));
    all.add(heavy("heavyTPM/roll", LimitRule.rolling(Limit.TPM, 300_000, MINUTE)));
    all.add(heavy("heavy/est60%", LimitRule.continuous(Limit.TPM, 300_000, MINUTE)).estimates(0.6));
    all.add(
        heavy("heavy/rem1000", LimitRule.continuous(Limit.TPM, 300_000, MINUTE))
            .manners(OPEN.coarse(true, 1_000)));
    LimitRule cont600 = LimitRule.continuous(Limit.RPM, 600, MINUTE);
    all.add(over("over/slice.5", cont600.sliced(Duration.ofMillis(500), false)).hides());
    all.add(burst("burst300/slice1", 300, cont600.sliced(Duration.ofSeconds(1), false)).hides());
    all.add(over("over/fixslice1", cont600.sliced(Duration.ofSeconds(1), true)).hides());
    all.add(over("over/conc10", 10, Plan.of(cont600, LimitRule.concurrency(10)), 600).hides());
    all.add(
        new Scenario(
            "burst300/conc8",
            Plan.of(cont600, LimitRule.concurrency(8)),
            OPEN,
            4,
            8,
            new Scenario.Load.Burst(300),
            false,
            0.3,
            0.5,
            1.5,
            15,
            1,
            0,
            120,
            false,
            false,
            Plan.of(cont600, LimitRule.concurrency(8))));
    all.add(over("over/noRA", cont).manners(OPEN.with(ResponseStyle.Hint.NONE)));
    all.add(
        over("over/429nohdr,noRA", cont)
            .manners(OPEN.with(ResponseStyle.Hint.NONE).withoutLimitHeadersOnError()));
    all.add(over("over/noHdr", cont).manners(OPEN.withoutLimitHeaders().withoutFigures()));
    all.add(
        over("over/noHdr/noRA", cont)
            .manners(OPEN.withoutLimitHeaders().withoutFigures().with(ResponseStyle.Hint.NONE)));
    all.add(
        burst("burst450/noHdr", 450, cont).manners(OPEN.withoutLimitHeaders().withoutFigures()));
    LimitRule tiny = LimitRule.continuous(Limit.RPM, 1_200, MINUTE).withBurst(6);
    all.add(
        burst("burst30/noHdr/burst6", 30, tiny)
            .manners(OPEN.withoutLimitHeaders().withoutFigures()));
    all.add(over("over/noHdr/fix", fixed).manners(OPEN.withoutLimitHeaders().withoutFigures()));
    all.add(over("over/noHdr/figures", cont).manners(OPEN.withoutLimitHeaders()));
    all.add(over("over/noReset", cont).manners(OPEN.withoutResets()));
    all.add(over("over/fixed/noReset", fixed).manners(OPEN.withoutResets()));
    all.add(over("over/trunc1s", cont).manners(OPEN.coarse(true, 1)));
    Neighbour third = Neighbour.share(300, 300, 60 * SECOND);
    Neighbour half = Neighbour.share(500, 300, 60 * SECOND).onOff(4 * SECOND, 4 * SECOND);
    all.add(
        over("over/nb30", cont.shared(third))
            .fair(LimitRule.continuous(Limit.RPM, 210, MINUTE).withBurst(300))
            .hides());
    all.add(
        over("over/nbOnOff50", cont.shared(half))
            .fair(LimitRule.continuous(Limit.RPM, 225, MINUTE).withBurst(300))
            .hides());
    all.add(
        over("over/nbOnOff50/plain", cont.shared(half))
            .plain(1)
            .fair(LimitRule.continuous(Limit.RPM, 225, MINUTE).withBurst(300))
            .hides());
    all.add(
        heavy(
                "heavy/nbOnOff",
                LimitRule.continuous(Limit.TPM, 300_000, MINUTE)
                    .shared(
                        Neighbour.share(500, 300_000, 60 * SECOND).onOff(4 * SECOND, 4 * SECOND)))
            .fair(LimitRule.continuous(Limit.TPM, 225_000, MINUTE).withBurst(300_000))
            .hides());
    all.add(
        over("over/nbBurst30", cont.shared(Neighbour.burst(90, 40 * SECOND)))
            .fair(LimitRule.continuous(Limit.RPM, 165, MINUTE).withBurst(300))
            .hides());
    all.add(
        over("over/nb30/fixed", fixed.shared(third))
            .fair(LimitRule.fixed(Limit.RPM, 210, MINUTE))
            .hides());
    all.add(
        over("over/nbOnOff/roll", roll.shared(half))
            .fair(LimitRule.rolling(Limit.RPM, 225, MINUTE))
            .hides());
    all.add(over("over/half", cont.changing(Duration.ofSeconds(100), 150)).hides());
    all.add(over("over/double", cont.changing(Duration.ofSeconds(100), 600)).hides());
    all.add(over("over/W6", LimitRule.continuous(Limit.RPM, 30, Duration.ofSeconds(6))));
    all.add(over("over/W6/fix", LimitRule.fixed(Limit.RPM, 30, Duration.ofSeconds(6))));
    all.add(
        over("day/fixed", 2, Plan.of(LimitRule.fixed(Limit.RPD, 1_000, DAY).withInitial(600)), 60)
            .hides());
    all.add(
        new Scenario(
            "burst12/rpm5",
            Plan.of(LimitRule.continuous(Limit.RPM, 5, MINUTE)),
            OPEN,
            5 / 60.0,
            5,
            new Scenario.Load.Burst(12),
            false,
            0.3,
            0.5,
            1.5,
            15,
            1,
            0,
            120,
            false,
            true,
            Plan.of(LimitRule.continuous(Limit.RPM, 5, MINUTE))));
    all.add(over("over/rpm20", LimitRule.continuous(Limit.RPM, 20, MINUTE)));
    all.add(over("over/rpm3000", LimitRule.continuous(Limit.RPM, 3_000, MINUTE), 100));
    all.add(over("under.8x", 4, Plan.of(cont), 300));
    all.add(over("cold/empty", cont.withInitial(0)));
    all.add(over("over/jitter150ms", cont).jitter(150));
    all.add(over("over/fixed/jit150", fixed).jitter(150));
    LimitRule day = LimitRule.continuous(Limit.RPD, 14_400, DAY);
    all.add(
        over(
                "groq/hidRPM60",
                2,
                Plan.of(day, LimitRule.continuous(Limit.RPM, 60, MINUTE).asHidden()),
                60)
            .manners(OPEN.withoutFigures()));
    all.add(
        over(
                "groq/hidRPM60fix",
                2,
                Plan.of(day, LimitRule.fixed(Limit.RPM, 60, MINUTE).asHidden()),
                60)
            .manners(OPEN.withoutFigures()));
    all.add(
        over(
                "groq/hidRPM60/figures",
                2,
                Plan.of(day, LimitRule.continuous(Limit.RPM, 60, MINUTE).asHidden()),
                60)
            .hides());
    all.add(over("8jvm/over/cont", cont).jvms(8));
    all.add(over("8jvm/over/plain", cont).plain(1).jvms(8));
    all.add(over("8jvm/over/fixed", fixed).jvms(8));
    all.add(over("8jvm/roll", roll).jvms(8));
    all.add(over("8jvm/late/cont", cont).jvms(8).late(60));
    all.add(over("8jvm/late/fixed", fixed).jvms(8).late(60));
    all.add(over("8jvm/late/roll", roll).jvms(8).late(60));
    all.add(burst("8jvm/burst300", 300, cont).jvms(8));
    all.add(burst("8jvm/burst450", 450, cont).jvms(8));
    all.add(
        over("8jvm/over/noHdr", cont).manners(OPEN.withoutLimitHeaders().withoutFigures()).jvms(8));
    all.add(over("8jvm/over/noHdr/figures", cont).manners(OPEN.withoutLimitHeaders()).jvms(8));
    all.add(bursty("8jvm/bursty", 60, cont).jvms(8));
    all.add(heavy("8jvm/heavy", LimitRule.continuous(Limit.TPM, 300_000, MINUTE)).jvms(8));
    all.add(over("8jvm/conc20", 20, Plan.of(cont600, LimitRule.concurrency(20)), 600).jvms(8));
    all.add(over("8jvm/slice.5", cont600.sliced(Duration.ofMillis(500), false)).jvms(8).hides());
    all.add(over("8jvm/over/rpm1200", LimitRule.continuous(Limit.RPM, 1_200, MINUTE)).jvms(8));
    return all;
  }

  private static Scenario burst(String name, int calls, LimitRule rule) {
    return scenario(name, Plan.of(rule), rule, new Scenario.Load.Burst(calls), false);
  }

  private static Scenario over(String name, LimitRule rule) {
    return over(name, rule, 300);
  }

  private static Scenario over(String name, LimitRule rule, int seconds) {
    double perSecond = perSecond(rule);
    return scenario(
        name, Plan.of(rule), rule, new Scenario.Load.Poisson(2 * perSecond, seconds), false);
  }

  private static Scenario over(String name, double callsPerSecond, Plan plan, long told) {
    Scenario base =
        scenario(
            name, plan, plan.rules().get(0), new Scenario.Load.Poisson(callsPerSecond, 300), false);
    return new Scenario(
        name,
        plan,
        OPEN,
        told / 60.0,
        told,
        base.load(),
        false,
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

  private static Scenario bursty(String name, int calls, LimitRule rule) {
    return scenario(name, Plan.of(rule), rule, new Scenario.Load.Bursts(calls, 15, 300), false);
  }

  private static Scenario heavy(String name, LimitRule rule) {
    // 800 tokens in the median, 1,640 on average.
    return tokens(name, rule.amount(), rule, new Scenario.Load.Poisson(3.9, 300));
  }

  private static Scenario tokens(String name, long amount, LimitRule rule, Scenario.Load load) {
    return scenario(name, Plan.of(rule), rule, load, true);
  }

  private static Scenario scenario(
      String name, Plan plan, LimitRule rule, Scenario.Load load, boolean tokens) {
    return new Scenario(
        name,
        plan,
        OPEN,
        perSecond(rule),
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

  private static double perSecond(LimitRule rule) {
    return rule.amount() * 1e9 / rule.windowNanos();
  }
}
