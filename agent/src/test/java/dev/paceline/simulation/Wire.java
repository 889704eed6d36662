package dev.paceline.simulation;

import dev.paceline.call.VirtualTime;
import dev.paceline.sim.Api;
import dev.paceline.sim.Decision;
import dev.paceline.sim.Plan;
import dev.paceline.sim.Reply;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.sim.ResponseWriter;
import dev.paceline.sim.SimRequest;
import dev.paceline.sim.Simulated;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The way to the provider and back, in virtual time; counts what the provider sees. */
final class Wire {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;
  private static final Reply NOTHING = new Reply(200, Map.of(), List.of());
  static final String MODEL = "m";

  /** Who sends; told what comes back. */
  interface Client {
    void arrived(Job job);

    /** Headers of a success. */
    void served(Job job, Reply reply);

    /** The success has been read to its end. */
    default void ended(Job job) {}

    void rejected(Job job, Reply reply);

    /** The connection broke before an answer came. */
    default void lost(Job job) {}

    /** Whether it reads more of an answer than the hint. */
    default boolean reads() {
      return false;
    }
  }

  final VirtualTime time = new VirtualTime();
  final Scenario scenario;
  final Simulated provider;
  final List<Job> jobs;
  final Random chance;
  private final ResponseWriter speech;

  /** What each client has charged and the provider has not, or will not. */
  final long[] requestsOnTheWay;

  final long[] tokensOnTheWay;

  int rejections;
  int busiest;
  private long slot = -1;
  private int inSlot;

  Wire(Scenario scenario, Plan plan, long seed) {
    this.scenario = scenario;
    this.provider = new Simulated(plan, 0);
    this.speech = ResponseWriter.of("openai", scenario.manners());
    this.jobs = scenario.jobs(seed);
    this.chance = new Random(seed * 31 + 5);
    requestsOnTheWay = new long[scenario.clients()];
    tokensOnTheWay = new long[scenario.clients()];
  }

  /** Runs until nothing is left to happen. */
  void run(List<? extends Client> clients) {
    for (Job job : jobs) {
      time.at(job.arrival, () -> clients.get(job.jvm).arrived(job));
    }
    long end = 0;
    while (time.next() && end++ < 20_000_000) {
      if (time.nanos() > 2_000 * SECOND) {
        throw new AssertionError(scenario.name() + " does not end");
      }
    }
  }

  private long way() {
    double random = scenario.jitter() * StrictMath.exp(0.8 * chance.nextGaussian() - 0.32);
    return (long) ((10 + random) * MILLI);
  }

  /** Looks at everything each 100 ms. */
  void watch(Runnable look, long seconds) {
    for (long at = 0; at < seconds * SECOND; at += 100 * MILLI) {
      time.at(at, look);
    }
  }

  void send(Job job, Client client) {
    job.attempts++;
    job.sentAt = time.nanos();
    onTheWay(job, 1);
    time.at(time.nanos() + way(), () -> arrive(job, client));
  }

  private void arrive(Job job, Client client) {
    long now = time.nanos();
    count(now);
    Decision decision = provider.arrive(now, MODEL, job.tokens);
    Reply reply = client.reads() ? full(job, decision) : hint(decision);
    // A refusal that is not charged is given back when its answer is here.
    onTheWay(job, decision.accepted() ? -1 : 0);
    if (!decision.accepted()) {
      rejections++;
      job.rejections++;
      if (loses()) {
        time.at(now + 20 * MILLI + way(), () -> refused(job, () -> client.lost(job)));
        return;
      }
      time.at(now + 20 * MILLI + way(), () -> refused(job, () -> client.rejected(job, reply)));
      return;
    }
    job.admittedAt = now;
    time.at(now + job.service, () -> provider.done(time.nanos(), MODEL));
    long way = way();
    if (loses()) {
      time.at(now + job.toHeaders() + way, () -> client.lost(job));
      return;
    }
    time.at(now + job.toHeaders() + way, () -> client.served(job, reply));
    time.at(now + job.service + way, () -> client.ended(job));
  }

  private void onTheWay(Job job, int more) {
    requestsOnTheWay[job.jvm] += more;
    tokensOnTheWay[job.jvm] += more * job.tokens;
  }

  private void refused(Job job, Runnable answer) {
    onTheWay(job, -1);
    answer.run();
  }

  private boolean loses() {
    return scenario.lost() > 0 && chance.nextDouble() < scenario.lost();
  }

  private Reply full(Job job, Decision decision) {
    SimRequest ask = new SimRequest(Api.EMBEDDINGS, MODEL, false, true, job.tokens, job.number);
    return speech.answer(ask, decision, time.epochMillis());
  }

  private Reply hint(Decision decision) {
    if (scenario.manners().hint() == ResponseStyle.Hint.NONE
        || !(decision instanceof Decision.Rejected rejected)) {
      return NOTHING;
    }
    long seconds = Math.max(1, (rejected.waitNanos() + SECOND - 1) / SECOND);
    return new Reply(429, Map.of("retry-after", Long.toString(seconds)), List.of());
  }

  private void count(long now) {
    long current = now / (100 * MILLI);
    inSlot = current == slot ? inSlot + 1 : 1;
    slot = current;
    busiest = Math.max(busiest, inSlot);
  }

  /** The hint of a 429 in nanoseconds; 0 when it has none. */
  static long retryAfter(Reply reply) {
    String value = reply.headers().get("retry-after");
    return value == null ? 0 : Long.parseLong(value) * SECOND;
  }
}
