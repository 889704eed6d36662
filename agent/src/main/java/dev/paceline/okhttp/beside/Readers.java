package dev.paceline.okhttp.beside;

import dev.paceline.threads.Share;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Who reads error bodies, with a bound for each host: a provider whose bodies stall keeps a reader
 * for each of them until the client's read timeout, and the errors of all others went unread.
 */
final class Readers {
  /** A quarter of the pool. */
  private static final int MOST_A_HOST = 64;

  /** Hosts of LLMs in one application; beyond it those of whom nothing is read are forgotten. */
  private static final int MOST_HOSTS = 256;

  private final Executor pool;
  private final ConcurrentHashMap<String, Share> hosts = new ConcurrentHashMap<>();

  Readers(Executor pool) {
    this.pool = pool;
  }

  /** Throws RejectedExecutionException when no reader is free for this host. */
  Executor of(String host) {
    Share known = hosts.get(host);
    if (known != null) {
      return known;
    }
    if (hosts.size() >= MOST_HOSTS) {
      hosts.values().removeIf(Share::isIdle);
    }
    return hosts.computeIfAbsent(host, h -> Share.refusing(pool, MOST_A_HOST));
  }
}
