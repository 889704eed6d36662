package dev.paceline.call;

import dev.paceline.words.ProviderResponse;
import dev.paceline.words.Scope;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The calls of this JVM that were given up in the last minute, by scope and fingerprint: a loop
 * above the client that sends the same request anew continues them (rule 6c of the design).
 *
 * <p>What is kept is a copy of our own (no object of the application's loader), with every byte
 * counted against one bound for all scopes, and goes after a minute whether anybody asks or not.
 */
final class GiveUps {
  static final long MEMORY = 60_000_000_000L;

  /**
   * So long an answer that no wait can cure is handed out again without a request. Loops above
   * clients repeat within 1 to 8 s; a quota that was topped up in between is missed for so long.
   */
  static final long NON_RETRYABLE_MEMORY = 10_000_000_000L;

  private static final long MOST_BYTES =
      Math.max(1 << 18, Math.min(1 << 22, Runtime.getRuntime().maxMemory() / 64));

  /** An entry's own objects. */
  private static final int ENTRY_BYTES = 256;

  private record Key(Scope scope, long fingerprint) {}

  private record Entry(long at, ProviderResponse answer, boolean nonRetryable, long bytes) {}

  /**
   * A call that was given up.
   *
   * @param answer what it was told; marked as handed out locally
   * @param nonRetryable whether no repeat can be served now
   */
  record Found(ProviderResponse answer, boolean nonRetryable) {}

  private final Clock clock;
  private final Timer timer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Entry> entries = new LinkedHashMap<>();
  private long bytes;
  private boolean armed;
  private volatile boolean empty = true;

  GiveUps(Clock clock, Timer timer) {
    this.clock = clock;
    this.timer = timer;
  }

  /**
   * A call is given up.
   *
   * @param nonRetryable whether no wait can help: a quota, a request that is larger than its limit
   */
  void record(Scope scope, long fingerprint, ProviderResponse answer, boolean nonRetryable) {
    if (fingerprint == RequestFingerprint.NONE || !answer.complete()) {
      return;
    }
    ProviderResponse copy = StoredResponse.recorded(answer);
    long size = StoredResponse.bytes(copy) + ENTRY_BYTES;
    if (size > MOST_BYTES) {
      return;
    }
    long now = clock.nanos();
    lock.lock();
    try {
      Key key = new Key(scope, fingerprint);
      remove(key);
      entries.put(key, new Entry(now, copy, nonRetryable, size));
      bytes += size;
      dropUntil(now - MEMORY, MOST_BYTES);
      empty = entries.isEmpty();
      arm();
    } finally {
      lock.unlock();
    }
  }

  /** The answer with which a call of the same body was given up less than a minute ago. */
  @Nullable Found find(Scope scope, long fingerprint) {
    if (empty || fingerprint == RequestFingerprint.NONE) {
      return null;
    }
    long now = clock.nanos();
    lock.lock();
    try {
      Entry entry = entries.get(new Key(scope, fingerprint));
      return entry == null || now - entry.at > MEMORY
          ? null
          : new Found(
              StoredResponse.aged(entry.answer, now - entry.at),
              entry.nonRetryable && now - entry.at <= NON_RETRYABLE_MEMORY);
    } finally {
      lock.unlock();
    }
  }

  /** The request was served after all: the next one like it is a call of its own. */
  void forget(Scope scope, long fingerprint) {
    if (empty) {
      return;
    }
    lock.lock();
    try {
      remove(new Key(scope, fingerprint));
      empty = entries.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that are kept. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  private void remove(Key key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      bytes -= entry.bytes;
    }
  }

  /** Drops the oldest: those of before {@code instant}, and as many as it takes. */
  private void dropUntil(long instant, long most) {
    for (Iterator<Entry> oldest = entries.values().iterator(); oldest.hasNext(); ) {
      Entry entry = oldest.next();
      if (entry.at - instant >= 0 && bytes <= most) {
        return;
      }
      bytes -= entry.bytes;
      oldest.remove();
    }
  }

  /** Under the lock. */
  private void arm() {
    if (armed || entries.isEmpty()) {
      return;
    }
    try {
      timer.at(entries.values().iterator().next().at + MEMORY, this::age);
      armed = true;
    } catch (Throwable noThread) {
      // The next one that is recorded drops what is too old.
    }
  }

  private void age() {
    lock.lock();
    try {
      armed = false;
      dropUntil(clock.nanos() - MEMORY + 1, MOST_BYTES);
      empty = entries.isEmpty();
      arm();
    } finally {
      lock.unlock();
    }
  }
}
