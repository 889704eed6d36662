package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;
import static dev.paceline.limit.Exact.MILLI;
import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;

/**
 * One announced limit: what its provider would show if every request sent so far had been admitted.
 *
 * <pre>
 *   level   = own + offset
 *   own     = − cost of each send + what the {@link WindowModel} gives back
 *   implied = remaining − own when the answered request was sent
 *   low     = implied − sent within 100 ms before it − uncertainty of the model
 *   high    = implied + sent within 100 ms after it  − refill on its way
 *   offset' = clamp(offset, low, high)
 *   go when   level ≥ min(cost + margin, 97 % of the capacity)
 * </pre>
 *
 * <p>The order of arrival at the provider is not the order of sending, so a header gives an
 * interval, not a value, and the level moves no further than it demands. By how much it had to fall
 * is what others have used. Levels are in millionths of a unit.
 */
final class LimitEstimator {
  /**
   * Anthropic rounds remaining tokens to so many; limits below the other figure are not rounded.
   */
  private static final long ROUNDED_TO = 1_000;

  private static final long ROUNDED_FROM = 20_000;

  /** A longer reset is a misread unit or a lie. */
  private static final long MAX_RESET_MILLIS = 32L * 86_400_000;

  /** A limit with a longer window says nothing of how fast to go. */
  private static final long MAX_PACED_WINDOW = 600 * SECOND;

  /** Fraction of the capacity that is enough for a request of any size. */
  static final int FULL_PERCENT = 97;

  final Limit limit;
  final int index;
  final WindowInference shape;
  final ObservedUsage usage;
  final LimitLevel level;
  final HeaderTrust trust;
  private final ArrivalOrder order;
  private final SafetyMargin margin;
  private final TokenBucket bucket;
  private final FixedWindow fixed;
  private final SlidingWindow sliding;

  /** Of the last {@link #advance}: the refill's remainder leaves the level's instant behind. */
  private long lookedAt = Long.MIN_VALUE;

  /** Where {@link LimitLevel#own} started over, for permits issued before. */
  private Anchor anchor = new Anchor(0, 0, 0, -1);

  private boolean rounded = true;

  /**
   * @param generation of no limit before that had this index
   */
  LimitEstimator(Limit limit, int index, int generation, SendLog log) {
    this.limit = limit;
    this.index = index;
    level = new LimitLevel(limit, log, generation);
    order = new ArrivalOrder(level);
    shape = level.shape;
    usage = new ObservedUsage(level, this::model);
    margin = new SafetyMargin(level);
    trust = new HeaderTrust(level);
    bucket = new TokenBucket(level);
    fixed = new FixedWindow(level);
    sliding = new SlidingWindow(level);
  }

  /** The way of counting that is taken for the provider's. */
  WindowModel model() {
    return switch (shape.kind()) {
      case TOKEN_BUCKET -> bucket;
      case FIXED_WINDOW -> fixed;
      case SLIDING_WINDOW -> sliding;
    };
  }

  WindowKind kind() {
    return shape.kind();
  }

  // --- across restarts

  LimiterSnapshot.Line snapshot(long now) {
    long max = level.max;
    long ends = kind() == WindowKind.FIXED_WINDOW ? fixed.end() - now : 0;
    long left = Exact.clamp(Math.floorDiv(level.value(), MICRO), -max, max);
    return new LimiterSnapshot.Line(limit, max, left, shape.window(), kind().counted(), ends);
  }

  /**
   * Takes over what was known {@code age} ago, as untrusted as a first header: others may have used
   * it since.
   */
  void restore(long now, LimiterSnapshot.Line line, long age) {
    level.max = line.max();
    shape.recall(line.kind(), line.window());
    level.generation++;
    level.own = line.left() * MICRO;
    level.newestHeader = now;
    trust.start(now);
    level.advancedAt = now;
    usage.clear(now);
    sliding.clear();
    model().restore(now, age, line.ends());
    level.own = Math.min(level.own, level.full());
    level.lastRemaining = Math.max(0, level.own / MICRO);
    anchor = anchor(now);
    advance(now + 1);
  }

