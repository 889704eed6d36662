package dev.paceline.sim.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What arrived, in order of arrival. */
final class RequestLog {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Arrival> arrivals = new ArrayList<>();

  /** Notes an arrival; the number it is known by. */
  int add(Arrival arrival) {
    lock.lock();
    try {
      arrivals.add(arrival);
      return arrivals.size() - 1;
    } finally {
      lock.unlock();
    }
  }

  void answered(int number, long at) {
    lock.lock();
    try {
      arrivals.set(number, arrivals.get(number).answered(at));
    } finally {
      lock.unlock();
    }
  }

  List<Arrival> all() {
    lock.lock();
    try {
      return List.copyOf(arrivals);
    } finally {
      lock.unlock();
    }
  }

  /** Counts without copying: the demo asks four times a second. */
  int count(int status) {
    lock.lock();
    try {
      int count = 0;
      for (Arrival arrival : arrivals) {
        count += arrival.status() == status ? 1 : 0;
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return arrivals.size();
    } finally {
      lock.unlock();
    }
  }

  /** The most arrivals in any span of that length, its end excluded. */
  static int largestBurst(List<Arrival> arrivals, long spanNanos) {
    int largest = 0;
    int first = 0;
    for (int last = 0; last < arrivals.size(); last++) {
      while (arrivals.get(last).nanos() - arrivals.get(first).nanos() >= spanNanos) {
        first++;
      }
      largest = Math.max(largest, last - first + 1);
    }
    return largest;
  }
}
