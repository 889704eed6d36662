package dev.paceline.call;

import dev.paceline.limit.ScopeLimiter;

/** The limiter behind a call, for tests that look into it. */
public final class Limiters {
  private Limiters() {}

  public static ScopeLimiter of(CallExecution call) {
    return call.progress.call.queue.current().queue.limiter;
  }
}
