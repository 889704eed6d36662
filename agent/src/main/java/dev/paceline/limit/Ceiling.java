package dev.paceline.limit;

import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The limits that a person has typed for a scope: for each a bucket that holds so much and refills
 * evenly over its minute or day, and a cap of requests in flight. They stand beside what headers
 * announce; a call leaves when both let it.
 */
final class Ceiling {
  private static final Limit[] LIMITS = {
    Limit.RPM, Limit.TPM, Limit.ITPM, Limit.OTPM, Limit.RPD, Limit.TPD
  };
  private static final long MINUTE = 60 * SECOND;
  private static final long DAY = 86_400 * SECOND;

  /**
   * An attempt in flight for so long has been forgotten by its application, such as a stream that
   * nobody closes: it must not hold a place for ever.
   */
  static final long LOST = 900 * SECOND;

  /**
   * A full bucket at the provider refills from the arrival of what is taken, not from its leaving:
   * whose way was shorter than the first one's met a 429 when the bucket was first empty.
   */
  private static final long ON_ITS_WAY = 100 * MILLI;

  /** While all places are taken; whoever ends asks again at once. */
  private static final long ASK_AGAIN = SECOND;

  private Bounds typed = Bounds.NONE;
  private boolean any;
  private final long[] max = new long[LIMITS.length];

  /** The instant at which a bucket is full again, if nothing leaves until then. */
  private final long[] fullAt = new long[LIMITS.length];

  private final ArrayDeque<Attempt> open = new ArrayDeque<>();
  private int live;
  private long heldUntil;
  private @Nullable Limit heldBy;

  Ceiling(long now) {
    java.util.Arrays.fill(fullAt, now);
    heldUntil = now;
  }

  /** Takes over what is typed now; what was used stays used. */
  void set(long now, Bounds bounds) {
    typed = bounds;
    any = false;
    for (int i = 0; i < max.length; i++) {
      long next = of(i);
      any |= next > 0;
      if (next == max[i]) {
        continue;
      }
      long owed = Math.max(0, fullAt[i] - now);
      // Typed for the first time: what a restart remembers is owed.
      fullAt[i] = next == 0 ? now : now + (max[i] == 0 ? owed : Exact.mulDiv(owed, max[i], next));
      max[i] = next;
    }
    any |= typed.concurrency() > 0;
    if (typed.concurrency() == 0) {
      open.forEach(this::ended);
      open.clear();
    }
    heldBy = null;
    heldUntil = now;
  }

  private long of(int i) {
    return switch (LIMITS[i]) {
      case RPM -> typed.rpm();
      case TPM -> typed.tpm();
      case ITPM -> typed.itpm();
      case OTPM -> typed.otpm();
      case RPD -> typed.rpd();
      default -> typed.tpd();
    };
  }

  /** When a call may leave: {@code now}, or when it is worth asking again. */
  long earliest(long now, Charge charge) {
    if (!any) {
      return now;
    }
    long at = now;
    heldBy = null;
    for (int i = 0; i < max.length; i++) {
      long when = max[i] == 0 ? now : when(i, charge.of(LIMITS[i]));
      if (when - at > 0) {
        at = when;
        heldBy = LIMITS[i];
      }
    }
    if (typed.concurrency() > 0 && inFlight(now) >= typed.concurrency()) {
      if (at - now <= 0) {
        heldBy = Limit.CONCURRENCY;
      }
      at = Math.max(at, now + ASK_AGAIN);
    }
    if (heldBy != null) {
      heldUntil = at;
    }
    return at;
  }

  /** A request larger than its bucket is sent alone, with a full one. */
  private long when(int i, long units) {
    long window = window(i);
    return fullAt[i] + Math.min(window, cost(i, units)) - window;
  }

  private long cost(int i, long units) {
    return Exact.mulDiv(units, window(i), max[i]);
  }

  private static long window(int i) {
    return LIMITS[i] == Limit.RPD || LIMITS[i] == Limit.TPD ? DAY : MINUTE;
  }

  /** When the last of so many units would leave. */
  long predict(long now, long requests, long inputTokens, long outputTokens) {
    if (!any) {
      return now;
    }
    long at = now;
    Limit by = null;
    for (int i = 0; i < max.length; i++) {
      long units = Charge.of(LIMITS[i], requests, inputTokens, outputTokens);
      long when = max[i] == 0 || units == 0 ? now : fullAt[i] + cost(i, units) - window(i);
      if (when - at > 0) {
        at = when;
        by = LIMITS[i];
      }
    }
    if (typed.concurrency() > 0 && inFlight(now) >= typed.concurrency()) {
      by = by == null ? Limit.CONCURRENCY : by;
      at = Math.max(at, now + ASK_AGAIN);
    }
    if (by != null) {
      heldBy = heldBy == null ? by : heldBy;
      heldUntil = Math.max(heldUntil, at);
    }
    return at;
  }

  void left(long now, Attempt attempt) {
    if (!any) {
      return;
    }
    for (int i = 0; i < max.length; i++) {
      if (max[i] > 0) {
        long paid = Math.min(window(i), cost(i, attempt.charge.of(LIMITS[i])));
        fullAt[i] = Math.max(now + ON_ITS_WAY, fullAt[i]) + paid;
      }
    }
    if (typed.concurrency() > 0) {
      attempt.counted = true;
      live++;
      open.addLast(attempt);
    }
  }

  void ended(Attempt attempt) {
    if (attempt.counted) {
      attempt.counted = false;
      live--;
    }
  }

  private int inFlight(long now) {
    while (!open.isEmpty() && (!open.getFirst().counted || now - open.getFirst().sent > LOST)) {
      ended(open.removeFirst());
    }
    if (open.size() > 64 && live < open.size() / 2) {
      open.removeIf(attempt -> !attempt.counted);
    }
    return live;
  }

  /** Whether a limit on tokens is typed. */
  boolean countsTokens() {
    return typed.tpm() > 0 || typed.itpm() > 0 || typed.otpm() > 0 || typed.tpd() > 0;
  }

  /** Whether calls are held by what was typed now. */
  boolean holds(long now) {
    return any && heldUntil - now > 0;
  }

  /** The typed limit that holds the next call; null when none does. */
  @Nullable Limit heldBy() {
    return heldBy;
  }

  /** Whether forgetting it would forget nothing. */
  boolean idle(long now) {
    for (int i = 0; any && i < max.length; i++) {
      if (max[i] > 0 && fullAt[i] - now > 0) {
        return false;
      }
    }
    return true;
  }

  /** How long a typed limit takes to be whole again; 0 when nothing is typed. */
  long owed(long now, Limit limit) {
    int i = java.util.Arrays.asList(LIMITS).indexOf(limit);
    return max[i] == 0 ? 0 : Math.max(0, fullAt[i] - now);
  }

  /** So much was owed before a restart; counts once a limit is typed. */
  void recall(long now, Limit limit, long owed) {
    fullAt[java.util.Arrays.asList(LIMITS).indexOf(limit)] = now + Math.max(0, Math.min(DAY, owed));
  }

  /** Another scope turned out to be this one: what it used is used here. */
  void add(long now, Ceiling other) {
    for (int i = 0; any && i < max.length; i++) {
      if (max[i] > 0 && other.max[i] == max[i]) {
        fullAt[i] = Math.max(now, fullAt[i]) + Math.max(0, other.fullAt[i] - now);
      }
    }
  }
}
