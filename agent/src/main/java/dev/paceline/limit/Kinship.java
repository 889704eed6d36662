package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;
import static dev.paceline.limit.Exact.mulDiv;

import dev.paceline.words.Limit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whether two sides (a scope, or some that are known to be one) draw on the same buckets: what
 * their headers have shown for it, until one speaks against it. The rules and the reasons: {@code
 * docs/decisions/008-model-families-on-proof.md}.
 *
 * <p>Pure and not thread-safe: its owner holds a lock.
 */
public final class Kinship {
  /** What a header says about it. */
  public enum Finding {
    NOTHING,
    /** One more that speaks for it. */
    FOR,
    /** The two have buckets of their own. */
    AGAINST,
    /** The two are told different limits. */
    UNLIKE,
    /** Somebody else takes from it, or it is not as thought. */
    DOUBTFUL
  }

  /** Attempts sent within this time of each other usually arrive in any order. */
  static final long ORDER = 100 * MILLI;

  /** Within this time they may: a contradiction is final, and some ways are long. */
  private static final long ORDER_AT_WORST = 500 * MILLI;

  /** So many headers are proof. */
  private static final int PROOF = 25;

  /** So many of them from each side. */
  private static final int FROM_EACH = 5;

  /** A header that nothing explains takes away so many. */
  private static final int DOUBT = 10;

  /** Clocks and whole seconds: a window may end so much earlier than announced. */
  private static final long GUARD = 1_100 * MILLI;

  private static final long LONGEST = 120 * SECOND;

  /** Levels are compared over this time at most. */
  private static final long CARRIED = 30 * SECOND;

  private static final long FIRST_PAUSE = 600 * SECOND;
  private static final long LONGEST_PAUSE = 86_400 * SECOND;

  private Kin[][] sides;
  private Kin[] strangers = {};

  /** Where the intervals begin that speak for it, and those that speak against it. */
  private final @Nullable Sight[][] near = new Sight[2][Kin.LIMITS.size()];

  private final @Nullable Sight[][] far = new Sight[2][Kin.LIMITS.size()];
  private final int[] shown = new int[2];
  private int contradictions;
  private long notBefore;
  private boolean pausing;

  // Of the last bounds that were computed, in millionths: by how much the level has changed.
  private long low;
  private long high;

  /** Whether it may have been full in between. */
  private boolean full;

  /** Whether the interval that may speak against it is known. */
  private boolean known;

  public Kinship(Kin first, Kin second) {
    sides = new Kin[][] {{first}, {second}};
  }

  /**
   * The sides have become others: one that joined or left. What was shown stays.
   *
   * @param others scopes of the same owner that are on neither side
   */
  public void sides(Kin[] first, Kin[] second, Kin[] others) {
    sides = new Kin[][] {first, second};
    strangers = others;
    forgetAnchors();
  }

  /** Which side a scope is on: 0, 1, or -1 for none. */
  public int sideOf(Kin kin) {
    for (int side = 0; side < 2; side++) {
      for (Kin member : sides[side]) {
        if (member == kin) {
          return side;
        }
      }
    }
    return -1;
  }

  public boolean proved() {
    return shown[0] + shown[1] >= PROOF && Math.min(shown[0], shown[1]) >= FROM_EACH;
  }

  /** Headers that have spoken for it since the last contradiction. */
  public int shown() {
    return shown[0] + shown[1];
  }

  /** Whether it is looked at now: not for a while after a contradiction. */
  public boolean open(long now) {
    if (pausing && now - notBefore >= 0) {
      pausing = false;
    }
    return !pausing;
  }

