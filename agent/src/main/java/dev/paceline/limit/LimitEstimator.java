package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;
import static dev.paceline.limit.Exact.mulDiv;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * One announced limit: what its provider would show if every attempt sent so far had been admitted.
 * That level is the sum of our own part (charges, refill, new windows) and one offset, which only
 * headers move, and no further than they demand: the order of arrival at the provider is not the
 * order of sending, so a header gives an interval, not a value.
 *
 * <p>Levels are in millionths of a unit.
 */
final class LimitEstimator {
  /** Attempts sent within this time of each other may arrive in any order. */
  static final long ORDER_UNKNOWN = 100 * MILLI;

  /** The usual way to the provider: so much refill is not yet in what it shows. */
  private static final long ONE_WAY = 30 * MILLI;

  /** A new window is used this long after its start: clocks and ways differ. */
  private static final long AFTER_START = 80 * MILLI;

  /** What was sent this long before a window's end may have arrived after it. */
  private static final long BEFORE_END = 250 * MILLI;

  /**
   * A charge has left a rolling window this long after its time: its way to the provider may have
   * been so much longer than that of the one that takes its place. At 100 ms each second run of
   * five minutes met a 429, and then kept 2 % of the limit free for the rest.
   */
  private static final long AFTER_EXPIRY = 150 * MILLI;

  /** Anthropic rounds remaining tokens to 1,000; limits so small are never rounded. */
  private static final long ROUNDED = 1_000;

  private static final long ROUNDED_FROM = 20_000;

  /** So many headers that followed our own charges are proof enough. */
  private static final int TRUST_HEADERS = 8;

  private static final int MOST_REFUSED = 1_000;

  /**
   * For so many windows a distance is kept after a limit answer where nobody else draws on a fixed
   * one: one of 30 in a window cost 3 % of it for ever.
   */
  private static final int MARGIN_DECAY_WINDOWS = 5;

  private static final int MARGIN_REQUESTS = 2;

  /**
   * Whoever draws on a limit with others has at least this part of it: who has just begun has none
   * yet. Of more processes than fit in, all take too much: fifty with a twenty-fifth each.
   */
  private static final double MIN_SHARE = 0.02;

  final Limit limit;
  final int index;
  final WindowInference shape = new WindowInference();
  final UsageRate others = new UsageRate();

  /** Likewise what we have taken, up to the newest header. */
  private final UsageRate ours = new UsageRate();

  private final ExternalUsage taken = new ExternalUsage();

  /**
   * Our own that turned out not to be counted, as a limit answer that was lost: it is back already,
   * and must not come back when its window is over. It did, looked like somebody else's use when it
   * was corrected, and so came back each minute again.
   */
  private final ExternalUsage uncounted = new ExternalUsage();

  /** Refused attempts whose window is not over yet, in the order of sending. */
  private final PriorityQueue<Permit> refused =
      new PriorityQueue<>(4, Comparator.comparingLong(attempt -> attempt.sent));

  private long max;
  private long own;
  private long offset;
  private long advancedAt;

  /**
   * The instant of the last {@link #advance}: the refill's remainder leaves the other one behind.
   */
  private long lookedAt = Long.MIN_VALUE;

  private long margin;
  private long marginRaised;
  private int generation;
  private long windowEnd = Exact.NEVER;
  private boolean endAssumed;
  private long expiredUpTo;
  private long anchorAt;
  private long anchorOwn;
  private long anchorTotal;
  private int anchorGeneration = -1;
  private boolean rounded = true;
  private long newestHeader = Long.MIN_VALUE;
  private long lastRemaining;
  private long oursHeard;
  private double othersMean;
  private double othersHigh;
  private double part;
  private long othersHeard;

  /** The least that was shown of requests since a fixed window began: it only falls. */
  private long leastShown = Exact.NEVER;

  private int agreed;
  private long servedAtZeroRemaining;
  private long zeroSince;
  private boolean ignored;
  private boolean shownRoom;

  /**
   * @param generation of no bucket before that had this index
   */
  LimitEstimator(Limit limit, int index, int generation) {
    this.limit = limit;
    this.index = index;
    this.generation = generation;
  }

  // --- across restarts

  LimiterSnapshot.Line remember(long now) {
    long ends = shape.kind() == WindowKind.FIXED_WINDOW ? windowEnd - now : 0;
    return new LimiterSnapshot.Line(
        limit,
        max,
        Math.max(-max, Math.min(max, Math.floorDiv(level(), MICRO))),
        shape.window(),
        shape.kind().counted(),
        ends);
  }

