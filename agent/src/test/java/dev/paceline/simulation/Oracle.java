package dev.paceline.simulation;

import dev.paceline.sim.Decision;
import dev.paceline.sim.Reply;
import java.util.ArrayDeque;

/**
 * Sits at the provider and knows its state: the bound that nobody can beat, in order of arrival.
 */
final class Oracle implements Wire.Client {
  /** Nobody waits longer, so a run need not last until a day's limit begins anew. */
  private static final long LONGEST = 300 * Wire.SECOND;

  private final Wire wire;
  private final ArrayDeque<Job> queue = new ArrayDeque<>();
  private long alarm = Long.MAX_VALUE;

  Oracle(Wire wire) {
    this.wire = wire;
  }

  @Override
  public void arrived(Job job) {
    queue.add(job);
    if (queue.size() == 1 || alarm == Long.MAX_VALUE) {
      pump();
    }
  }

  private void pump() {
    alarm = Long.MAX_VALUE;
    long now = wire.time.nanos();
    while (!queue.isEmpty()) {
      Job job = queue.peek();
      if (now > job.latest || !job.wanted(now)) {
        queue.poll();
        continue;
      }
      Decision decision = wire.provider.arrive(now, Wire.MODEL, job.tokens);
      if (decision.accepted()) {
        queue.poll();
        job.admittedAt = now;
        wire.time.at(now + job.service, this::done);
        continue;
      }
      long wait =
          decision instanceof Decision.Rejected rejected && rejected.waitNanos() >= 0
              ? Math.max(1_000, Math.min(LONGEST, rejected.waitNanos()))
              : 20 * Wire.MILLI;
      if (alarm > now + wait) {
        alarm = now + wait;
        wire.time.at(alarm, this::pump);
      }
      return;
    }
  }

  private void done() {
    wire.provider.done(wire.time.nanos(), Wire.MODEL);
  }

  @Override
  public void served(Job job, Reply reply) {}

  @Override
  public void rejected(Job job, Reply reply) {}
}
