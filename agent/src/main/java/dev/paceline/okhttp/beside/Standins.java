package dev.paceline.okhttp.beside;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import okhttp3.Dispatcher;

/**
 * While calls of a dispatcher are parked, one thread of its executor stands in for them all: so the
 * executor does not terminate before they are over, and {@code shutdownNow()} ends them as it would
 * have ended the calls that ran.
 *
 * <p>Only where threads have no bound. In a pool of a few the thread would be missing; there the
 * executor may terminate earlier, and the calls are served all the same ({@link OrElse}).
 */
final class Standins {
  private final ConcurrentHashMap<Dispatcher, Standin> standins = new ConcurrentHashMap<>();
  private final Consumer<Dispatcher> stop;

  /**
   * @param stop ends the parked calls of a dispatcher whose executor was stopped; on a thread of
   *     that executor
   */
  Standins(Consumer<Dispatcher> stop) {
    this.stop = stop;
  }

  /** A call is parked; to be released when it runs on the executor, or has ended. */
  Standin.Hold hold(Dispatcher dispatcher) {
    ExecutorService executor = dispatcher.executorService();
    Standin.Hold[] hold = new Standin.Hold[1];
    Standin standin =
        standins.compute(
            dispatcher,
            (d, known) -> {
              Standin s = known == null ? new Standin(d, executor) : known;
              hold[0] = s.hold();
              return s;
            });
    if (Places.isUnbounded(executor)) {
      standin.begin();
    }
    return hold[0];
  }

  /** What stands in for the calls of one dispatcher. */
  final class Standin implements Runnable {
    private final Dispatcher dispatcher;
    private final ExecutorService executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private int held;
    private boolean running;
    private volatile boolean stopped;

    private Standin(Dispatcher dispatcher, ExecutorService executor) {
      this.dispatcher = dispatcher;
      this.executor = executor;
    }

    private Hold hold() {
      lock.lock();
      try {
        held++;
      } finally {
        lock.unlock();
      }
      return new Hold();
    }

    private void begin() {
      lock.lock();
      try {
        if (running) {
          return;
        }
        running = true;
      } finally {
        lock.unlock();
      }
      try {
        executor.execute(this);
      } catch (RuntimeException | Error noThread) {
        over(); // the executor is shut down, or its own code failed: then nobody stands in
      }
    }

    @Override
    public void run() {
      try {
        while (!awaitNone()) {
          if (executor.isShutdown()) {
            stopped = true;
            stop.accept(dispatcher);
          }
        }
      } finally {
        over();
      }
    }

    /** False when the thread was interrupted. */
    private boolean awaitNone() {
      lock.lock();
      try {
        while (held > 0) {
          none.await();
        }
        return true;
      } catch (InterruptedException e) {
        return false;
      } finally {
        lock.unlock();
      }
    }

    private void over() {
      lock.lock();
      try {
        running = false;
      } finally {
        lock.unlock();
      }
    }

    private boolean released() {
      lock.lock();
      try {
        if (--held == 0) {
          none.signalAll();
        }
        return held == 0;
      } finally {
        lock.unlock();
      }
    }

    /** One parked call. */
    final class Hold {
      private boolean gone;

      /** Whether the executor was stopped: nothing of the dispatcher is to be sent any more. */
      boolean stopped() {
        return stopped;
      }

      /** Idempotent. */
      synchronized void release() {
        if (!gone) {
          gone = true;
          standins.computeIfPresent(dispatcher, (d, s) -> s.released() ? null : s);
        }
      }
    }
  }
}
