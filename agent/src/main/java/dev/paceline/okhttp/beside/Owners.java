package dev.paceline.okhttp.beside;

import dev.paceline.words.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whose limits the calls of a client draw on once its interceptors have added the credential.
 * Without it such calls were not known to have to wait before they had a thread: 500 of them took
 * 280 threads, and what could not wait went out.
 *
 * <p>Clients with the same interceptors are one: SDKs derive a client for each call. Keeps hashes
 * of credentials only, as scopes do.
 */
final class Owners {
  /** Owners a client that its requests show before the interceptors run. */
  private static final int MOST = 64;

  /**
   * So many calls must agree after one was another's: a client whose interceptor takes turns with
   * many credentials is not known.
   */
  private static final int AGAIN = 50;

  private record Seen(String owner, int agreed) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final WeakHashMap<List<?>, Map<String, Seen>> clients = new WeakHashMap<>();

  /**
   * A call has passed the client's interceptors.
   *
   * @param interceptors the client's own list
   * @param shown the scope that its request showed before
   * @param sent the scope after
   */
  void note(List<?> interceptors, Scope shown, Scope sent) {
    lock.lock();
    try {
      Map<String, Seen> owners = clients.computeIfAbsent(interceptors, k -> new HashMap<>());
      String key = key(shown);
      Seen last = owners.get(key);
      if (last != null && last.owner.equals(sent.owner())) {
        owners.put(key, new Seen(last.owner, Math.min(AGAIN, last.agreed + 1)));
      } else if (last != null || owners.size() < MOST) {
        owners.put(key, new Seen(sent.owner(), last == null ? 1 : -AGAIN));
      }
    } finally {
      lock.unlock();
    }
  }

  /** The scope that a request of this client will have when it is sent, as far as is known. */
  Scope after(List<?> interceptors, Scope shown) {
    String owner = owner(interceptors, shown);
    return owner == null ? shown : new Scope(shown.provider(), owner, shown.model());
  }

  private @Nullable String owner(List<?> interceptors, Scope shown) {
    lock.lock();
    try {
      Map<String, Seen> owners = clients.get(interceptors);
      Seen seen = owners == null ? null : owners.get(key(shown));
      return seen == null || seen.agreed <= 0 ? null : seen.owner;
    } finally {
      lock.unlock();
    }
  }

  private static String key(Scope shown) {
    return shown.provider() + '\n' + shown.owner();
  }
}
