package dev.paceline.limit;

import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits that a person has typed for a scope: never exceeded in any window of their length (see
 * {@link UsageWindow}), and a cap of requests in flight. A day's limit may begin anew at an hour of
 * a zone instead. They stand beside what headers announce; a call leaves when both let it.
 *
 * <p>Questions change nothing: only {@link #onSend} and {@link #ended} do.
 */
public final class ConfiguredLimits implements Constraint {
  private static final List<Limit> LIMITS =
      List.of(Limit.RPM, Limit.TPM, Limit.ITPM, Limit.OTPM, Limit.RPD, Limit.TPD);

  /**
   * A permit in flight for so long has been forgotten by its application, such as a stream that
   * nobody closes: it must not hold a place for ever.
   */
  static final long LOST_AFTER = 900 * SECOND;

  /**
   * A window at the provider is one of arrivals: a way that is so much shorter than that of the
   * first request must not put one more into it.
   */
  private static final long WAY_TO_PROVIDER = 100 * MILLI;

  /** While all places are taken; whoever ends asks again at once. */
  private static final long ASK_AGAIN = SECOND;

  /** Weight of the newest attempt in the usual cost. */
  private static final double NEWEST_WEIGHT = 0.1;

  private Bounds typed = Bounds.NONE;
  private boolean any;
  private final long[] max = new long[LIMITS.size()];
  private final UsageWindow[] windows = new UsageWindow[LIMITS.size()];

  /** FairShare of a whole limit that were used before a restart, in nanoseconds of its window. */
  private final long[] recalled = new long[LIMITS.size()];

  private long recalledAt;
  private final DayStart day = new DayStart();
  private final ArrayDeque<Permit> open = new ArrayDeque<>();
  private int live;
  private FleetShare fleet = FleetShare.NONE;
  private double usualInput;
  private double usualOutput;

  public ConfiguredLimits() {
    for (int i = 0; i < windows.length; i++) {
      long length = window(i);
      windows[i] =
          length == Exact.DAY
              ? new UsageWindow(Exact.DAY, this::dayEnds)
              : new UsageWindow(length, sent -> sent + length + WAY_TO_PROVIDER);
    }
  }

  private long dayEnds(long sent) {
    return day.set() ? day.after(sent) : sent + Exact.DAY + WAY_TO_PROVIDER;
  }

  private static long window(int i) {
    return LIMITS.get(i) == Limit.RPD || LIMITS.get(i) == Limit.TPD ? Exact.DAY : Exact.MINUTE;
  }

  /** The limits hold for all who share them together. */
  void fleet(FleetShare share) {
    fleet = share;
  }

  /** What of a typed limit is ours. */
  private long ours(long now, int i) {
    double share = fleet.typed(LIMITS.get(i), now);
    return share >= 1 ? max[i] : (long) Math.floor(share * max[i] + 0.01);
  }

  /** Takes over what is typed now; what was used stays used. */
  public void set(long now, long epochMillis, Bounds bounds) {
    typed = bounds;
    day.set(now, epochMillis, bounds.dayStart());
    any = typed.concurrency() > 0;
    for (int i = 0; i < max.length; i++) {
      max[i] = of(i);
      any |= max[i] > 0;
      if (max[i] > 0 && recalled[i] > 0) {
        windows[i].charge(recalledAt, Exact.mulDiv(recalled[i], max[i], window(i)));
        recalled[i] = 0;
      }
    }
    if (typed.concurrency() == 0) {
      open.forEach(this::ended);
      open.clear();
    }
  }

  private long of(int i) {
    return switch (LIMITS.get(i)) {
      case RPM -> typed.rpm();
      case TPM -> typed.tpm();
      case ITPM -> typed.itpm();
      case OTPM -> typed.otpm();
      case RPD -> typed.rpd();
      default -> typed.tpd();
    };
  }

  /**
   * When a call may leave: {@code now}, or when it is worth asking again. One that is larger than
   * its limit is sent alone.
   */
  @Override
  public long earliest(long now, Cost charge) {
    if (!any) {
      return now;
    }
    long at = full(now) ? now + ASK_AGAIN : now;
    for (int i = 0; i < max.length; i++) {
      at = Math.max(at, when(now, i, Math.min(ours(now, i), charge.of(LIMITS.get(i)))));
    }
    return at;
  }

  @Override
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    if (!any) {
      return now;
    }
    long at = full(now) ? now + ASK_AGAIN : now;
    for (int i = 0; i < max.length; i++) {
      at = Math.max(at, when(now, i, Cost.of(LIMITS.get(i), requests, inputTokens, outputTokens)));
    }
    return at;
  }

  private long when(long now, int i, long units) {
    if (max[i] == 0) {
      return now;
    }
    long most = ours(now, i);
    if (most == 0) {
      return now + ASK_AGAIN;
    }
    if (units == 0) {
      return now;
    }
    long whole = (units - 1) / most;
    long at = windows[i].earliest(now, most, units - whole * most);
    return at + Math.min(whole, 1_000) * (window(i) + WAY_TO_PROVIDER);
  }

  private boolean full(long now) {
    if (typed.concurrency() == 0) {
      return false;
    }
    double share = fleet.typed(Limit.CONCURRENCY, now);
    return inFlight(now) >= (long) Math.floor(Math.min(1, share) * typed.concurrency() + 0.01);
  }

  /** The typed limit that holds a call of the usual cost; null when none does. */
  public @Nullable Limit heldBy(long now) {
    if (!any) {
      return null;
    }
    Cost usual = new Cost(1, Math.round(usualInput), Math.round(usualOutput));
    Limit by = full(now) ? Limit.CONCURRENCY : null;
    long at = now;
    for (int i = 0; i < max.length; i++) {
      long when = when(now, i, Math.min(ours(now, i), usual.of(LIMITS.get(i))));
      if (when - at > 0) {
        at = when;
        by = LIMITS.get(i);
      }
    }
    return by;
  }

  @Override
  public void onSend(long now, Permit permit) {
    if (!any) {
      return;
    }
    usualInput += NEWEST_WEIGHT * (permit.charge.inputTokens() - usualInput);
    usualOutput += NEWEST_WEIGHT * (permit.charge.outputTokens() - usualOutput);
    for (int i = 0; i < max.length; i++) {
      long units = permit.charge.of(LIMITS.get(i));
      if (max[i] > 0 && units > 0) {
        windows[i].charge(now, units);
      }
    }
    if (typed.concurrency() > 0) {
      permit.counted = true;
      live++;
      open.addLast(permit);
    }
  }

  /** So many more tokens of output than were charged; negative for what was set aside. */
  public void produced(long now, Permit permit, long more) {
    for (int i = 0; any && i < max.length; i++) {
      long units = Cost.of(LIMITS.get(i), 0, 0, more);
      if (max[i] > 0 && units > 0) {
        windows[i].charge(now, units);
      } else if (max[i] > 0 && units < 0) {
        windows[i].giveBack(permit.sent, -units);
      }
    }
  }

  void ended(Permit permit) {
    if (permit.counted) {
      permit.counted = false;
      live--;
    }
  }

  private int inFlight(long now) {
    while (!open.isEmpty()
        && (!open.getFirst().counted || now - open.getFirst().sent > LOST_AFTER)) {
      ended(open.removeFirst());
    }
    if (open.size() > 64 && live < open.size() / 2) {
      open.removeIf(permit -> !permit.counted);
    }
    return live;
  }

  /** The typed limit of which the largest part is used; unknown when nothing is. */
  Limit fullest(long now) {
    double most = 0;
    Limit found = Limit.UNKNOWN;
    for (int i = 0; any && i < max.length; i++) {
      double part = max[i] == 0 ? 0 : (double) windows[i].used(now) / max[i];
      if (part > most) {
        most = part;
        found = LIMITS.get(i);
      }
    }
    return found;
  }

  /** Units a minute of the tightest typed limit on requests, or on tokens; 0 for none. */
  long perMinute(boolean tokens) {
    long least = 0;
    for (int i = 0; i < max.length; i++) {
      if (max[i] > 0 && Cost.countsTokens(LIMITS.get(i)) == tokens && window(i) == Exact.MINUTE) {
        least = least == 0 ? max[i] : Math.min(least, max[i]);
      }
    }
    return least;
  }

  /** The largest part of a minute's typed limit on those that we have used. */
  double used(long now, boolean tokens) {
    double most = 0;
    for (int i = 0; i < max.length; i++) {
      if (max[i] > 0 && Cost.countsTokens(LIMITS.get(i)) == tokens && window(i) == Exact.MINUTE) {
        most = Math.max(most, (double) windows[i].used(now) / max[i]);
      }
    }
    return most;
  }

  /** Requests in flight that are typed; 0 for none. */
  long concurrency() {
    return typed.concurrency();
  }

  /** Whether any limit is typed. */
  boolean typed() {
    return any;
  }

  /** Whether a limit on tokens is typed. */
  boolean countsTokens() {
    return typed.tpm() > 0 || typed.itpm() > 0 || typed.otpm() > 0 || typed.tpd() > 0;
  }

  /** Whether forgetting it would forget nothing. */
  public boolean idle(long now) {
    for (int i = 0; any && i < max.length; i++) {
      if (max[i] > 0 && windows[i].used(now) > 0) {
        return false;
      }
    }
    return true;
  }

  /** The used part of a typed limit, in nanoseconds of its window; 0 when nothing is typed. */
  long owed(long now, Limit limit) {
    int i = LIMITS.indexOf(limit);
    return max[i] == 0 ? 0 : Exact.mulDiv(windows[i].used(now), window(i), max[i]);
  }

  /** Such a part was used until {@code then}, before a restart; counts once a limit is typed. */
  void recall(long then, Limit limit, long owed) {
    int i = LIMITS.indexOf(limit);
    recalled[i] = Math.max(0, Math.min(window(i), owed));
    recalledAt = then;
    if (max[i] > 0) {
      windows[i].charge(then, Exact.mulDiv(recalled[i], max[i], window(i)));
      recalled[i] = 0;
    }
  }

  /** Another scope turned out to be this one: what it used is used here. */
  void add(long now, ConfiguredLimits other) {
    for (int i = 0; any && i < max.length; i++) {
      if (max[i] > 0 && other.max[i] == max[i]) {
        windows[i].charge(now, other.windows[i].used(now));
      }
    }
  }
}
