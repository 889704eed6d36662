package dev.paceline.jdkhttp;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs tasks one after another, in order, on whichever thread brings one while none runs. */
final class Serial {
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  void run(Runnable task) {
    tasks.add(task);
    if (pending.getAndIncrement() != 0) {
      return;
    }
    do {
      Runnable next = tasks.poll();
      if (next != null) {
        try {
          next.run();
        } catch (Throwable ignored) {
          // A task has its own barrier; a lost one must not stop those behind it.
        }
      }
    } while (pending.decrementAndGet() != 0);
  }
}