  /**
   * A served answer of {@code from} was read.
   *
   * @param sights what it showed; before {@link #told}
   */
  public Finding header(long now, Kin from, Iterable<Sight> sights) {
    int side = sideOf(from);
    if (side < 0 || !open(now)) {
      return Finding.NOTHING;
    }
    boolean speaksFor = false;
    boolean doubtful = false;
    for (Sight sight : sights) {
      int index = Kin.LIMITS.indexOf(sight.limit);
      if (index < 0) {
        continue;
      }
      Finding finding =
          header(side, index, sight, Math.max(from.slack(index), slack(1 - side, index)));
      if (finding == Finding.AGAINST) {
        refuted(now);
        return finding;
      }
      if (finding == Finding.UNLIKE) {
        forget();
        return finding;
      }
      speaksFor |= finding == Finding.FOR;
      doubtful |= finding == Finding.DOUBTFUL;
    }
    if (doubtful) {
      shown[side] = Math.max(0, shown[side] - DOUBT);
      return Finding.DOUBTFUL;
    }
    if (speaksFor) {
      shown[side] = Math.min(shown[side] + 1, 1_000_000);
      return Finding.FOR;
    }
    return Finding.NOTHING;
  }

  /** To be said after all kinships of a scope have seen an answer. */
  public static void told(Kin from, Iterable<Sight> sights) {
    for (Sight sight : sights) {
      int index = Kin.LIMITS.indexOf(sight.limit);
      if (index >= 0) {
        from.told(index, sight);
      }
    }
  }

  private void refuted(long now) {
    forget();
    long pause = FIRST_PAUSE << Math.min(contradictions, 8);
    notBefore = now + Math.min(pause, LONGEST_PAUSE);
    pausing = true;
    contradictions++;
  }

  private void forget() {
    shown[0] = 0;
    shown[1] = 0;
    forgetAnchors();
  }

  private void forgetAnchors() {
    for (int side = 0; side < 2; side++) {
      Arrays.fill(near[side], null);
      Arrays.fill(far[side], null);
    }
  }

  private long slack(int side, int index) {
    long slack = 1;
    for (Kin kin : sides[side]) {
      slack = Math.max(slack, kin.last(index) == null ? 1 : kin.slack(index));
    }
    return slack;
  }

  private Finding header(int side, int index, Sight now, long slack) {
    Sight other = newest(1 - side, index);
    Sight start = near[side][index];
    Sight begin = far[side][index];
    if (other == null || (start != null && now.sent - start.sent <= 0)) {
      return Finding.NOTHING;
    }
    if (start == null || begin == null || start.max != now.max || start.kind != now.kind) {
      restart(side, index, now);
      return Finding.NOTHING;
    }
    if (other.max != now.max) {
      restart(side, index, now);
      // The one that was told earlier may not have heard of a change yet.
      boolean heard = now.sent - other.sent > 0 && other.sent - start.sent > 0;
      return heard ? Finding.UNLIKE : Finding.NOTHING;
    }
    Level level = level(other, now, slack);
    if (level == Level.HIGHER || unseen(side, begin, now, slack)) {
      return Finding.AGAINST;
    }
    if (full || !known || now.sent - begin.sent > LONGEST) {
      far[side][index] = now;
    }
    Fall fall = fall(side, index, start, now, slack);
    boolean done = fall == Fall.BOTH || fall == Fall.UNEXPLAINED;
    if (done || fall == Fall.NOTHING || now.sent - start.sent > LONGEST) {
      near[side][index] = now;
    }
    if (fall == Fall.UNEXPLAINED || (fall == Fall.BOTH && level == Level.LOWER)) {
      return Finding.DOUBTFUL;
    }
    return fall == Fall.BOTH && level == Level.SAME ? Finding.FOR : Finding.NOTHING;
  }

  private void restart(int side, int index, Sight now) {
    near[side][index] = now;
    far[side][index] = now;
  }

  private enum Fall {
    /** Our own charges do not explain it, those of both do. */
    BOTH,
    /** Those of both do not explain it. */
    UNEXPLAINED,
    /** Too early to tell. */
    UNDECIDED,
    /** Nothing will be told from this beginning. */
    NOTHING
  }

