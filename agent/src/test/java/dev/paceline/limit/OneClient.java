package dev.paceline.limit;

import dev.paceline.sim.Decision;
import dev.paceline.sim.Plan;
import dev.paceline.sim.ShownLevel;
import dev.paceline.sim.Simulated;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * One client with an endless queue, a budget, and a provider model: all by itself on its limits.
 */
final class OneClient {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;

  /** What becomes of a header on its way. */
  interface Mouth {
    LimitReading say(LimitReading truth, Random random);
  }

  private record Event(long at, long order, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Simulated provider;
  private final Random random;
  private final long way;
  private final double lost;
  private final Mouth mouth;
  private final ScopeLimiter budget = new ScopeLimiter(0);
  private final long end;
  private long order;
  private long now;
  private long alarm = Long.MAX_VALUE;

  /** Instants of rejection, and the longest time without a send although the provider had room. */
  final List<Long> rejections = new ArrayList<>();

  int accepted;

  long longestStop;
  private long roomSince = -1;

  OneClient(Plan plan, long seed, long way, double lost, long seconds, Mouth mouth) {
    this.provider = new Simulated(plan, 0);
    this.random = new Random(seed);
    this.way = way;
    this.lost = lost;
    this.mouth = mouth;
    this.end = seconds * SECOND;
  }

  OneClient run() {
    at(0, this::pump);
    for (long t = 0; t < end; t += 100 * MILLI) {
      at(t, this::watch);
    }
    while (!events.isEmpty() && now <= end) {
      Event next = events.poll();
      now = next.at;
      next.what.run();
    }
    return this;
  }

  private void at(long instant, Runnable what) {
    events.add(new Event(instant, order++, what));
  }

  /** The provider has room and nothing is on the way: how long does the client hold back? */
  private void watch() {
    List<ShownLevel> levels = provider.levels(now, "m");
    boolean room = levels.stream().allMatch(level -> level.remaining() >= 1);
    boolean silent = budget.view(now).inFlight() == 0;
    if (!room || !silent) {
      roomSince = -1;
    } else if (roomSince < 0) {
      roomSince = now;
    } else {
      longestStop = Math.max(longestStop, now - roomSince);
    }
  }

  private void pump() {
    while (true) {
      long when = budget.earliest(now, Cost.ONE, 100, now);
      if (when - now > 0) {
        if (when < alarm || alarm <= now) {
          alarm = when;
          at(when, this::pump);
        }
        return;
      }
      Permit attempt = budget.left(now, Cost.ONE);
      roomSince = -1;
      at(now + 1 + (long) (random.nextDouble() * way), () -> arrive(attempt));
    }
  }

  private void arrive(Permit attempt) {
    Decision decision = provider.arrive(now, "m", 0);
    boolean ok = decision.accepted();
    if (ok) {
      accepted++;
    } else {
      rejections.add(now);
    }
    List<LimitReading> readings = new ArrayList<>();
    for (ShownLevel level : decision.levels()) {
      readings.add(
          mouth.say(
              new LimitReading(
                  level.limit(),
                  level.max(),
                  level.remaining(),
                  (level.resetNanos() + MILLI - 1) / MILLI,
                  60_000),
              random));
    }
    long wait =
        decision instanceof Decision.Rejected rejected ? Math.max(0, rejected.waitNanos()) : 0;
    boolean isLost = random.nextDouble() < lost;
    long back =
        (ok ? (long) (random.nextDouble() * 2 * SECOND) : 0) + (long) (random.nextDouble() * way);
    at(
        now + 1 + back,
        () -> {
          if (!isLost) {
            budget.answered(
                now,
                attempt,
                readings,
                ok ? null : Limit.RPM,
                wait,
                SECOND,
                60 * SECOND,
                random.nextDouble());
          }
          budget.ended(now, attempt);
          pump();
        });
  }
}
