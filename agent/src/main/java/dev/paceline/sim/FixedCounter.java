package dev.paceline.sim;

/** A counter that starts anew at every multiple of its window since the origin. */
final class FixedCounter implements Counter {
  private final long origin;
  private final long window;
  private long amount;
  private long used;
  private long windowIndex;
  private long now;

  FixedCounter(long origin, long amount, long windowNanos, long initial) {
    this.origin = origin;
    this.window = windowNanos;
    this.amount = amount;
    this.used = amount - initial;
    this.now = origin;
  }

  @Override
  public void advance(long at) {
    now = at;
    long index = Math.floorDiv(at - origin, window);
    if (index > windowIndex) {
      windowIndex = index;
      used = 0;
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
  }

  @Override
  public long nanosUntil(long units) {
    return units <= available() ? 0 : resetNanos();
  }

  @Override
  public long resetNanos() {
    return origin + (windowIndex + 1) * window - now;
  }

  @Override
  public void resize(long newAmount) {
    amount = newAmount;
  }
}
