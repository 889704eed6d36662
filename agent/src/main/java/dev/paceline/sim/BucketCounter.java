package dev.paceline.sim;

/** A bucket refilled without pause. */
final class BucketCounter implements Counter {
  /** Microseconds, so that a million tokens a day still fit a long exactly. */
  private static final long TICK = 1_000;

  private final long windowTicks;
  private long amount;
  private long burst;

  /** Units times {@link #windowTicks}: one tick adds exactly {@link #amount}. */
  private long level;

  /**
   * How far refill has been counted: a whole number of ticks since the start, so that no fraction
   * of a tick is ever lost.
   */
  private long counted;

  private long now;

  BucketCounter(long start, long amount, long windowNanos, long burst, long initial) {
    this.windowTicks = windowNanos / TICK;
    this.amount = amount;
    this.burst = burst;
    // Three times the level: a debt and one tick's refill on top stay far from overflow.
    Math.multiplyExact(Math.multiplyExact(Math.max(amount, burst), windowTicks), 3L);
    this.level = initial * windowTicks;
    this.counted = start;
    this.now = start;
  }

  @Override
  public void advance(long at) {
    now = at;
    long ticks = (at - counted) / TICK;
    if (ticks <= 0) {
      return;
    }
    counted += ticks * TICK;
    long missing = burst * windowTicks - level;
    // Compared by division: ticks * amount of a long idle time would overflow.
    if (ticks >= ceil(missing, amount)) {
      level = burst * windowTicks;
    } else {
      level += ticks * amount;
    }
  }

  @Override
  public long capacity() {
    return burst;
  }

  @Override
  public long available() {
    return Math.floorDiv(level, windowTicks);
  }

  @Override
  public void take(long units) {
    level -= units * windowTicks;
  }

  @Override
  public long nanosUntil(long units) {
    // From the last counted tick, not from now: otherwise the wait is up to a tick too long.
    return Math.max(0, counted + ceil(units * windowTicks - level, amount) * TICK - now);
  }

  @Override
  public long resetNanos() {
    return nanosUntil(burst);
  }

  @Override
  public void resize(long newAmount) {
    burst = Math.max(1, Math.multiplyExact(burst, newAmount) / amount);
    amount = newAmount;
    Math.multiplyExact(Math.multiplyExact(Math.max(amount, burst), windowTicks), 3L);
    level = Math.min(level, burst * windowTicks);
  }

  private static long ceil(long value, long by) {
    return value <= 0 ? 0 : (value + by - 1) / by;
  }
}
