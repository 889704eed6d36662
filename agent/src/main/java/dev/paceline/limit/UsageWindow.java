package dev.paceline.limit;

import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * A limit that is never exceeded: at most so many units within any window of its length, whatever
 * its phase. Every charge comes back one window after it was made.
 *
 * <p>What is charged within a thousandth of the window is one entry and comes back with the last of
 * it, so that the memory of a day is bounded and the limit still holds.
 */
final class UsageWindow {

  /** Entries of a window: 86 s of a day are one, so that memory is bounded. */
  private static final int ENTRIES_A_WINDOW = 1_000;

  /** The instant at which what is charged at an instant comes back. */
  private final LongUnaryOperator comesBack;

  private final long grain;
  private long[] times = new long[16];
  private long[] units = new long[16];
  private int first;
  private int size;
  private long began;
  private long used;

  /**
   * @param length of the window, in nanoseconds
   * @param comesBack the instant at which what is charged at an instant comes back; never falls
   */
  UsageWindow(long length, LongUnaryOperator comesBack) {
    this.grain = length / ENTRIES_A_WINDOW;
    this.comesBack = comesBack;
  }

  /**
   * When so many may be charged: {@code now} when at once. More than the limit are charged alone,
   * when nothing else is.
   */
  long earliest(long now, long max, long charge) {
    long excess = used + Math.min(charge, max) - max;
    for (int i = 0; excess > 0 && i < size; i++) {
      excess -= units[slot(i)];
      if (excess <= 0) {
        return Math.max(now, comesBack.applyAsLong(times[slot(i)]));
      }
    }
    return now;
  }

  void charge(long now, long charge) {
    forget(now);
    used += charge;
    if (size > 0 && now - began < grain) {
      times[slot(size - 1)] = Math.max(now, times[slot(size - 1)]);
      units[slot(size - 1)] += charge;
      return;
    }
    if (size == times.length) {
      grow();
    }
    began = now;
    size++;
    times[slot(size - 1)] = now;
    units[slot(size - 1)] = charge;
  }

  /** Gives back what was charged too much at an instant, if it has not come back by itself. */
  void giveBack(long sent, long charge) {
    for (int i = 0; i < size; i++) {
      if (times[slot(i)] - sent >= 0) {
        long back = Math.min(charge, units[slot(i)]);
        units[slot(i)] -= back;
        used -= back;
        return;
      }
    }
  }

  /** What is charged and has not come back. */
  long used(long now) {
    long left = used;
    for (int i = 0; i < size && comesBack.applyAsLong(times[slot(i)]) - now <= 0; i++) {
      left -= units[slot(i)];
    }
    return left;
  }

  /** When the last charge comes back; {@code now} when all have. */
  long emptyAt(long now) {
    return size == 0 ? now : Math.max(now, comesBack.applyAsLong(times[slot(size - 1)]));
  }

  private void forget(long now) {
    while (size > 0 && comesBack.applyAsLong(times[first]) - now <= 0) {
      used -= units[first];
      first = slot(1);
      size--;
    }
  }

  private int slot(int i) {
    return (first + i) & (times.length - 1);
  }

  private void grow() {
    int old = times.length;
    long[] newTimes = Arrays.copyOf(times, 2 * old);
    long[] newUnits = Arrays.copyOf(units, 2 * old);
    for (int i = 0; i < size; i++) {
      newTimes[i] = times[(first + i) & (old - 1)];
      newUnits[i] = units[(first + i) & (old - 1)];
    }
    times = newTimes;
    units = newUnits;
    first = 0;
  }
}
