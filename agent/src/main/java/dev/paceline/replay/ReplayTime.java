package dev.paceline.replay;

import dev.paceline.call.Clock;
import dev.paceline.call.Timer;
import java.util.PriorityQueue;

/** Clock and timer in one: time passes as events are run. One thread. */
final class ReplayTime implements Clock, Timer {
  static final long NONE = Long.MAX_VALUE;

  /** Taken back by forgetting its task: removing it from the middle of a heap costs its length. */
  private static final class Alarm implements Comparable<Alarm>, Runnable {
    final long at;
    final long order;
    Runnable task;

    Alarm(long at, long order, Runnable task) {
      this.at = at;
      this.order = order;
      this.task = task;
    }

    @Override
    public int compareTo(Alarm other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }

    /** Takes it back. */
    @Override
    public void run() {
      task = NOTHING;
    }
  }

  private static final Runnable NOTHING = () -> {};

  private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
  private final long epochMillis;
  private long now;
  private long order;

  ReplayTime(long epochMillis) {
    this.epochMillis = epochMillis;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public long epochMillis() {
    return epochMillis + now / 1_000_000;
  }

  @Override
  public Runnable at(long atNanos, Runnable task) {
    Alarm alarm = new Alarm(atNanos, order++, task);
    alarms.add(alarm);
    return alarm;
  }

  /** When the next event is due; {@link #NONE} when nothing is. */
  long next() {
    Alarm first = alarms.peek();
    while (first != null && first.task == NOTHING) {
      alarms.poll();
      first = alarms.peek();
    }
    return first == null ? NONE : Math.max(now, first.at);
  }

  /** Runs the next event. */
  void runNext() {
    Alarm alarm = alarms.poll();
    if (alarm != null) {
      now = Math.max(now, alarm.at);
      alarm.task.run();
    }
  }

  /** Nothing is due before. */
  void passTo(long nanos) {
    now = Math.max(now, nanos);
  }
}
