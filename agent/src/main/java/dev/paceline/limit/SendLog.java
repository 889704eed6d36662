package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.Arrays;

/**
 * Running totals of what one scope has sent, by time: what was sent up to an instant is one binary
 * search. A ring that grows while its oldest entry is young.
 */
final class SendLog {

  /** Entries of a new ring; a power of two, as all its sizes are. */
  private static final int MIN_ENTRIES = 32;

  /** Entries of the largest: 256 KiB. */
  private static final int MAX_ENTRIES = 8_192;

  /** Entries younger than this are worth more memory, whatever window is in use. */
  private static final long MIN_KEPT_NANOS = 61 * Exact.SECOND;

  /**
   * A ring of this size and more puts what is sent within a part of what it keeps into one entry.
   */
  private static final int MERGE_FROM = 1_024;

  /** Parts of the time kept: what is sent within one of them is one entry. */
  private static final int MERGE_PARTS = 6_000;

  private long[] times = new long[MIN_ENTRIES];
  private long[] totals = new long[3 * MIN_ENTRIES];
  private long keep = MIN_KEPT_NANOS;

  /** When the first of what the newest entry holds was sent. */
  private long newestBegan;

  private int first;
  private int size;
  private long requests;
  private long inputTokens;
  private long outputTokens;

  /** Totals before the oldest entry. */
  private final long[] before = new long[3];

  void add(long now, Cost charge) {
    requests += charge.requests();
    inputTokens += charge.inputTokens();
    outputTokens += charge.outputTokens();
    note(now);
  }

  /** Output that was not charged when its request was sent; negative for what was set aside. */
  void produced(long now, long tokens) {
    outputTokens += tokens;
    note(now);
  }

  private void note(long now) {
    if (size >= MERGE_FROM && now - newestBegan < keep / MERGE_PARTS) {
      // All of it counts as sent with the last of it: a window must not give it back too early.
      put(slot(size - 1), now);
      return;
    }
    newestBegan = now;
    if (size == times.length) {
      if (size < MAX_ENTRIES && now - times[first] < keep) {
        grow();
      } else {
        System.arraycopy(totals, 3 * first, before, 0, 3);
        first = slot(1);
        size--;
      }
    }
    size++;
    put(slot(size - 1), now);
  }

  private void put(int slot, long time) {
    times[slot] = time;
    totals[3 * slot] = requests;
    totals[3 * slot + 1] = inputTokens;
    totals[3 * slot + 2] = outputTokens;
  }

  private int slot(int i) {
    return (first + i) & (times.length - 1); // a power of two; a division would cost more
  }

  private void grow() {
    int old = times.length;
    long[] newTimes = Arrays.copyOf(times, old * 2);
    long[] newTotals = Arrays.copyOf(totals, old * 6);
    for (int i = 0; i < size; i++) {
      int from = (first + i) % old;
      newTimes[i] = times[from];
      System.arraycopy(totals, 3 * from, newTotals, 3 * i, 3);
    }
    times = newTimes;
    totals = newTotals;
    first = 0;
  }

  /** A window of this length is counted: what was sent in it is kept. */
  void keep(long window) {
    keep = Math.max(keep, window + Exact.SECOND);
  }

  /** Entries that it holds. */
  int entries() {
    return size;
  }

  long requests() {
    return requests;
  }

  long inputTokens() {
    return inputTokens;
  }

  long outputTokens() {
    return outputTokens;
  }

  long total(Limit limit) {
    return Cost.of(limit, requests, inputTokens, outputTokens);
  }

  /** What was sent up to {@code time}, inclusive. */
  long upTo(long time, Limit limit) {
    int entries = entriesUpTo(time);
    if (entries == 0) {
      return Cost.of(limit, before[0], before[1], before[2]);
    }
    int at = 3 * slot(entries - 1);
    return Cost.of(limit, totals[at], totals[at + 1], totals[at + 2]);
  }

  /** Whether the log still knows what was sent around {@code time}. */
  boolean reaches(long time) {
    return size > 0 && (before[0] == 0 || times[first] - time <= 0);
  }

  /** When the oldest thing sent after {@code time} was sent; {@link Exact#NEVER} for none. */
  long firstAfter(long time) {
    int entries = entriesUpTo(time);
    return entries == size ? Exact.NEVER : times[slot(entries)];
  }

  private int entriesUpTo(long time) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (times[slot(middle)] - time <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
