package dev.paceline.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The values that an open tag may take: the first {@code limit} distinct ones, {@link #OTHER} for
 * the rest. A name once let in stays in, and one once turned away stays out: a series that changed
 * its tags half-way would lose counts.
 */
final class BoundedNames {
  /** Stands for every name that came too late. */
  static final String OTHER = "other";

  /** A name that could not be read; takes no place. */
  static final String UNKNOWN = "unknown";

  /** Longest value of a tag, in characters. */
  static final int MAX_LENGTH = 64;

  private final int limit;
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final ReentrantLock letIn = new ReentrantLock();
  private volatile boolean full;

  BoundedNames(int limit) {
    this.limit = limit;
    this.full = limit <= 0;
  }

  /**
   * @param name already cleaned by {@link #clean}
   * @return the name itself, or {@link #OTHER}
   */
  String admit(String name) {
    if (name.equals(UNKNOWN)) {
      return name;
    }
    // Read before the look-up: once full, nothing is added, so a name that is absent now is absent
    // for good.
    boolean wasFull = full;
    if (names.contains(name)) {
      return name;
    }
    return wasFull ? OTHER : admitNew(name);
  }

  /** As {@link #admit}, but lets nobody in. */
  String find(String name) {
    return name.equals(UNKNOWN) || names.contains(name) ? name : OTHER;
  }

  private String admitNew(String name) {
    letIn.lock();
    try {
      if (names.contains(name)) {
        return name;
      }
      if (names.size() >= limit) {
        full = true;
        return OTHER;
      }
      names.add(name);
      full = names.size() >= limit;
      return name;
    } finally {
      letIn.unlock();
    }
  }

  /**
   * Makes a tag value of request data: lower case, at most {@value #MAX_LENGTH} characters, {@code
   * [a-z0-9._:/-]} with {@code _} for anything else; a fine-tuned model {@code ft:base:org::id}
   * becomes {@code ft:base}, because each job makes a new id and the organisation is nobody's
   * business.
   */
  static String clean(String raw) {
    int length = Math.min(raw.length(), MAX_LENGTH);
    if (length == 0) {
      return UNKNOWN;
    }
    StringBuilder clean = new StringBuilder(length);
    int colons = 0;
    for (int i = 0; i < length; i++) {
      char c = lower(raw.charAt(i));
      if (c == ':' && isFineTuned(raw) && ++colons == 2) {
        break;
      }
      clean.append(allowed(c) ? c : '_');
    }
    return clean.toString();
  }

  private static boolean isFineTuned(String raw) {
    return raw.regionMatches(true, 0, "ft:", 0, 3);
  }

  private static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
  }

  private static boolean allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "._:/-".indexOf(c) >= 0;
  }
}
