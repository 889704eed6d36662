package dev.paceline.simulation;

import dev.paceline.config.Bounds;
import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.sim.ResponseStyle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A provider, and what is asked of it.
 *
 * @param name as in the report
 * @param plan the provider's limits
 * @param manners how it speaks
 * @param perSecond what the plan grants a second: requests, or tokens
 * @param told what a bucket that is told the limit holds when full
 * @param load when calls come
 * @param tokens whether calls differ in size
 * @param estimateError by which part the client's estimate of a size may be wrong
 * @param plain part of the calls whose headers come with the whole answer
 * @param service median time of an answer, seconds
 * @param jitter mean of the random part of a way, milliseconds
 * @param jvms processes that share the limit
 * @param late when the second half of them begins, seconds
 * @param patience how long a call may wait, seconds
 * @param leaves whether the caller then leaves: by then, the answer has to be there
 * @param fair what the oracle is under: without charges for rejects, neighbours' shares taken off
 * @param truthful whether headers tell everything and nobody else uses the limit
 * @param lost part of the answers that never arrive: the connection breaks instead
 * @param turns how processes come and go
 */
record Scenario(
    String name,
    Plan plan,
    ResponseStyle manners,
    double perSecond,
    long told,
    Load load,
    boolean tokens,
    double estimateError,
    double plain,
    double service,
    double jitter,
    int jvms,
    int late,
    int patience,
    boolean leaves,
    boolean truthful,
    Plan fair,
    double lost,
    Turns turns) {

  /** Answers arrive, and every process lives as long as the load. */
  Scenario(
      String name,
      Plan plan,
      ResponseStyle manners,
      double perSecond,
      long told,
      Load load,
      boolean tokens,
      double estimateError,
      double plain,
      double service,
      double jitter,
      int jvms,
      int late,
      int patience,
      boolean leaves,
      boolean truthful,
      Plan fair) {
    this(
        name,
        plan,
        manners,
        perSecond,
        told,
        load,
        tokens,
        estimateError,
        plain,
        service,
        jitter,
        jvms,
        late,
        patience,
        leaves,
        truthful,
        fair,
        0,
        Turns.NONE);
  }

  /**
   * Processes that come and go: each place is taken by a new process every {@code period} seconds,
   * which is given calls for the first {@code on} of them; places are shifted against each other.
   *
   * @param period seconds; 0 when every process lives as long as the load
   * @param on seconds of a period in which a process is given calls
   */
  record Turns(int period, int on) {
    static final Turns NONE = new Turns(0, 0);

    /** Processes that have begun in one place before {@code seconds} have passed. */
    int generations(double seconds) {
      return period == 0 ? 1 : (int) (seconds / period) + 2;
    }

    /** Which process has the place at that time, and whether it is given calls. */
    int generation(int place, int places, double at) {
      return period == 0 ? 0 : (int) (shifted(place, places, at) / period);
    }

    boolean active(int place, int places, double at) {
      return period == 0 || shifted(place, places, at) % period < on;
    }

    private double shifted(int place, int places, double at) {
      return at + (double) place * period / places;
    }
  }

  /**
   * What a careful person leaves for an answer where the caller leaves: 19 of 20 come within it.
   * Paceline finds out by itself.
   */
  private static final long USUAL_ANSWER = 4_000_000_000L;

  /** When calls come. Times in seconds. */
  interface Load {
    /** Until when goodput counts. */
    double span();

    List<Double> arrivals(Random random);

    /** All at once. */
    record Burst(int calls) implements Load {
      @Override
      public double span() {
        return 1e9;
      }

      @Override
      public List<Double> arrivals(Random random) {
        return Collections.nCopies(calls, 0.0);
      }
    }

    /** As a Poisson process. */
    record Poisson(double perSecond, int seconds) implements Load {
      @Override
      public double span() {
        return seconds;
      }

      @Override
      public List<Double> arrivals(Random random) {
        List<Double> times = new ArrayList<>();
        double at = 0;
        while (true) {
          at += -StrictMath.log(1 - random.nextDouble()) / perSecond;
          if (at >= seconds) {
            return times;
          }
          times.add(at);
        }
      }
    }

    /** A burst again and again. */
    record Bursts(int calls, int every, int seconds) implements Load {
      @Override
      public double span() {
        return seconds;
      }

      @Override
      public List<Double> arrivals(Random random) {
        List<Double> times = new ArrayList<>();
        for (int at = 0; at < seconds; at += every) {
          times.addAll(Collections.nCopies(calls, (double) at));
        }
        return times;
      }
    }
  }

  /** A copy that can be changed, for the methods that make a scenario out of another. */
  private static final class Draft {
    String name;
    Plan plan;
    ResponseStyle manners;
    double perSecond;
    long told;
    Load load;
    boolean tokens;
    double estimateError;
    double plain;
    double service;
    double jitter;
    int jvms;
    int late;
    int patience;
    boolean leaves;
    boolean truthful;
    Plan fair;
    double lost;
    Turns turns;

    Draft(Scenario of) {
      name = of.name;
      plan = of.plan;
      manners = of.manners;
      perSecond = of.perSecond;
      told = of.told;
      load = of.load;
      tokens = of.tokens;
      estimateError = of.estimateError;
      plain = of.plain;
      service = of.service;
      jitter = of.jitter;
      jvms = of.jvms;
      late = of.late;
      patience = of.patience;
      leaves = of.leaves;
      truthful = of.truthful;
      fair = of.fair;
      lost = of.lost;
      turns = of.turns;
    }

    Scenario done() {
      return new Scenario(
          name,
          plan,
          manners,
          perSecond,
          told,
          load,
          tokens,
          estimateError,
          plain,
          service,
          jitter,
          jvms,
          late,
          patience,
          leaves,
          truthful,
          fair,
          lost,
          turns);
    }
  }

  Scenario plain(double part) {
    Draft draft = new Draft(this);
    draft.plain = part;
    return draft.done();
  }

  Scenario service(double seconds) {
    Draft draft = new Draft(this);
    draft.service = seconds;
    return draft.done();
  }

  Scenario jitter(double millis) {
    Draft draft = new Draft(this);
    draft.jitter = millis;
    draft.truthful = false;
    return draft.done();
  }

  Scenario jvms(int count) {
    Draft draft = new Draft(this);
    draft.jvms = count;
    draft.truthful = false;
    return draft.done();
  }

  /** Half of the processes begin so much later; fairness counts a minute after that. */
  Scenario late(int seconds) {
    Draft draft = new Draft(this);
    draft.late = seconds;
    return draft.done();
  }

  /** The instant from which fairness counts, in seconds. */
  int fairFrom() {
    return late == 0 ? 0 : late + 60;
  }

  /** What the bucket that is told the limit holds. */
  Scenario told(long units) {
    Draft draft = new Draft(this);
    draft.told = units;
    return draft.done();
  }

  Scenario estimates(double error) {
    Draft draft = new Draft(this);
    draft.estimateError = error;
    return draft.done();
  }

  Scenario manners(ResponseStyle other) {
    Draft draft = new Draft(this);
    draft.manners = other;
    draft.truthful = false;
    return draft.done();
  }

  /** The caller leaves so long after it began. */
  Scenario deadline(int seconds) {
    Draft draft = new Draft(this);
    draft.patience = seconds;
    draft.leaves = true;
    return draft.done();
  }

  /** This part of the answers never arrives. */
  Scenario losing(double part) {
    Draft draft = new Draft(this);
    draft.lost = part;
    draft.truthful = false;
    return draft.done();
  }

  /** Processes come and go. */
  Scenario turns(int period, int on) {
    Draft draft = new Draft(this);
    draft.turns = new Turns(period, on);
    draft.truthful = false;
    return draft.done();
  }

  /** Processes that there are, or have been. */
  int clients() {
    return burst() ? jvms : jvms * turns.generations(span());
  }

  Scenario hides() {
    Draft draft = new Draft(this);
    draft.truthful = false;
    return draft.done();
  }

  Scenario fair(LimitRule rule) {
    Draft draft = new Draft(this);
    draft.truthful = false;
    draft.fair = Plan.of(rule);
    return draft.done();
  }

  /** Whether headers show every limit that is enforced. */
  boolean announced() {
    return manners.limitHeaders()
        && plan.rules().stream().noneMatch(rule -> rule.hidden() || rule.slice().isPresent());
  }

  /** What a bucket that is told the limit knows, as a person would type it for each process. */
  Bounds typed() {
    long minute = Math.max(1, (long) (perSecond * 60 / jvms + 1e-6));
    return tokens
        ? new Bounds(0, minute, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO)
        : new Bounds(minute, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO);
  }

  boolean burst() {
    return load instanceof Load.Burst;
  }

  /** Seconds in which goodput counts. */
  double span() {
    return load.span();
  }

  /** The calls, in order of arrival; the same for every strategy. */
  List<Job> jobs(long seed) {
    Random random = new Random(seed * 7_919 + name.hashCode());
    List<Job> jobs = new ArrayList<>();
    for (double at : load.arrivals(random)) {
      jobs.add(job(jobs.size(), at, random));
    }
    return jobs;
  }

  private int process(int number, double at) {
    int places = at < late ? jvms / 2 : jvms;
    int place = number % places;
    for (int i = 0; i < places && !turns.active(place, places, at); i++) {
      place = (place + 1) % places;
    }
    return place + places * turns.generation(place, places, at);
  }

  private Job job(int number, double at, Random random) {
    long size = 1;
    if (tokens) {
      size =
          (long) Math.max(50, Math.min(60_000, 800 * StrictMath.exp(1.2 * random.nextGaussian())));
    }
    double error = 1 + estimateError * (2 * random.nextDouble() - 1);
    double serviceSeconds =
        Math.max(
            0.1,
            Math.min(Math.max(10, service), service * StrictMath.exp(0.6 * random.nextGaussian())));
    long arrival = (long) (at * 1e9);
    long end = arrival + patience * 1_000_000_000L;
    return new Job(
        number,
        process(number, at),
        arrival,
        leaves ? end - USUAL_ANSWER : end,
        leaves ? end : Long.MAX_VALUE,
        size,
        Math.max(1, (long) (size * error)),
        random.nextDouble() >= plain,
        (long) (serviceSeconds * 1e9));
  }
}
