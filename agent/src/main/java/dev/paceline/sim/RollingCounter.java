package dev.paceline.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was charged during the last window, exactly: every charge comes back one window after it was
 * made.
 */
final class RollingCounter implements Counter {
  private record Charge(long at, long units) {}

  private final Deque<Charge> charges = new ArrayDeque<>();
  private final long window;
  private long amount;
  private long used;
  private long now;

  RollingCounter(long origin, long amount, long windowNanos, long initial) {
    this.window = windowNanos;
    this.amount = amount;
    this.now = origin;
    if (initial < amount) {
      take(amount - initial);
    }
  }

  @Override
  public void advance(long at) {
    now = at;
    for (Charge oldest = charges.peekFirst();
        oldest != null && at - oldest.at >= window;
        oldest = charges.peekFirst()) {
      used -= oldest.units;
      charges.removeFirst();
    }
  }

  @Override
  public long capacity() {
    return amount;
  }

  @Override
  public long available() {
    return amount - used;
  }

  @Override
  public void take(long units) {
    used += units;
    charges.addLast(new Charge(now, units));
  }

  @Override
  public long nanosUntil(long units) {
    long free = available();
    if (units <= free) {
      return 0;
    }
    for (Charge charge : charges) {
      free += charge.units;
      if (units <= free) {
        return charge.at + window - now;
      }
    }
    return window;
  }

  @Override
  public long resetNanos() {
    Charge newest = charges.peekLast();
    return newest == null ? 0 : newest.at + window - now;
  }

  @Override
  public void resize(long newAmount) {
    amount = newAmount;
  }
}
