package dev.paceline.threads;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the JVM from ending while something is held that has no thread of its own: a call that
 * would be running on a thread of the client's without the agent.
 */
public final class KeepAlive {
  private final ReentrantLock lock = new ReentrantLock();
  private int held;
  private @Nullable Thread thread;

  /** Once more; never throws: without a thread the JVM may end early, and that is all. */
  public void hold() {
    lock.lock();
    try {
      held++;
      if (thread == null) {
        Thread keeper = AgentThreads.user("waiting", this::stay);
        keeper.start();
        thread = keeper;
      }
    } catch (Throwable noThread) {
      // The next one tries again.
    } finally {
      lock.unlock();
    }
  }

  /** Ends one {@link #hold}. */
  public void release() {
    lock.lock();
    try {
      held--;
      if (held == 0 && thread != null) {
        LockSupport.unpark(thread);
        thread = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many are held. */
  public int held() {
    lock.lock();
    try {
      return held;
    } finally {
      lock.unlock();
    }
  }

  private void stay() {
    while (isMine(Thread.currentThread())) {
      LockSupport.park(this);
    }
  }

  private boolean isMine(Thread me) {
    lock.lock();
    try {
      return thread == me;
    } finally {
      lock.unlock();
    }
  }
}
