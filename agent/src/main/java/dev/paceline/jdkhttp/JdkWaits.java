package dev.paceline.jdkhttp;

import java.net.http.HttpClient;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait, by client, so that one that is closed finds its own (Java 21 and newer). The
 * client does not know of a waiting call: it would close under it.
 */
final class JdkWaits {
  private final Set<Held> waiting = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();

  /** Weak: to be closed is no reason to stay in memory. */
  private final Map<HttpClient, Boolean> closed = new WeakHashMap<>();

  private volatile boolean anyClosed;

  /** A wait begins. Its release is run at once, on this thread, when the client is closing. */
  void begin(Held wait) {
    waiting.add(wait);
    if (anyClosed) {
      Boolean stopped = closed(wait.client());
      if (stopped != null) {
        end(wait, stopped);
      }
    }
  }

  void end(Held wait) {
    waiting.remove(wait);
  }

  private static void end(Held wait, boolean stopped) {
    if (stopped) {
      wait.stop();
    } else {
      wait.release();
    }
  }

  /**
   * The client is about to be closed; it still takes requests while this runs.
   *
   * @param now whether it is stopped: what was not sent is not to be sent any more
   */
  void closing(HttpClient client, boolean now) {
    lock.lock();
    try {
      closed.merge(client, now, Boolean::logicalOr);
      anyClosed = true;
    } finally {
      lock.unlock();
    }
    for (Held wait : waiting) {
      if (wait.client() == client) {
        end(wait, now);
      }
    }
  }

  int size() {
    return waiting.size();
  }

  private @Nullable Boolean closed(@Nullable HttpClient client) {
    lock.lock();
    try {
      return closed.get(client);
    } finally {
      lock.unlock();
    }
  }
}