  /**
   * Takes over what was known {@code age} ago, as untrusted as a first header: others may have used
   * it since.
   */
  void recall(long now, LimiterSnapshot.Line line, long age, SendLog log) {
    max = line.max();
    shape.recall(line.kind(), line.window());
    generation++;
    own = line.left() * MICRO;
    newestHeader = now;
    zeroSince = now;
    advancedAt = now;
    expiredUpTo = now - line.window() - AFTER_EXPIRY;
    forgetOthers(now);
    clearTaken(line.window());
    switch (line.kind()) {
      case TOKEN_BUCKET -> own += mulDiv(age, max * MICRO, line.window());
      case SLIDING_WINDOW -> {
        // When it was used is not kept: evenly, at a guess.
        long used = (max - line.left()) * MICRO;
        long back = mulDiv(Math.min(age, line.window()), used, line.window());
        own += back;
        taken.took(now - line.window(), now - Math.min(age, line.window()), used - back);
      }
      case FIXED_WINDOW -> {
        windowEnd = now + line.ends() - age;
        endAssumed = true;
      }
    }
    own = Math.min(own, max * MICRO);
    lastRemaining = Math.max(0, own / MICRO);
    anchorAt = now;
    anchorOwn = own;
    anchorTotal = log.total(limit);
    anchorGeneration = generation;
    advance(now + 1, log);
  }

  // --- what is asked before a call leaves

  long level() {
    return own + offset;
  }

  long own() {
    return own;
  }

  int generation() {
    return generation;
  }

  long max() {
    return max;
  }

  /** Units that are there when nothing is used. */
  long capacity() {
    long small = shape.capacity();
    return small > 0 ? Math.min(max, small) : max;
  }

  WindowKind kind() {
    return shape.kind();
  }

  /** Whether it says how fast to go: a day's limit does not. */
  boolean paces() {
    return !ignored && shape.window() < 600 * SECOND;
  }

  /** When the window that is counted now began; without windows, long ago. */
  long windowStart() {
    return shape.kind() == WindowKind.FIXED_WINDOW
        ? windowEnd - shape.window()
        : Long.MIN_VALUE / 4;
  }

  /**
   * Millionths a second that others take, on average, as far as is known. In a window that a header
   * has told of, what they took when last heard of goes on for a minute: silence is our own. Eight
   * processes that had used up a rolling window and heard nothing more took themselves for alone.
   */
  double othersMean(long now) {
    return silent(now) ? othersMean : others.mean(now);
  }

  /** Likewise, and one standard deviation more. */
  double othersHigh(long now) {
    return silent(now) ? othersHigh : others.high(now);
  }

  /** Our part of what was used of late, by the same headers. */
  double part(long now) {
    return silent(now) ? part : partNow(now);
  }

  private double partNow(long now) {
    double mine = ours.sum(now);
    double all = mine + Math.max(0, others.sum(now));
    return Math.max(MIN_SHARE, all <= 0 ? 0 : mine / all);
  }

  /** What looked like somebody else's use was none. */
  void forgetOthers(long now) {
    others.clear(now);
    ours.clear(now);
  }

  private void clearTaken(long window) {
    taken.clear(window);
    uncounted.clear(window);
  }

  private boolean silent(long now) {
    return shape.kind() != WindowKind.TOKEN_BUCKET
        && newestHeader != Long.MIN_VALUE
        && newestHeader - windowStart() >= 0
        && now - othersHeard < 60 * SECOND;
  }

  /** Whether more than a tenth of a rolling window was used by somebody else. */
  boolean filledByOthers(long now, SendLog log) {
    if (shape.kind() != WindowKind.SLIDING_WINDOW) {
      return false;
    }
    long ours = log.total(limit) - log.upTo(now - shape.window() - AFTER_EXPIRY, limit);
    return max * MICRO - level() - ours * MICRO > max * MICRO / 10;
  }

  /** Whether at least half of what is used was used by us, within the last window. */
  boolean mostlyOurs(long now, SendLog log) {
    long ours = log.total(limit) - log.upTo(now - shape.window(), limit);
    return 2 * ours * MICRO >= max * MICRO - level();
  }

  boolean ignored() {
    return ignored;
  }