  private record Anchor(long at, long own, long sent, int generation) {}

  private Anchor anchor(long now) {
    return new Anchor(now, level.own, level.sent(), level.generation);
  }

  // --- what is asked before a call leaves

  /** Whether it says how fast to go: a day's limit does not. */
  boolean paces() {
    return !trust.ignored() && shape.window() < MAX_PACED_WINDOW;
  }

  /** Millionths that must be there for a charge of so many units. */
  long required(long units) {
    long full = fullEnough();
    // A request larger than the limit is sent alone, with a (nearly) full one.
    return Math.min(Math.min(units * MICRO + margin.value(), Math.max(units * MICRO, full)), full);
  }

  /** Millionths that are enough for any request. */
  long fullEnough() {
    return Math.max(level.capacity() * FULL_PERCENT / 100, 1) * MICRO;
  }

  /** The instant at which so much will be there, if only time passes. After {@link #advance}. */
  long availableAt(long now, long required) {
    long missing = required - level.value();
    return missing <= 0 || trust.ignored() ? now : model().availableAt(now, missing);
  }

  void take(long units) {
    level.own -= units * MICRO;
  }

  /**
   * A request leaves later than it was let go: what has come back in between was there when it
   * arrived, and must not be added to what its answer shows.
   */
  void departed(long now, Permit permit) {
    if (index < permit.own.length) {
      advance(now);
      permit.own[index] = level.own + (level.sent() - permit.total(limit)) * MICRO;
      permit.generation[index] = level.generation;
    }
  }

  void advance(long now) {
    if (now - level.advancedAt > 0 && now != lookedAt) {
      lookedAt = now;
      model().advance(now);
    }
  }

  // --- what headers say

  /**
   * Takes in what a header says.
   *
   * @param served whether the request was served
   */
  void header(long now, Permit permit, LimitReading reading, boolean served) {
    long remaining = Math.min(reading.remaining(), Exact.MAX_UNITS);
    long announced = Math.min(reading.limitValue(), Exact.MAX_UNITS);
    boolean newest = newest(permit);
    if (remaining < 0) {
      if (announced > 0 && level.max > 0 && newest) {
        // A limit without anything else: the level keeps its distance to full.
        level.own += (announced - level.max) * MICRO;
        level.max = announced;
      }
      return;
    }
    if (announced <= 0) {
      announced = Math.max(level.max, Math.max(remaining, 1));
    }
    boolean first = level.max == 0;
    if (first) {
      trust.start(now);
    }
    trust.onHeader(now, remaining, served);
    long resetMillis = reading.resetMillis();
    boolean hasReset = resetMillis >= 0 && resetMillis <= MAX_RESET_MILLIS;
    long reset = hasReset ? resetMillis * MILLI : -1;
    rounded &= announced >= ROUNDED_FROM && remaining % ROUNDED_TO == 0;
    long slack = rounded ? ROUNDED_TO : 1;
    if (!first) {
      advance(now);
    }
    if (infer(permit, reading, remaining, announced, reset, slack)) {
      rebuild(now, permit, remaining, reset);
      fixed.shown(hasReset ? remaining : Exact.NEVER);
    } else {
      if (permit.sent - level.newestHeader >= -ArrivalOrder.UNKNOWN
          && belongs(now, permit, remaining, reset)) {
        reconcile(now, permit, remaining, slack);
      }
      if (hasReset
          && kind() == WindowKind.FIXED_WINDOW
          && comparable(permit)
          && fixed.alsoShown(permit, reset, remaining)) {
        atMost(fixed.atMost());
      }
    }
    if (index < permit.remainingSeen.length) {
      permit.remainingSeen[index] = generationOf(permit) == level.generation ? remaining : -1;
    }
    if (newest) {
      level.newestHeader = permit.sent;
      level.lastRemaining = remaining;
    }
  }