  private Fall fall(int side, int index, Sight start, Sight now, long slack) {
    Limit limit = now.limit;
    long from = start.sent - ORDER - 1;
    long to = now.sent + ORDER;
    long other = between(1 - side, from, to, limit);
    if (other == 0 || strangers(index, from, to, now) || !bounds(start, now, true, true, false)) {
      return Fall.NOTHING;
    }
    boolean tokens = Charge.countsTokens(limit);
    long bothLow = low;
    long bothHigh = high;
    // Narrow beside what is to be shown, and beside one call: others hide in a wide interval.
    long error = error(start, now, slack);
    long wide = bothHigh - bothLow + (error > MICRO ? 2 * error : 0);
    boolean narrow =
        wide <= Math.min(tokens ? other * 3 / 2 * MICRO : other * MICRO / 2, most(now) * MICRO);
    if (!bounds(start, now, side == 0, side == 1, false)) {
      return Fall.NOTHING;
    }
    long seen = now.level() - start.level();
    long least = seen - error;
    long most = seen + error;
    if (!narrow) {
      // A beginning in the midst of others stays unclear.
      boolean better = noise(now) < noise(start) || wide > most(now) * MICRO;
      return full || (better && noise(now) <= noise(start)) ? Fall.NOTHING : Fall.UNDECIDED;
    }
    if (most <= bothLow || least >= bothHigh) {
      return Fall.UNEXPLAINED;
    }
    if (most <= low) {
      return Fall.BOTH;
    }
    return full ? Fall.NOTHING : Fall.UNDECIDED;
  }

  /** By so much, in millionths, the difference of two levels may be wrong. */
  private static long error(Sight first, Sight second, long slack) {
    return first.exact() && second.exact()
        ? 2 * mulDiv(second.grain, second.max * MICRO, second.window)
        : slack * MICRO;
  }

  /** By so much a bound may be unclear: two calls like this. */
  private static long most(Sight now) {
    return 2 * Math.max(1, now.charge);
  }

  /** What was sent at about the same time. */
  private long noise(Sight sight) {
    return sum(sight.sent - ORDER - 1, sight.sent + ORDER, sight.limit, true, true) - sight.charge;
  }

