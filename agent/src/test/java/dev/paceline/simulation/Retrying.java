package dev.paceline.simulation;

import dev.paceline.sim.Reply;

/**
 * Every call for itself, as SDKs do it: the provider's {@code Retry-After}, else an exponential
 * wait with jitter, a bounded number of attempts.
 */
class Retrying implements Wire.Client {
  final Wire wire;
  private final int attempts;

  Retrying(Wire wire, int attempts) {
    this.wire = wire;
    this.attempts = attempts;
  }

  @Override
  public void arrived(Job job) {
    go(job);
  }

  /** The call may leave, or leaves later. */
  void go(Job job) {
    wire.send(job, this);
  }

  @Override
  public void served(Job job, Reply reply) {}

  @Override
  public void rejected(Job job, Reply reply) {
    if (job.attempts >= attempts) {
      return;
    }
    long hint = Wire.retryAfter(reply);
    long wait = hint > 0 && hint <= 60 * Wire.SECOND ? hint : backoff(job);
    if (wire.time.nanos() + wait <= job.latest) {
      wire.time.at(wire.time.nanos() + wait, () -> go(job));
    }
  }

  final long backoff(Job job) {
    double seconds = Math.min(8, 0.5 * StrictMath.pow(2, job.attempts - 1));
    return (long) (seconds * (1 - 0.25 * wire.chance.nextDouble()) * 1e9);
  }
}
