package dev.paceline.call;

import java.util.TreeSet;

/** Clock and timer in one, for tests: time passes when the test says so. */
public final class VirtualTime implements Clock, Timer {
  public static final long MILLI = 1_000_000L;
  public static final long SECOND = 1_000_000_000L;

  private record Alarm(long at, long order, Runnable task) implements Comparable<Alarm> {
    @Override
    public int compareTo(Alarm other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  // A set in order, not a heap: taking an alarm back is as cheap as setting it.
  private final TreeSet<Alarm> alarms = new TreeSet<>();

  /** Whether setting an alarm fails, as when no thread can be made. */
  boolean broken;

  private long now;
  private long order;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public long epochMillis() {
    return 1_800_000_000_000L + now / MILLI;
  }

  @Override
  public Runnable at(long atNanos, Runnable task) {
    if (broken) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    Alarm alarm = new Alarm(atNanos, order++, task);
    alarms.add(alarm);
    return () -> alarms.remove(alarm);
  }

  /** Lets time pass, running what falls due on the way. */
  public void pass(long nanos) {
    long end = now + nanos;
    while (!alarms.isEmpty() && alarms.first().at <= end) {
      Alarm next = alarms.pollFirst();
      now = Math.max(now, next.at);
      next.task.run();
    }
    now = end;
  }

  /** Lets time pass while the timer's thread is held up. */
  void passWithoutAlarms(long nanos) {
    now += nanos;
  }

  /** Jumps to the next alarm; false when there is none. */
  public boolean next() {
    Alarm alarm = alarms.pollFirst();
    if (alarm == null) {
      return false;
    }
    now = Math.max(now, alarm.at);
    alarm.task.run();
    return true;
  }

  public int alarms() {
    return alarms.size();
  }
}
