package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.SECOND;
import static dev.paceline.limit.Exact.mulDiv;

import dev.paceline.words.Limit;

/**
 * What is left of one limit: {@code own + offset}, in millionths of a unit. {@code own} follows
 * from what we have sent and from the {@link WindowModel}; {@code offset} is moved by headers only.
 */
final class LimitLevel {
  final Limit limit;
  final SendLog log;
  final WindowInference shape = new WindowInference();

  /** Units a window; 0 while no header has said it. */
  long max;

  long own;
  long offset;

  /** What headers say of {@link #offset} for sure. */
  final LevelBounds bounds = new LevelBounds();

  /** {@link #own} is that of this instant. */
  long advancedAt;

  /** Raised whenever {@link #own} starts over, so that what older permits remember is void. */
  int generation;

  /** What the header of the newest answered permit showed. */
  long lastRemaining;

  /**
   * When the newest of the requests was sent whose header is here; {@link Long#MIN_VALUE}: none.
   */
  long newestHeader = Long.MIN_VALUE;

  LimitLevel(Limit limit, SendLog log, int generation) {
    this.limit = limit;
    this.log = log;
    this.generation = generation;
  }

  long value() {
    return own + offset;
  }

  long full() {
    return max * MICRO;
  }

  /** Units that are there when nothing is used. */
  long capacity() {
    long small = shape.capacity();
    return small > 0 ? Math.min(max, small) : max;
  }

  long window() {
    return shape.window();
  }

  /** Units a second. */
  double rate() {
    return (double) max * SECOND / window();
  }

  /** What the limit grants in so many nanoseconds, in millionths. */
  long granted(long nanos) {
    return mulDiv(nanos, full(), window());
  }

  /** In how many nanoseconds it grants so many millionths. */
  long timeToGrant(long micros) {
    return mulDiv(micros, window(), full());
  }

  /** In how many nanoseconds it grants so many units, its whole at most. */
  long timeToGrantUnits(long units) {
    return mulDiv(Math.min(units, max), window(), max);
  }

  void cutTo(long most) {
    own -= Math.max(0, value() - most);
  }

  /** Units sent up to an instant. */
  long sentUpTo(long instant) {
    return log.upTo(instant, limit);
  }

  /** Units sent so far. */
  long sent() {
    return log.total(limit);
  }

  /** Whether at least half of what is used was used by us, within the last window. */
  boolean mostlyOurs(long now) {
    long ours = sent() - sentUpTo(now - window());
    return 2 * ours * MICRO >= full() - value();
  }

  boolean countsTokens() {
    return Cost.countsTokens(limit);
  }
}
