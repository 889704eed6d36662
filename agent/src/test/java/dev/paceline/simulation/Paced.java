package dev.paceline.simulation;

import dev.paceline.sim.Reply;
import java.util.ArrayDeque;

/** A client-side bucket in front of {@link Retrying}; the subclasses say how it is filled. */
abstract class Paced extends Retrying {
  private final ArrayDeque<Job> queue = new ArrayDeque<>();
  double level;
  double rate;
  double capacity;
  private long filledAt;
  private boolean alarmed;

  Paced(Wire wire, int attempts) {
    super(wire, attempts);
  }

  double cost(Job job) {
    return 1;
  }

  boolean enabled() {
    return true;
  }

  @Override
  void go(Job job) {
    queue.add(job);
    pump();
  }

  private void pump() {
    long now = wire.time.nanos();
    fill(now);
    while (!queue.isEmpty()) {
      Job head = queue.peek();
      if (now > head.latest) {
        queue.poll();
        continue;
      }
      double cost = Math.min(cost(head), capacity);
      if (enabled() && level < cost - 1e-9) {
        if (!alarmed) {
          alarmed = true;
          long wait = (long) Math.max(1e6, Math.min(2e9, (cost - level) / rate * 1e9));
          wire.time.at(
              now + wait,
              () -> {
                alarmed = false;
                pump();
              });
        }
        return;
      }
      level -= enabled() ? cost : 0;
      queue.poll();
      sent(now);
      wire.send(head, this);
    }
  }

  void sent(long now) {}

  final void fill(long now) {
    level = Math.min(capacity, level + (now - filledAt) / 1e9 * rate);
    filledAt = now;
  }

  /** Told the limit, as Bucket4j or resilience4j would be; a share of it each with several JVMs. */
  static class Told extends Paced {
    Told(Wire wire) {
      super(wire, 6);
      capacity = Math.max(1, (double) wire.scenario.told() / wire.scenario.jvms());
      rate = wire.scenario.perSecond() / wire.scenario.jvms();
      level = capacity;
    }

    @Override
    double cost(Job job) {
      return wire.scenario.tokens() ? job.estimate : 1;
    }
  }

  /**
   * Told the limit of tokens; sets aside {@code max_tokens} for each call and nothing for its
   * prompt, as gateways do that do not count. 4,096 is what most SDKs' examples ask for.
   */
  static final class MaxTokens extends Told {
    private static final int MAX_TOKENS = 4_096;

    MaxTokens(Wire wire) {
      super(wire);
    }

    @Override
    double cost(Job job) {
      return MAX_TOKENS;
    }
  }

  /** Told the limit of tokens; a call leaves while any are left, and is charged when answered. */
  static final class Afterwards extends Told {
    Afterwards(Wire wire) {
      super(wire);
    }

    @Override
    double cost(Job job) {
      return 1;
    }

    @Override
    public void served(Job job, Reply reply) {
      fill(wire.time.nanos());
      level -= job.tokens - 1;
    }
  }

  /** The adaptive retry mode of the AWS SDKs: CUBIC on the rate of requests, from the first 429. */
  static final class AwsAdaptive extends Paced {
    private boolean on;
    private double lastMax;
    private double window;
    private long throttledAt;
    private double measured;
    private long bucketStart;
    private int bucketCount;

    AwsAdaptive(Wire wire) {
      super(wire, 6);
      rate = 1;
      capacity = 1;
    }

    @Override
    boolean enabled() {
      return on;
    }

    @Override
    void sent(long now) {
      bucketCount++;
      if (now - bucketStart >= 500_000_000L) {
        double current = bucketCount / ((now - bucketStart) / 1e9);
        measured = current * 0.8 + measured * 0.2;
        bucketCount = 0;
        bucketStart = now;
      }
    }

    @Override
    public void served(Job job, Reply reply) {
      if (!on) {
        return;
      }
      double t = (wire.time.nanos() - throttledAt) / 1e9;
      double cubic = 0.4 * StrictMath.pow(t - window, 3) + lastMax;
      set(Math.min(cubic, 2 * measured));
    }

    @Override
    public void rejected(Job job, Reply reply) {
      double used = on ? Math.min(measured, rate) : measured;
      lastMax = used;
      window = StrictMath.cbrt(lastMax * 0.3 / 0.4);
      throttledAt = wire.time.nanos();
      fill(throttledAt);
      on = true;
      set(used * 0.7);
      super.rejected(job, reply);
    }

    private void set(double newRate) {
      fill(wire.time.nanos());
      rate = Math.max(0.5, newRate);
      capacity = Math.max(1, rate);
    }
  }

  /**
   * ATB of arXiv 2510.04516 after its public re-implementations: a bucket of four whose rate grows
   * by a factor with each success, and is halved and drained by a 429.
   */
  static final class Atb extends Paced {
    private boolean cut;

    Atb(Wire wire) {
      super(wire, 6);
      capacity = 4;
      level = 4;
      rate = 1;
    }

    @Override
    public void served(Job job, Reply reply) {
      fill(wire.time.nanos());
      rate = Math.min(10_000, rate * (cut ? 1.2 : 1.5));
    }

    @Override
    public void rejected(Job job, Reply reply) {
      fill(wire.time.nanos());
      cut = true;
      rate = Math.max(0.1, rate / 2);
      level = 0;
      super.rejected(job, reply);
    }
  }
}