  /** Whether a third scope with the same limit, perhaps a relative, has sent anything. */
  private boolean strangers(int index, long from, long to, Sight now) {
    for (Kin kin : strangers) {
      Sight last = kin.last(index);
      if (last != null && last.max == now.max && kin.between(from, to, now.limit) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether more than half of what the other side sent is missing, however late it arrived. */
  private boolean unseen(int side, Sight begin, Sight now, long slack) {
    long other =
        between(1 - side, begin.sent + ORDER_AT_WORST, now.sent - ORDER_AT_WORST - 1, now.limit);
    known = bounds(begin, now, true, true, true);
    if (!known || other <= 1) {
      return false;
    }
    long bothHigh = high;
    long error = error(begin, now, slack);
    long least = now.level() - begin.level() - error;
    long most = now.level() - begin.level() + error;
    return least >= bothHigh + (other + 1) / 2 * MICRO
        && bounds(begin, now, side == 0, side == 1, true)
        && most > low
        && least < high;
  }

  private enum Level {
    SAME,
    /** The later header shows more than the earlier one of the other side leaves. */
    HIGHER,
    /** It shows less. */
    LOWER,
    UNKNOWN
  }

  private Level level(Sight other, Sight now, long slack) {
    Sight first = other.sent - now.sent <= 0 ? other : now;
    Sight second = first == other ? now : other;
    if (second.sent - first.sent > CARRIED || !bounds(first, second, true, true, false)) {
      return Level.UNKNOWN;
    }
    long seen = second.level() - first.level();
    long error = error(first, second, slack);
    long least = seen - error;
    long most = seen + error;
    long wide = high - low + (error > MICRO ? 2 * error : 0);
    if (least >= high) {
      boolean higher =
          bounds(first, second, true, true, true)
              && least >= high + Math.max(1, now.charge) * MICRO;
      return higher ? Level.HIGHER : Level.UNKNOWN;
    }
    return wide > most(now) * MICRO ? Level.UNKNOWN : most <= low ? Level.LOWER : Level.SAME;
  }

  /**
   * By how much the level may have changed between two headers if some sides draw on it and nobody
   * else: sets {@link #low} and {@link #high}.
   *
   * @return false when that is not known
   */
  private boolean bounds(Sight first, Sight second, boolean one, boolean two, boolean worst) {
    Limit limit = second.limit;
    boolean tokens = Charge.countsTokens(limit);
    long order = worst ? ORDER_AT_WORST : ORDER;
    long from = first.sent;
    long to = second.sent;
    if (to - from <= order // nobody knows which came first
        || first.max != second.max
        || first.kind != second.kind
        || !sure(from - order - 1, to + order, limit, one, two)) {
      return false;
    }
    long most = sum(from - order - 1, to + order, limit, one, two) - first.charge;
    most = Math.max(most, second.charge);
    long least = sum(from + order, to - order - 1, limit, one, two) + second.charge;
    if (tokens) {
      most = more(most, worst);
      least = less(least, worst);
    }
    long shortest = Math.max(0, to - from - order);
    long longest = to - from + order;
    long window = second.window;
    long gainLow = 0;
    long gainHigh = 0;
    switch (second.kind) {
      case CONTINUOUS -> {
        gainLow = mulDiv(shortest, second.max * MICRO, window);
        gainHigh = mulDiv(longest, second.max * MICRO, window);
        if (first.reset < 0) {
          gainLow = 0; // without resets, kind and window are guesses
        } else if (!second.windowSeen) {
          // What is missing comes back until then: a rate that needs no window.
          long missing = Math.max(0, second.capacity - first.remaining);
          long late = first.reset + first.grain;
          long early = Math.max(MILLI, first.reset - first.grain);
          gainLow = Math.min(gainLow, mulDiv(shortest, Math.max(0, missing - 1) * MICRO, late));
          gainHigh = Math.max(gainHigh, mulDiv(longest, (missing + 1) * MICRO, early));
        }
      }
      case FIXED -> {
        if (first.reset < 0 || to + order + GUARD - (from + first.reset) >= 0) {
          return false;
        }
      }
      case ROLLING -> {
        long oldest = from - window;
        if (sure(oldest - order - 1, to - window + order, limit, one, two)) {
          gainLow = sum(oldest + order, to - window - order, limit, one, two) * MICRO;
        }
        long back = sum(oldest - order - 1, to - window + order, limit, one, two);
        long ours = sum(oldest + order, from - order, limit, one, two) + first.charge;
        if (tokens) {
          gainLow = less(gainLow, worst);
          back = more(back, worst);
          ours = less(ours, worst);
        }
        // What we did not use of what is used comes back at a moment that nobody knows.
        long others = worst ? Math.max(0, second.max - first.remaining - ours) : 0;
        gainHigh = (back + others) * MICRO;
      }
    }
    long room = Math.max(0, second.capacity - first.remaining) * MICRO;
    full = gainLow > room;
    low = Math.min(gainLow, room) - most * MICRO;
    high = gainHigh - least * MICRO;
    return true;
  }

  /** What so many tokens may have been charged as: prices are estimates. */
  private static long more(long tokens, boolean worst) {
    return worst ? tokens * 3 / 2 : tokens * 9 / 8;
  }

  private static long less(long tokens, boolean worst) {
    return worst ? tokens * 5 / 8 : tokens * 7 / 8;
  }

  private @Nullable Sight newest(int side, int index) {
    Sight newest = null;
    for (Kin kin : sides[side]) {
      Sight last = kin.last(index);
      if (last != null && (newest == null || last.sent - newest.sent > 0)) {
        newest = last;
      }
    }
    return newest;
  }

  private boolean sure(long from, long to, Limit limit, boolean one, boolean two) {
    return (!one || sure(0, from, to, limit)) && (!two || sure(1, from, to, limit));
  }

  private boolean sure(int side, long from, long to, Limit limit) {
    for (Kin kin : sides[side]) {
      if (!kin.sure(from, to, limit)) {
        return false;
      }
    }
    return true;
  }

  private long sum(long from, long to, Limit limit, boolean one, boolean two) {
    return (one ? between(0, from, to, limit) : 0) + (two ? between(1, from, to, limit) : 0);
  }

  private long between(int side, long from, long to, Limit limit) {
    long sum = 0;
    for (Kin kin : sides[side]) {
      sum += kin.between(from, to, limit);
    }
    return sum;
  }
}
