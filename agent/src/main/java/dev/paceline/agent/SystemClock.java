package dev.paceline.agent;

import dev.paceline.call.Clock;

/** The machine's clocks. */
final class SystemClock implements Clock {
  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }
}