  /** Whether any header has said that something was left. */
  boolean hasShownRoom() {
    return shownRoom;
  }

  /** Whether its headers have proved to follow our own charges. */
  boolean trusted() {
    return agreed >= TRUST_HEADERS;
  }

  long lastRemaining() {
    return lastRemaining;
  }

  /** Units a second. */
  double rate() {
    return (double) max * SECOND / shape.window();
  }

  /** How long the limit takes to grant {@code charge}, in nanoseconds. */
  long timeToGrant(long charge) {
    return mulDiv(Math.min(charge, max), shape.window(), max);
  }

  /** How long a charge takes of the time over which what is left is to be spread. */
  long evenInterval(long now, long charge) {
    if (shape.kind() == WindowKind.FIXED_WINDOW && windowEnd - now > 0) {
      return mulDiv(charge * MICRO, windowEnd - now, Math.max(level(), charge * MICRO));
    }
    return timeToGrant(charge);
  }

  /** What must be there for a charge of so many units. */
  long need(long charge) {
    long full = Math.max(capacity() * 97 / 100, 1);
    // A request larger than the bucket is sent alone, with a (nearly) full one.
    return Math.min(
        Math.min(charge * MICRO + margin, Math.max(charge, full) * MICRO), full * MICRO);
  }

  /** The instant at which so much will be there, if only time passes. After {@link #advance}. */
  long when(long now, long need, SendLog log) {
    long missing = need - level();
    if (missing <= 0 || ignored) {
      return now;
    }
    return switch (shape.kind()) {
      case TOKEN_BUCKET -> now + Math.max(1, mulDiv(missing, shape.window(), max * MICRO) + 1);
      case FIXED_WINDOW -> Math.max(now + 1, windowEnd + AFTER_START);
      case SLIDING_WINDOW -> {
        long next = firstBack(log);
        // Nothing that is known comes back: others hold it, for a window at most.
        yield next >= Exact.NEVER
            ? now + shape.window() / 4
            : Math.max(now + 1, next + shape.window() + AFTER_EXPIRY);
      }
    };
  }

  private long firstBack(SendLog log) {
    return Math.min(log.firstAfter(expiredUpTo), taken.first());
  }

  /** Whether more will be there by itself, as far as is known. After {@link #advance}. */
  boolean grows(SendLog log) {
    return shape.kind() != WindowKind.SLIDING_WINDOW || firstBack(log) < Exact.NEVER;
  }

  /** How long until it is whole again if nothing more is sent. After {@link #advance}. */
  long timeToFull(long now) {
    long missing = max * MICRO - level();
    if (missing <= 0) {
      return 0;
    }
    return switch (shape.kind()) {
      case TOKEN_BUCKET -> mulDiv(missing, shape.window(), max * MICRO);
      case FIXED_WINDOW -> Math.max(0, windowEnd - now);
      case SLIDING_WINDOW -> shape.window();
    };
  }

  void take(long charge) {
    own -= charge * MICRO;
  }

  /**
   * An attempt leaves later than it was let go: what has come back in between was there when it
   * arrived, and must not be added to what its answer shows.
   */
  void departed(long now, Permit attempt, SendLog log) {
    if (index < attempt.own.length) {
      advance(now, log);
      attempt.own[index] = own + (log.total(limit) - attempt.total(limit)) * MICRO;
      attempt.generation[index] = generation;
    }
  }

  /**
   * A limit answer: what it did not charge its headers have given back already, so that it must not
   * come back a second time when its window is over. It did, as one 429 in each window.
   */
  void refused(Permit attempt) {
    // Of every kind: it may turn out to be a rolling window by this very answer.
    long old = attempt.sent - shape.window() - AFTER_EXPIRY;
    while (!refused.isEmpty() && refused.peek().sent - old < 0) {
      refused.remove();
    }
    if (refused.size() < MOST_REFUSED) {
      refused.add(attempt);
    }
  }