  private boolean newest(Permit permit) {
    return level.newestHeader == Long.MIN_VALUE || permit.sent - level.newestHeader >= 0;
  }

  /**
   * Which way of counting a header fits.
   *
   * @return whether kind, window or limit are other ones than thought
   */
  private boolean infer(
      Permit permit, LimitReading reading, long remaining, long announced, long reset, long slack) {
    boolean changed = false;
    WindowKind before = kind();
    if (newest(permit) || level.max == 0) {
      changed = announced != level.max;
      level.max = announced;
      changed |= infer(permit, reading, Math.min(remaining, announced), reset, slack);
    }
    if (kind() != before) {
      trust.clear();
      margin.clear(); // it belonged to the other kind
    }
    return changed;
  }

  private boolean infer(
      Permit permit, LimitReading reading, long remaining, long reset, long slack) {
    long window = Math.max(0, reading.windowMillis()) * MILLI;
    if (reading.byTheClock() && window > 0) {
      return shape.byTheClock(window);
    }
    if (reset < 0) {
      return window > 0 && shape.named(window);
    }
    return shape.sample(permit.departed, level.max, remaining, reset, window, slack);
  }

  /** Starts over from one header. */
  private void rebuild(long now, Permit permit, long remaining, long reset) {
    level.generation++;
    level.offset = 0;
    usage.clear(now);
    sliding.clear();
    long after = level.sent() - permit.total(limit);
    level.own = (remaining - order.before(permit) - after) * MICRO;
    model().begin(now, permit, reset, level.max - remaining);
    level.own = Math.min(level.own, Math.max(level.capacity(), remaining) * MICRO);
    long disorder = (order.before(permit) + order.after(permit)) * MICRO;
    level.bounds.restart(
        -model().lowUncertainty(permit) - model().refill(ArrivalOrder.LONGER),
        disorder + model().highUncertainty());
    level.advancedAt = now;
    anchor = anchor(now);
  }

  /** Whether a header speaks of the window that is counted. */
  private boolean belongs(long now, Permit permit, long remaining, long reset) {
    if (kind() != WindowKind.FIXED_WINDOW || reset < 0) {
      return true;
    }
    FixedWindow.Position position = fixed.position(now, permit, reset, newest(permit));
    if (position == FixedWindow.Position.NEW) {
      rebuild(now, permit, remaining, reset);
    }
    return position == FixedWindow.Position.CURRENT && comparable(permit);
  }

  /** Whether our own part at the time of sending is known, in the terms of today's model. */
  private boolean comparable(Permit permit) {
    return generationOf(permit) == level.generation
        || (anchor.generation == level.generation && permit.sent - anchor.at <= 0);
  }

  private int generationOf(Permit permit) {
    return index < permit.generation.length ? permit.generation[index] : -1;
  }

  /** Our own part of the level when the permit had just left. */
  private long ownAfter(Permit permit) {
    if (generationOf(permit) == level.generation) {
      return permit.own[index];
    }
    return anchor.own
        + (anchor.sent - permit.total(limit)) * MICRO
        - model().refill(Math.max(0, anchor.at - permit.departed));
  }

