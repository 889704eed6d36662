package dev.paceline.simulation;

import static dev.paceline.simulation.FamilyWorld.MILLI;
import static dev.paceline.simulation.FamilyWorld.SECOND;

import dev.paceline.config.FamilyMode;
import dev.paceline.sim.Manners;
import dev.paceline.sim.Neighbour;
import dev.paceline.sim.Plan;
import dev.paceline.sim.Rule;
import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Worlds drawn by lot: limits of all kinds, all sorts of applications, neighbours that do the same
 * as ours, rounding, ways that reorder, answers that are lost, limits that change.
 */
final class FamilyWorlds {
  private static final int SECONDS = 180;

  private FamilyWorlds() {}

  /**
   * @param shared whether all models draw on one bucket; otherwise each has its own, of the same
   *     limits
   */
  static FamilyWorld run(long seed, boolean shared, FamilyMode mode) {
    Random lot = new Random(seed * 7_919);
    int models = lot.nextInt(4) == 0 ? 3 : 2;
    boolean tokens = lot.nextInt(3) == 0;
    boolean both = lot.nextInt(4) == 0;
    long amount = (long) (20 * StrictMath.pow(60, lot.nextDouble()));
    int size = 50 + lot.nextInt(500);
    long perWindow = tokens ? amount * size : amount;
    List<Rule> rules = new ArrayList<>();
    rules.add(rule(lot, tokens ? Limit.TPM : Limit.RPM, perWindow));
    if (both) {
      long other = (tokens ? amount : amount * size) * (1 + lot.nextInt(3));
      rules.add(rule(lot, tokens ? Limit.RPM : Limit.TPM, other));
    }
    Plan plan = new Plan(rules);
    Manners manners =
        Manners.DOCUMENTED.coarse(lot.nextInt(4) == 0, lot.nextInt(4) == 0 ? 1_000 : 1);
    if (lot.nextInt(8) == 0) {
      manners = manners.withoutResets();
    }
    long jitter = (long) (5 * StrictMath.pow(30, lot.nextDouble()) * MILLI);
    long service = (long) (100 * StrictMath.pow(50, lot.nextDouble()) * MILLI);
    double lost = lot.nextInt(3) == 0 ? 0.03 * lot.nextDouble() : 0;
    int[] buckets = new int[models];
    for (int model = 0; model < models && !shared; model++) {
      buckets[model] = model;
    }
    // What all models together want of one bucket.
    double perSecond = amount / 60.0 * (0.3 + 1.9 * lot.nextDouble());
    FamilyWorld.Application application =
        FamilyWorld.together(
            application(lot, models, size, perSecond, service),
            others(lot, buckets, size, perSecond, service));
    return new FamilyWorld(mode, plan, manners, buckets, jitter, service, lost, seed)
        .run(application, (SECONDS + 60) * SECOND);
  }

  private static Rule rule(Random lot, Limit limit, long amount) {
    Duration window = Duration.ofSeconds(lot.nextInt(5) == 0 ? 10 : 60);
    long inIt = Math.max(3, amount * window.toSeconds() / 60);
    Rule rule =
        switch (lot.nextInt(3)) {
          case 0 -> Rule.continuous(limit, inIt, window);
          case 1 -> Rule.fixed(limit, inIt, window);
          default -> Rule.rolling(limit, inIt, window);
        };
    if (lot.nextInt(3) == 0) {
      rule = rule.withInitial((long) (inIt * lot.nextDouble()));
    }
    if (lot.nextInt(3) == 0) {
      rule = rule.chargingRejected();
    }
    if (lot.nextInt(4) == 0) {
      rule =
          rule.changing(
              Duration.ofSeconds(20 + lot.nextInt(150)),
              Math.max(3, inIt * (1 + lot.nextInt(4)) / 2));
    }
    // The same on every bucket, at the same moments.
    if (lot.nextInt(5) == 0) {
      rule =
          rule.shared(
              switch (lot.nextInt(3)) {
                case 0 -> Neighbour.share(100 + lot.nextInt(600), inIt, window.toNanos());
                case 1 -> Neighbour.burst(Math.max(1, inIt / 5), (2 + lot.nextInt(20)) * SECOND);
                default ->
                    Neighbour.share(500, inIt, window.toNanos()).onOff(4 * SECOND, 4 * SECOND);
              });
    }
    return rule;
  }

  private static FamilyWorld.Application application(
      Random lot, int models, int size, double perSecond, long service) {
    long until = SECONDS * SECOND;
    List<FamilyWorld.Application> all = new ArrayList<>();
    switch (lot.nextInt(5)) {
      case 0 -> {
        for (int model = 0; model < models; model++) {
          double part = lot.nextBoolean() ? 1 : 0.1 + lot.nextDouble();
          all.add(FamilyWorld.poisson(model, perSecond / models * part, size, until));
        }
      }
      case 1 -> {
        long every = (long) (SECOND * models / perSecond);
        long apart = lot.nextBoolean() ? 0 : every / models;
        all.add(FamilyWorld.inStep(models, size, every, apart, until));
      }
      case 2 -> {
        int threads = (int) Math.max(1, Math.min(20, perSecond * service / SECOND));
        for (int i = 0; i < threads; i++) {
          long pause = (long) (Math.max(0, threads / perSecond - service / 1e9) * SECOND);
          all.add(FamilyWorld.inTurn(models, size, pause, until));
        }
      }
      case 3 -> {
        int every = 1 + lot.nextInt(60);
        all.add(
            FamilyWorld.bursts(
                models, (int) Math.max(1, every * perSecond), size, every * SECOND, until));
      }
      default -> {
        all.add(FamilyWorld.poisson(0, perSecond / 2, size, until));
        all.add(FamilyWorld.inTurn(models, size, SECOND / 2, until));
      }
    }
    return FamilyWorld.together(all.toArray(new FamilyWorld.Application[0]));
  }

  /** Nobody, anybody, or another process that does as ours does. */
  private static FamilyWorld.Application others(
      Random lot, int[] buckets, int size, double perSecond, long service) {
    long until = SECONDS * SECOND;
    List<FamilyWorld.Application> all = new ArrayList<>();
    switch (lot.nextInt(5)) {
      case 0 -> {
        for (int bucket : buckets) {
          all.add(
              FamilyWorld.others(
                  bucket, perSecond / buckets.length * lot.nextDouble(), size, until));
        }
      }
      case 1 -> {
        for (int bucket : buckets) {
          all.add(FamilyWorld.others(bucket, perSecond / buckets.length, size, until));
        }
      }
      case 2 -> {
        int threads = (int) Math.max(1, Math.min(20, perSecond * service / SECOND));
        for (int i = 0; i < threads; i++) {
          all.add(
              FamilyWorld.otherInTurn(
                  buckets, size, Math.max(service, (long) (SECOND * threads / perSecond)), until));
        }
      }
      default -> {}
    }
    return FamilyWorld.together(all.toArray(new FamilyWorld.Application[0]));
  }
}