  void advance(long now, SendLog log) {
    long passed = now - advancedAt;
    if (passed <= 0 || now == lookedAt) {
      return;
    }
    lookedAt = now;
    switch (shape.kind()) {
      case TOKEN_BUCKET -> {
        long gain = mulDiv(passed, max * MICRO, shape.window());
        if (gain > 0) {
          own += gain;
          // By the time of the whole gain: the rest is not lost.
          advancedAt += Math.min(passed, mulDiv(gain, shape.window(), max * MICRO));
          long over = level() - Math.max(capacity(), lastRemaining) * MICRO;
          if (over > 0) {
            own -= over;
          }
        }
      }
      case FIXED_WINDOW -> {
        advancedAt = now;
        while (now - windowEnd >= AFTER_START) {
          newWindow(windowEnd, log);
          windowEnd += shape.window();
          endAssumed = true;
          if (now - windowEnd > 4 * shape.window()) {
            windowEnd = now; // after a long pause nothing is known but that a window has begun
          }
        }
      }
      case SLIDING_WINDOW -> {
        advancedAt = now;
        long to = now - shape.window() - AFTER_EXPIRY;
        if (to - expiredUpTo > 0) {
          own += (log.upTo(to, limit) - log.upTo(expiredUpTo, limit)) * MICRO;
          for (Permit old = refused.peek(); old != null && old.sent - to <= 0; ) {
            own -= old.sent - expiredUpTo > 0 ? old.charge.of(limit) * MICRO : 0;
            refused.remove();
            old = refused.peek();
          }
          expiredUpTo = to;
          offset += taken.upTo(to) - uncounted.upTo(to);
          long over = level() - max * MICRO;
          if (over > 0) {
            own -= over;
          }
        }
      }
    }
  }

  private void newWindow(long start, SendLog log) {
    generation++;
    leastShown = Exact.NEVER;
    if (start - marginRaised > MARGIN_DECAY_WINDOWS * shape.window() && quiet(start)) {
      margin = 0;
    }
    offset = 0;
    own = (max - (log.total(limit) - log.upTo(start - BEFORE_END, limit))) * MICRO;
  }

  // --- what headers say

  /**
   * Takes in what a header says.
   *
   * @param accepted whether the attempt was served
   */
  void header(long now, Permit attempt, LimitReading reading, boolean accepted, SendLog log) {
    long remaining = Math.min(reading.remaining(), 4_000_000_000L);
    long announced = Math.min(reading.limitValue(), 4_000_000_000L);
    if (remaining < 0) {
      if (announced > 0 && max > 0 && announced != max && newest(attempt)) {
        resize(announced);
      }
      return;
    }
    if (announced <= 0) {
      announced = Math.max(max, Math.max(remaining, 1));
    }
    boolean newest = newest(attempt);
    boolean fresh = max == 0;
    if (fresh) {
      zeroSince = now;
    }
    shownRoom |= remaining > 0;
    contradictedHeader(now, attempt, remaining, accepted);
    long reset = reading.resetMillis();
    // A reset of years is a misread unit or a lie; the level is refilled as if none had been sent.
    boolean usable = reset >= 0 && reset <= 32L * 86_400_000;
    rounded &= announced >= ROUNDED_FROM && remaining % ROUNDED == 0;
    long slack = rounded ? ROUNDED : 1;
    boolean changed = fresh;
    WindowKind before = shape.kind();
    if (!fresh) {
      advance(now, log);
    }
    if (fresh || (announced != max && newest)) {
      changed = true;
      max = announced;
    }
    if (newest || fresh) {
      changed |= shaped(attempt, reading, Math.min(remaining, max), usable, slack);
    }
    if (shape.kind() != before) {
      agreed = 0;
      margin = 0; // it belonged to the other kind
    }
    if (changed) {
      rebuild(now, attempt, remaining, usable ? reset * MILLI : -1, log);
      leastShown = usable ? remaining : Exact.NEVER;
    } else if (attempt.sent - newestHeader >= -ORDER_UNKNOWN) {
      boolean belongs =
          shape.kind() != WindowKind.FIXED_WINDOW
              || !usable
              || sameWindow(now, attempt, remaining, reset * MILLI, log);
      if (belongs) {
        reconcile(now, attempt, remaining, slack, log);
      }
    }
    if (usable && !changed && ofThisWindow(attempt, reset * MILLI)) {
      leastShown = Math.min(leastShown, remaining);
      atMost(leftOfWindow());
    }
    if (index < attempt.shown.length) {
      attempt.shown[index] = generationOf(attempt) == generation ? remaining : -1;
    }
    if (newest) {
      newestHeader = attempt.sent;
      lastRemaining = remaining;
    }
  }