  private void reconcile(long now, Permit permit, long remaining, long slack) {
    if (!comparable(permit) || !level.log.reaches(permit.sent - ArrivalOrder.UNKNOWN)) {
      return;
    }
    long implied = remaining * MICRO - ownAfter(permit);
    long cut = slack > 1 ? slack / 2 * MICRO : 0;
    long high = implied + order.after(permit) * MICRO - model().highUncertainty() + cut;
    long low = implied - order.before(permit) * MICRO - model().lowUncertainty(permit) - cut;
    // A way may be shorter than the usual one, or much longer: bounds hold for these, too.
    narrow(
        low - order.longBefore(permit) * MICRO - model().refill(ArrivalOrder.LONGER),
        high + order.longAfter(permit) * MICRO + model().highUncertainty());
    long moved = Math.max(low, Math.min(high, level.offset));
    long fell = level.offset - moved;
    level.offset = moved;
    level.cutTo(Math.max(level.capacity(), remaining) * MICRO);
    long since = Math.max(level.newestHeader, permit.sent - shape.window());
    externallyUsed(now, since, permit.sent, fell);
    usage.onHeader(now, permit);
    trust.reconciled(fell, kind() == WindowKind.TOKEN_BUCKET, remaining != level.lastRemaining);
  }

  /**
   * What headers say of the bounds. Of tokens the last one alone tells: between two of them our own
   * charges are off by as much as our estimates.
   */
  private void narrow(long low, long high) {
    if (level.countsTokens()) {
      level.bounds.restart(low, high);
    } else {
      level.bounds.narrow(low, high);
    }
  }

  /**
   * The last ones of a burst are all answered, or nearly: then their order does not matter any
   * more. What the least of them showed is left, but for those still unanswered. Without this the
   * last calls of a window would wait for the next one.
   *
   * @param tail permits that may have arrived after the newest answered one was sent, and it
   */
  void reconcileTail(long now, Iterable<Permit> tail) {
    long least = Long.MAX_VALUE;
    long unanswered = 0;
    long first = now;
    for (Permit permit : tail) {
      first = Math.min(first, permit.sent);
      boolean shown =
          index < permit.remainingSeen.length
              && generationOf(permit) == level.generation
              && permit.remainingSeen[index] >= 0;
      if (shown) {
        least = Math.min(least, permit.remainingSeen[index]);
      } else {
        unanswered += permit.charge.of(limit);
      }
    }
    if (least == Long.MAX_VALUE) {
      return;
    }
    // What has left the window there may be among what was shown, and is yet to come back here.
    unanswered += model().returning(now);
    // One that was longer on the way than those after it may have shown less than all of these.
    long sure = Math.min((least - unanswered) * MICRO, model().atMost());
    long back = sure - level.value();
    if (back > 0) {
      level.offset += back;
      level.bounds.atLeast(level.offset);
      // It was not taken: a gateway nearby, whose answers come at once, looked like a neighbour.
      externallyUsed(now, first, now, -back);
    }
  }

  /** Others have taken so much between two instants; negative when more was there than thought. */
  private void externallyUsed(long now, long from, long to, long amount) {
    usage.external(now, amount);
    model().externallyUsed(from, to, amount);
  }

  // --- what limit answers say

  /**
   * A limit answer showed no room here: the header tells the truth. If others were on the way, the
   * next ones keep distance, as with neighbours. Not if the refused one had left before any header
   * spoke of this limit: a distance for what nobody could know kept the end of a burst waiting.
   */
  void confirmed(long now, Permit refused) {
    trust.confirmed();
    boolean known = index < refused.own.length;
    boolean quiet = usage.quiet(now);
    if ((refused.inFlight > 0 && known) || !quiet) {
      boolean lateArrival =
          kind() == WindowKind.SLIDING_WINDOW
              && !level.countsTokens()
              && quiet
              && !sliding.filledByOthers();
      margin.raise(lateArrival);
    }
  }

  /** A limit answer: what it did not charge, its headers have given back already. */
  void refused(Permit permit) {
    sliding.refused(permit);
  }

  /** A header has come in: token buckets keep a first margin. */
  void startMargin() {
    if (kind() == WindowKind.TOKEN_BUCKET) {
      margin.start();
    }
  }

  /** No more than this is left: another user of the same limit, who turned out to be us, knows. */
  void atMost(long most) {
    level.offset -= Math.max(0, level.value() - most);
    level.bounds.atMost(most - level.own);
  }
}
