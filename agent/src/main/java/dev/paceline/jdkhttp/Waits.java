package dev.paceline.jdkhttp;

import java.net.http.HttpClient;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The calls that wait, by client, so that one that is closed finds its own (Java 21 and newer). The
 * client does not know of a waiting call: it would close under it.
 */
final class Waits {
  private final Set<Held> waiting = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();

  /** Weak: to be closed is no reason to stay in memory. */
  private final Set<HttpClient> closed = Collections.newSetFromMap(new WeakHashMap<>());

  private volatile boolean anyClosed;

  /** A wait begins. Its release is run at once, on this thread, when the client is closing. */
  void begin(Held wait) {
    waiting.add(wait);
    if (anyClosed && isClosed(wait.client())) {
      wait.release();
    }
  }

  void end(Held wait) {
    waiting.remove(wait);
  }

  /** The client is about to be closed; it still takes requests while this runs. */
  void closing(HttpClient client) {
    lock.lock();
    try {
      closed.add(client);
      anyClosed = true;
    } finally {
      lock.unlock();
    }
    for (Held wait : waiting) {
      if (wait.client() == client) {
        wait.release();
      }
    }
  }

  int size() {
    return waiting.size();
  }

  private boolean isClosed(HttpClient client) {
    lock.lock();
    try {
      return closed.contains(client);
    } finally {
      lock.unlock();
    }
  }
}