  private boolean shaped(
      Permit attempt, LimitReading reading, long remaining, boolean usable, long slack) {
    long window = Math.max(0, reading.windowMillis()) * MILLI;
    if (reading.byTheClock() && window > 0) {
      return shape.byTheClock(window);
    }
    if (!usable) {
      return window > 0 && shape.named(window);
    }
    return shape.sample(
        attempt.departed, max, remaining, reading.resetMillis() * MILLI, window, slack);
  }

  private boolean newest(Permit attempt) {
    return newestHeader == Long.MIN_VALUE || attempt.sent - newestHeader >= 0;
  }

  /** A limit without anything else: the level keeps its distance to full. */
  private void resize(long newMax) {
    own += (newMax - max) * MICRO;
    max = newMax;
  }

  /**
   * Requests that are served although the header said "nothing left" before them, more of them than
   * come back in that time: the figure is not the binding one. Who uses all that comes back reads
   * zero each time: a rolling window gives a burst back as a burst, and was ignored for it.
   */
  private void contradictedHeader(long now, Permit attempt, long remaining, boolean accepted) {
    if (remaining > 0 || !accepted) {
      ignored = false;
      servedAtZeroRemaining = 0;
      zeroSince = now;
      return;
    }
    if ((attempt.fitted & 1L << index) != 0 && shape.kind() == WindowKind.SLIDING_WINDOW) {
      return;
    }
    servedAtZeroRemaining++;
    long back = max == 0 ? 0 : mulDiv(Math.max(0, now - zeroSince), 3 * max, 2 * shape.window());
    if (servedAtZeroRemaining > 5 + back) {
      ignored = true;
      agreed = 0;
    }
  }

  /** Starts over from one header: kind, window or limit are other ones than thought. */
  private void rebuild(long now, Permit attempt, long remaining, long reset, SendLog log) {
    generation++;
    offset = 0;
    forgetOthers(now);
    clearTaken(shape.window());
    long before = sentJustBefore(attempt, log);
    long after = log.total(limit) - attempt.total(limit);
    if (shape.kind() == WindowKind.SLIDING_WINDOW) {
      long used = attempt.total(limit) - log.upTo(now - shape.window() - AFTER_EXPIRY, limit);
      // When the others used it no header says: evenly, at a guess.
      long theirs = Math.max(0, max - remaining - used) * MICRO;
      taken.took(attempt.sent - shape.window(), attempt.sent, theirs);
    }
    if (shape.kind() == WindowKind.FIXED_WINDOW && reset >= 0) {
      windowEnd = attempt.departed + reset;
      endAssumed = false;
    } else if (shape.kind() == WindowKind.FIXED_WINDOW) {
      windowEnd = now + shape.window();
    }
    own = (remaining - before - after) * MICRO;
    if (shape.kind() == WindowKind.TOKEN_BUCKET) {
      own += mulDiv(Math.max(0, now - attempt.departed - ONE_WAY), max * MICRO, shape.window());
    }
    expiredUpTo = now - shape.window() - AFTER_EXPIRY;
    if (shape.kind() == WindowKind.SLIDING_WINDOW) {
      log.keep(shape.window() + AFTER_EXPIRY);
    }
    own = Math.min(own, Math.max(capacity(), remaining) * MICRO);
    advancedAt = now;
    anchorAt = now;
    anchorOwn = own;
    anchorTotal = log.total(limit);
    anchorGeneration = generation;
  }

  /**
   * Whether the header speaks of the window we are in; moves the window's end when it tells more.
   */
  private boolean sameWindow(long now, Permit attempt, long remaining, long reset, SendLog log) {
    long earliest = attempt.departed + reset;
    long latest = now + reset + shape.grain();
    long half = shape.window() / 2;
    if (latest - now <= -AFTER_START || latest - windowEnd < -half) {
      if (endAssumed && earliest - now > 0 && newest(attempt)) {
        // We had only assumed when this window ends: it ends earlier.
        learnWindow(earliest);
        return own(attempt);
      }
      return false;
    }
    if (earliest - windowEnd > half) {
      // A window that we did not see begin.
      windowEnd = earliest;
      endAssumed = false;
      newWindow(attempt.sent, log);
      rebuild(now, attempt, remaining, reset, log);
      return false;
    }
    if (endAssumed) {
      learnWindow(earliest);
    } else {
      windowEnd = Math.max(windowEnd, earliest);
      windowEnd = Math.min(windowEnd, latest);
    }
    return own(attempt);
  }

