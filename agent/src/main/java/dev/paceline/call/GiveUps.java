package dev.paceline.call;

import dev.paceline.words.Answer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one scope that were given up in the last minute, by body fingerprint: a loop above
 * the client that sends the same request anew continues them (rule 6c of the design).
 */
final class GiveUps {
  static final long MEMORY = 60_000_000_000L;

  /** Recorded answers are at most 64 KiB each; error bodies are rarely more than 1 KiB. */
  private static final int MOST = 256;

  private static final int MOST_BYTES = 1 << 20;

  private record Entry(long at, Answer answer) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Entry> entries = new LinkedHashMap<>();
  private int bytes;
  private volatile boolean empty = true;

  void record(long fingerprint, long now, Answer answer) {
    if (fingerprint == Fingerprint.NONE || !answer.complete()) {
      return;
    }
    lock.lock();
    try {
      remove(fingerprint);
      entries.put(fingerprint, new Entry(now, answer));
      bytes += answer.body().length;
      while (entries.size() > MOST || bytes > MOST_BYTES) {
        remove(entries.keySet().iterator().next());
      }
      empty = entries.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** The answer with which a call of the same body was given up less than a minute ago. */
  @Nullable Answer find(long fingerprint, long now) {
    if (empty || fingerprint == Fingerprint.NONE) {
      return null;
    }
    lock.lock();
    try {
      Entry entry = entries.get(fingerprint);
      if (entry == null) {
        return null;
      }
      if (now - entry.at > MEMORY) {
        remove(fingerprint);
        empty = entries.isEmpty();
        return null;
      }
      return entry.answer;
    } finally {
      lock.unlock();
    }
  }

  /** The request was served after all: the next one like it is a call of its own. */
  void forget(long fingerprint) {
    if (empty) {
      return;
    }
    lock.lock();
    try {
      remove(fingerprint);
      empty = entries.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void remove(long fingerprint) {
    Entry entry = entries.remove(fingerprint);
    if (entry != null) {
      bytes -= entry.answer.body().length;
    }
  }
}