  /** Likewise of an answer that is late itself. */
  private boolean ofThisWindow(Permit attempt, long reset) {
    return shape.kind() == WindowKind.FIXED_WINDOW
        && own(attempt)
        && Math.abs(attempt.departed + reset - windowEnd) < shape.window() / 2;
  }

  private void learnWindow(long end) {
    long previousEnd = windowEnd - shape.window();
    shape.rolledOver(end - previousEnd);
    windowEnd = end;
    endAssumed = false;
  }

  /** Whether our own part at the time of sending is known, in the terms of today's model. */
  private boolean own(Permit attempt) {
    return generationOf(attempt) == generation
        || (anchorGeneration == generation && attempt.sent - anchorAt <= 0);
  }

  private int generationOf(Permit attempt) {
    return index < attempt.generation.length ? attempt.generation[index] : -1;
  }

  /**
   * The last ones of a burst are all answered, or nearly: then their order does not matter any
   * more. What the least of them showed is left, but for those still unanswered. Without this the
   * last calls of a window would wait for the next one.
   *
   * @param tail attempts that may have arrived after the newest answered one was sent, and it
   */
  void settle(long now, Iterable<Permit> tail, SendLog log) {
    long least = Long.MAX_VALUE;
    long open = 0;
    long first = now;
    for (Permit attempt : tail) {
      first = Math.min(first, attempt.sent);
      boolean says =
          index < attempt.shown.length
              && generationOf(attempt) == generation
              && attempt.shown[index] >= 0;
      if (says) {
        least = Math.min(least, attempt.shown[index]);
      } else {
        open += attempt.charge.of(limit);
      }
    }
    if (least == Long.MAX_VALUE) {
      return;
    }
    if (shape.kind() == WindowKind.SLIDING_WINDOW) {
      // What has left the window there may be among what was shown, and is yet to come back here:
      // a burst that did so twice met a handful of 429s at once.
      open += log.upTo(now - shape.window(), limit) - log.upTo(expiredUpTo, limit);
    }
    // One that was longer on the way than those after it may have shown less than all of these.
    long sure = Math.min((least - open) * MICRO, leftOfWindow());
    long back = sure - level();
    if (back > 0) {
      offset += back;
      // It was not taken: a gateway nearby, whose answers come at once, looked like a neighbour.
      noteTaken(now, first, now, -back);
    }
  }

  /** What is left of a fixed window at most. Tokens set aside come back, requests do not. */
  private long leftOfWindow() {
    return shape.kind() == WindowKind.FIXED_WINDOW
            && !Cost.countsTokens(limit)
            && leastShown < Exact.NEVER
        ? leastShown * MICRO
        : Exact.NEVER;
  }

  /** Our own part of the level when the attempt had just left. */
  private long ownAfter(Permit attempt) {
    if (generationOf(attempt) == generation) {
      return attempt.own[index];
    }
    long then = anchorOwn + (anchorTotal - attempt.total(limit)) * MICRO;
    if (shape.kind() == WindowKind.TOKEN_BUCKET) {
      then -= mulDiv(Math.max(0, anchorAt - attempt.departed), max * MICRO, shape.window());
    }
    return then;
  }

  private void reconcile(long now, Permit attempt, long remaining, long slack, SendLog log) {
    if (!own(attempt) || !log.reaches(attempt.sent - ORDER_UNKNOWN)) {
      return;
    }
    long perOrder = mulDiv(ORDER_UNKNOWN, max * MICRO, shape.window());
    long implied = remaining * MICRO - ownAfter(attempt);
    long after = log.upTo(attempt.sent + ORDER_UNKNOWN, limit) - attempt.total(limit);
    long high = implied + Math.max(0, after) * MICRO;
    long low = implied - sentJustBefore(attempt, log) * MICRO;
    switch (shape.kind()) {
      case TOKEN_BUCKET -> {
        long way = mulDiv(ONE_WAY, max * MICRO, shape.window());
        high -= way;
        low -= way + perOrder;
      }
      case SLIDING_WINDOW -> {
        long gone = attempt.sent - shape.window();
        low -=
            (log.upTo(gone + ORDER_UNKNOWN, limit) - log.upTo(gone - AFTER_EXPIRY, limit)) * MICRO;
      }
      case FIXED_WINDOW -> {}
    }
    if (slack > 1) {
      high += slack / 2 * MICRO;
      low -= slack / 2 * MICRO;
    }
    long moved = Math.max(low, Math.min(high, offset));
    long fell = offset - moved;
    offset = moved;
    long most = Math.max(capacity(), remaining) * MICRO;
    if (level() > most) {
      own -= level() - most;
    }
    noteTaken(now, Math.max(newestHeader, attempt.sent - shape.window()), attempt.sent, fell);
    ours.add(now, Math.max(0, attempt.total(limit) - oursHeard) * (double) MICRO);
    oursHeard = Math.max(oursHeard, attempt.total(limit));
    othersMean = others.mean(now);
    othersHigh = others.high(now);
    part = partNow(now);
    othersHeard = now;
    if (Math.abs(fell) <= Math.max(2, max / 100) * MICRO) {
      agreed = remaining == lastRemaining ? agreed : Math.min(agreed + 1, 1_000);
    } else if (shape.kind() == WindowKind.TOKEN_BUCKET && Math.abs(fell) > max / 4 * MICRO) {
      agreed = 0; // a jump: somebody's burst, or a lie
    }
  }

  /** Others have taken so much between two instants; negative when more was there than thought. */
  private void noteTaken(long now, long from, long to, long amount) {
    others.add(now, amount);
    if (shape.kind() != WindowKind.SLIDING_WINDOW || Cost.countsTokens(limit)) {
      return; // of tokens, what an estimate was wrong by would come back as if others had used it
    }
    if (amount > 0) {
      taken.took(from, to, amount);
    } else {
      uncounted.took(from, from, taken.back(-amount));
    }
  }

  private long sentJustBefore(Permit attempt, SendLog log) {
    return Math.max(
        0,
        attempt.total(limit)
            - attempt.charge.of(limit)
            - log.upTo(attempt.sent - ORDER_UNKNOWN - 1, limit));
  }

  // --- what limit answers say

  /**
   * A limit answer showed no room here: the header tells the truth. If others were on the way, the
   * next ones keep distance, as with neighbours. Not if the refused one had left before any header
   * spoke of this limit: a distance of 2 % for what nobody could know kept the end of a burst
   * waiting for more than a second.
   */
  void confirmed(long now, Permit refused, SendLog log) {
    if (agreed > 0) {
      // A figure that never moved is no proof, even if it is right for once.
      agreed = Math.max(agreed, TRUST_HEADERS);
    }
    boolean known = index < refused.own.length;
    if ((refused.inFlight > 0 && known) || !quiet(now)) {
      raiseMargin(now, log);
    }
  }

  /** Whether nobody else seems to draw on it. */
  boolean quiet(long now) {
    return others.mean(now) <= 0.03 * rate() * MICRO;
  }

  private void raiseMargin(long now, SendLog log) {
    marginRaised = now;
    long full = capacity();
    // Alone in a rolling window it was one that took longer on its way than the next one.
    boolean lateArrival =
        shape.kind() == WindowKind.SLIDING_WINDOW
            && !Cost.countsTokens(limit)
            && quiet(now)
            && !filledByOthers(now, log);
    long step = Math.max(1, full / (lateArrival ? 150 : 50)) * MICRO;
    margin = Math.min(margin + step, Math.max(1, full * 15 / 100) * MICRO);
  }

  /**
   * Continuous buckets pay one per cent in the beginning; elsewhere it costs its size each window.
   * Of tokens less, where requests are small: the last ones of a burst wait for it, and one per
   * cent of a million was .6 s.
   */
  void startMargin(SendLog log) {
    if (margin == 0 && shape.kind() == WindowKind.TOKEN_BUCKET) {
      long distance = capacity() / 100;
      if (Cost.countsTokens(limit)) {
        long usual = log.total(limit) / Math.max(1, log.requests());
        long outOfOrder = mulDiv(ORDER_UNKNOWN, max, shape.window());
        distance = Math.min(distance, Math.max(MARGIN_REQUESTS * usual, outOfOrder));
      }
      margin = Math.max(1, distance) * MICRO;
    }
  }

  /** No more than this is left: another user of the same limit, who turned out to be us, knows. */
  void atMost(long level) {
    offset -= Math.max(0, level() - level);
  }

  /** Nothing is left, says a limit answer that named this limit and gave no figures. */
  void empty(long need) {
    long over = level() - need + MICRO;
    if (over > 0) {
      offset -= over;
    }
  }
}
