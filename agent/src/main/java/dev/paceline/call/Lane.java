package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.limit.Attempt;
import dev.paceline.limit.Budget;
import dev.paceline.limit.Charge;
import dev.paceline.limit.Memory;
import dev.paceline.tokens.Calibration;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The enforcement beside the pure {@link Budget}: the queue of one scope, its lock, and the one
 * alarm that wakes its head at the computed instant. Calls leave in order of arrival; one whose own
 * wait after an answer is not over yet lets the others pass and then goes to its old place.
 */
final class Lane {
  private static final Comparator<Ticket> ORDER = Comparator.comparingLong(t -> t.order);
  private static final Comparator<Ticket> NOT_BEFORE =
      Comparator.<Ticket>comparingLong(t -> t.notBefore).thenComparingLong(t -> t.order);

  /**
   * Where somebody else takes what comes back as fast as it does, the instant at which there will
   * be room moves on in steps of nanoseconds: after so many alarms for nothing none rings sooner.
   */
  private static final int MOST_IN_VAIN = 100;

  private static final long SHORTEST_ALARM = 50_000;

  private static final Comparator<Ticket> LATEST =
      Comparator.<Ticket>comparingLong(t -> t.latest).thenComparingLong(t -> t.order);

  final Scope scope;
  final AnswerTimes times = new AnswerTimes();
  final GiveUps giveUps = new GiveUps();
  final Organisations.Membership membership = new Organisations.Membership();
  final Calibration calibration = new Calibration();

  private final Clock clock;
  private final Timer timer;
  private final Consumer<Throwable> onFault;
  private final Budget budget;
  private final QueueRoom room;

  // Ordered sets, not lists: with 10,000 waiting calls every step still is a few comparisons.
  private final TreeSet<Ticket> ready = new TreeSet<>(ORDER);
  private final TreeSet<Ticket> sleeping = new TreeSet<>(NOT_BEFORE);
  private final TreeSet<Ticket> expiring = new TreeSet<>(LATEST);
  private long waitingRequests;
  private long waitingInput;
  private long waitingOutput;

  // A ReentrantLock, not a monitor: callers may be virtual threads, which a monitor pins on 21-23.
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Runnable cancelAlarm;
  private long alarmAt;
  private int inVain;
  private volatile long lastUse;
  private volatile boolean informed;
  private volatile Asked asked;

  /** What a call of this scope was asked for: settings are found by it. */
  private record Asked(String model, String host, Bounds bounds) {}

  /** The lane whose queue and budget this scope's calls use; null: its own. */
  private volatile @Nullable Lane into;

  /** Every lane that attempts of this scope may have left from, beside its own. */
  private volatile List<Lane> joined = List.of();

  /** What the newest served answer announced; for comparing. */
  private volatile List<LimitReading> announced = List.of();

  Lane(Scope scope, Clock clock, Timer timer, QueueRoom room, Consumer<Throwable> onFault) {
    this.room = room;
    this.onFault = onFault;
    this.scope = scope;
    this.clock = clock;
    this.timer = timer;
    this.lastUse = clock.nanos();
    this.budget = new Budget(lastUse);
    this.asked = new Asked("", "", Bounds.NONE);
  }

  /** A call begins that is for this model at this host; so much is typed for it. */
  void asked(String model, String host, Bounds bounds) {
    Asked last = asked;
    if (last.bounds.equals(bounds) && last.host.equals(host)) {
      return;
    }
    asked = new Asked(model, host, bounds);
    if (!last.bounds.equals(bounds)) {
      bounds(bounds);
    }
  }

  /** Settings have changed: those who wait follow. */
  void follow(Policies policies) {
    Asked last = asked;
    if (!last.host.isEmpty()) {
      Bounds now = policies.policyFor(scope.provider(), last.model, last.host).bounds();
      asked(last.model, last.host, now);
    }
  }

  private void bounds(Bounds bounds) {
    Lane other = into;
    if (other != null) {
      other.bounds(bounds);
      return;
    }
    List<Ticket> done = new ArrayList<>(2);
    long now = clock.nanos();
    lock.lock();
    try {
      budget.bounds(now, clock.epochMillis(), bounds);
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /**
   * Lets a call leave, or gives it a place in the queue.
   *
   * @param order order of arrival of the call
   * @param bytes of its body, which a wait keeps alive
   * @param notBefore the call's own earliest instant
   * @param latest after this instant the wait is too long
   * @return a ticket in state ADMITTED: send now; EXPIRED: the wait would not fit, or the queue is
   *     full; else WAITING
   */
  Ticket enter(long order, Charge charge, long bytes, long notBefore, long latest) {
    FaultPoint.pass("limiter");
    long now = clock.nanos();
    lastUse = now;
    Lane other = into;
    while (other == null) {
      Ticket ticket = new Ticket(this, order, charge, bytes, notBefore, latest, now);
      lock.lock();
      try {
        other = into;
        if (other == null) {
          place(ticket, now);
          return ticket;
        }
      } finally {
        lock.unlock();
      }
    }
    return other.enter(order, charge, bytes, notBefore, latest);
  }

  private void place(Ticket ticket, long now) {
    Charge charge = ticket.charge;
    if (ticket.notBefore - now <= 0
        && (ready.isEmpty() || ticket.order < ready.first().order)
        && budget.earliest(now, charge, ready.size() + 1, now) - now <= 0) {
      admit(ticket, now);
      return;
    }
    ticket.expected = Math.max(expected(now, ticket.order, charge), ticket.notBefore);
    if (ticket.expected - ticket.latest > 0) {
      ticket.become(Ticket.State.EXPIRED);
    } else if (ticket.latest - now <= 0) {
      // May not wait at all, and was only to be spread: that is no reason to refuse it.
      admit(ticket, now);
    } else if (!room.take(ticket.bytes)) {
      ticket.full = true;
      ticket.become(Ticket.State.EXPIRED);
    } else {
      add(ticket, now);
      arm(now, headAt(now));
    }
  }

  private void admit(Ticket ticket, long now) {
    if (ticket.claim()) {
      ticket.admitted(budget.left(now, ticket.charge));
    }
  }

  /** When a call would leave if it entered now. Under the lock. */
  private long expected(long now, long order, Charge charge) {
    boolean last = ready.isEmpty() || order > ready.last().order;
    return last
        ? budget.predict(
            now,
            waitingRequests + charge.requests(),
            waitingInput + charge.inputTokens(),
            waitingOutput + charge.outputTokens())
        : budget.predict(now, charge.requests(), charge.inputTokens(), charge.outputTokens());
  }

  /** For how long a call that comes now would be held; about, and 0 when not at all. */
  long wouldHold(Charge charge) {
    lock.lock();
    try {
      long now = clock.nanos();
      return budget.earliest(now, charge, 1, now) - now <= 0
          ? 0
          : Math.max(0, expected(now, Long.MAX_VALUE, charge) - now);
    } finally {
      lock.unlock();
    }
  }

  /** A call is sent without a place in the queue: nobody held it, or it could not wait. */
  Attempt sent(Charge charge) {
    Lane other = into;
    if (other != null) {
      return other.sent(charge);
    }
    lock.lock();
    try {
      // Joined in this instant: then it is one more that is on the way at the old place.
      return budget.left(clock.nanos(), charge);
    } finally {
      lock.unlock();
    }
  }

  /** The lane that an attempt left from: scopes may join and part while it is on the way. */
  private Lane from(Attempt attempt) {
    if (!budget.made(attempt)) {
      for (Lane other : joined) {
        if (other.budget.made(attempt)) {
          return other;
        }
      }
    }
    return this;
  }

  /** An attempt is about to leave on this thread. */
  void departed(Attempt attempt) {
    long now = clock.nanos();
    if (!attempt.late(now)) {
      return;
    }
    Lane from = from(attempt);
    from.lock.lock();
    try {
      from.budget.departed(now, attempt);
    } finally {
      from.lock.unlock();
    }
  }

  /** The headers of an attempt's answer are here; {@link #answered} follows. */
  void reading(Attempt attempt) {
    Lane from = from(attempt);
    if (from.informed) {
      return; // nobody who waits there waits for a word
    }
    from.lock.lock();
    try {
      from.budget.reading(clock.nanos());
    } finally {
      from.lock.unlock();
    }
  }

  /**
   * An attempt was answered.
   *
   * @param readings what its headers announce
   * @param limit the limit that rejected it; null when none did
   * @param hintNanos how long the answer says to wait, jitter included; 0 when it does not say
   */
  void answered(
      Attempt attempt,
      List<LimitReading> readings,
      @Nullable Limit limit,
      long hintNanos,
      long firstStep,
      long cap,
      double random) {
    if (limit == null && !readings.isEmpty()) {
      announced = readings;
    }
    from(attempt)
        .learn(
            limit,
            (at, now) ->
                at.answered(now, attempt, readings, limit, hintNanos, firstStep, cap, random));
  }

  /** An answer complains that use has risen too fast; said before {@link #answered}. */
  void slowDown(Attempt attempt) {
    from(attempt).learn(null, (at, now) -> at.slowDown(now, attempt));
  }

  /** An answer that looked served turned out to be a limit's: closes the gate for those to come. */
  void rejectedLater(
      Attempt attempt, Limit limit, long hintNanos, long firstStep, long cap, double random) {
    from(attempt)
        .learn(
            limit,
            (at, now) -> at.rejectedLater(now, attempt, limit, hintNanos, firstStep, cap, random));
  }

  private interface Lesson {
    void teach(Budget budget, long now);
  }

  private void learn(@Nullable Limit limit, Lesson lesson) {
    List<Ticket> done = new ArrayList<>(2);
    long now = clock.nanos();
    long closed = 0;
    lock.lock();
    try {
      lesson.teach(budget, now);
      informed = budget.informed();
      if (limit != null) {
        closed = budget.closedFor(now);
        // Whoever cannot wait that long hears so now, not when its time is up.
        expire(now + closed - 1, done);
      }
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
    Lane other = into;
    if (other != null && limit != null && closed > 0) {
      other.closedElsewhere(limit, closed);
    }
  }

  /** A call that had left before its scope joined this one met a limit. */
  private void closedElsewhere(Limit limit, long nanos) {
    learn(limit, (at, now) -> at.close(now, now + nanos, limit));
  }

  /** Whether a call of this charge would leave at once, or waits for something but tokens. */
  boolean admits(Charge charge) {
    Lane other = into;
    if (other != null) {
      return other.admits(charge);
    }
    lock.lock();
    try {
      long now = clock.nanos();
      return !budget.countsTokens()
          || (expiring.isEmpty() && budget.earliest(now, charge, 1, now) - now <= 0);
    } finally {
      lock.unlock();
    }
  }

  /** An attempt's answer was read and told its output. */
  void settled(Attempt attempt, long output) {
    from(attempt).learn(null, (at, now) -> at.settled(now, attempt, output));
  }

  /** Nothing more will come of an attempt. */
  void ended(Attempt attempt) {
    from(attempt).learn(null, (at, now) -> at.ended(now, attempt));
  }

  private void pump() {
    List<Ticket> done = new ArrayList<>();
    long now = clock.nanos();
    lock.lock();
    try {
      cancelAlarm = null;
      inVain++;
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** Lets out whoever may leave, sends away whoever has waited too long. Under the lock. */
  private void step(long now, List<Ticket> done) {
    if (expiring.isEmpty()) {
      disarm();
      return;
    }
    while (!sleeping.isEmpty() && sleeping.first().notBefore - now <= 0) {
      ready.add(sleeping.pollFirst());
    }
    long next = headAt(now);
    while (!ready.isEmpty() && next - now <= 0) {
      Ticket head = ready.first();
      remove(head);
      inVain = 0;
      if (head.claim()) {
        head.admitted(budget.left(now, head.charge));
        done.add(head);
      }
      next = headAt(now);
    }
    if (expire(now, done)) {
      next = headAt(now);
    }
    arm(now, next);
  }

  private long headAt(long now) {
    if (ready.isEmpty()) {
      return Long.MAX_VALUE;
    }
    Ticket head = ready.first();
    return budget.earliest(now, head.charge, ready.size(), Math.max(head.since, head.notBefore));
  }

  private boolean expire(long upTo, List<Ticket> done) {
    boolean any = false;
    while (!expiring.isEmpty() && expiring.first().latest - upTo <= 0) {
      Ticket late = expiring.first();
      remove(late);
      any = true;
      late.expected = clock.nanos() + budget.closedFor(clock.nanos());
      if (late.become(Ticket.State.EXPIRED)) {
        done.add(late);
      }
    }
    return any;
  }

  private void add(Ticket ticket, long now) {
    (ticket.notBefore - now <= 0 ? ready : sleeping).add(ticket);
    expiring.add(ticket);
    waitingRequests += ticket.charge.requests();
    waitingInput += ticket.charge.inputTokens();
    waitingOutput += ticket.charge.outputTokens();
  }

  private boolean remove(Ticket ticket) {
    if (!expiring.remove(ticket)) {
      return false;
    }
    if (!ready.remove(ticket)) {
      sleeping.remove(ticket);
    }
    waitingRequests -= ticket.charge.requests();
    waitingInput -= ticket.charge.inputTokens();
    waitingOutput -= ticket.charge.outputTokens();
    room.give(ticket.bytes);
    return true;
  }

  /** Sets the one alarm to the next instant at which anything can change. Under the lock. */
  private void arm(long now, long headAt) {
    if (expiring.isEmpty()) {
      disarm();
      return;
    }
    long next = Math.min(headAt, Math.max(now, expiring.first().latest));
    if (!sleeping.isEmpty()) {
      next = Math.min(next, sleeping.first().notBefore);
    }
    if (cancelAlarm != null) {
      if (alarmAt - next <= 0 && alarmAt - now > 0) {
        return; // it rings earlier, and then looks again
      }
      disarm();
    }
    if (inVain > MOST_IN_VAIN) {
      next = Math.max(next, now + SHORTEST_ALARM);
    }
    alarmAt = next;
    try {
      cancelAlarm = timer.at(next, this::ring);
    } catch (Throwable t) {
      // Such as "unable to create native thread": nobody would ever wake those who wait here.
      onFault.accept(t);
      release();
    }
  }

  private void ring() {
    try {
      FaultPoint.pass("timer");
      pump();
    } catch (Throwable t) {
      onFault.accept(t);
      release();
    }
  }

  private void disarm() {
    Runnable cancel = cancelAlarm;
    cancelAlarm = null;
    if (cancel != null) {
      cancel.run();
    }
  }

  void removed(Ticket ticket) {
    boolean mine;
    lock.lock();
    try {
      mine = remove(ticket);
      long now = clock.nanos();
      arm(now, headAt(now));
    } finally {
      lock.unlock();
    }
    Lane now = ticket.lane;
    if (!mine && now != this) {
      now.removed(ticket); // moved while it was given back
    }
  }

  /**
   * This scope's limits are those of another one: what waits here goes there, in order of arrival,
   * and whoever comes goes there at once. What is on the way ends here; a limit it meets closes the
   * gate there too.
   *
   * @param first joins nobody itself, so that locks are always taken in this order
   */
  void join(Lane first) {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    first.lock.lock();
    try {
      if (into != null || first.into != null || first == this) {
        return;
      }
      long now = clock.nanos();
      first.budget.join(now, budget);
      for (Ticket ticket : expiring) {
        ticket.lane = first;
        first.add(ticket, now);
      }
      clearQueue();
      disarm();
      if (!joined.contains(first)) {
        List<Lane> all = new ArrayList<>(joined);
        all.add(first);
        joined = List.copyOf(all);
      }
      into = first;
      first.step(now, done);
    } finally {
      first.lock.unlock();
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** It was another one's limit after all: from now on its own queue again. */
  void part() {
    lock.lock();
    try {
      into = null;
      budget.bounds(clock.nanos(), clock.epochMillis(), asked.bounds);
    } finally {
      lock.unlock();
    }
  }

  /** Whose queue and budget this scope uses; null: its own. */
  @Nullable Lane into() {
    return into;
  }

  /** Whether both have been told the same limits, as far as both have been told any. */
  boolean toldTheSame(Lane other) {
    List<LimitReading> theirs = other.announced;
    for (LimitReading ours : announced) {
      for (LimitReading their : theirs) {
        if (ours.limit() == their.limit()
            && ours.limitValue() > 0
            && their.limitValue() > 0
            && ours.limitValue() != their.limitValue()) {
          return false;
        }
      }
    }
    return true;
  }

  private void clearQueue() {
    ready.clear();
    sleeping.clear();
    expiring.clear();
    waitingRequests = 0;
    waitingInput = 0;
    waitingOutput = 0;
  }

  /** Ends all waits at once and opens the gate. */
  void release() {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    try {
      for (Ticket t : expiring) {
        room.give(t.bytes);
        if (t.become(Ticket.State.RELEASED)) {
          done.add(t);
        }
      }
      clearQueue();
      budget.open(clock.nanos());
      disarm();
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** Whether a call that comes now may have to wait. */
  boolean holds() {
    Lane other = into;
    if (other != null) {
      return other.holds();
    }
    lock.lock();
    try {
      long now = clock.nanos();
      return !expiring.isEmpty() || budget.earliest(now, Charge.ONE, 1, now) - now > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the gate is closed now: a continuation then gets the recorded answer. */
  boolean closed() {
    Lane other = into;
    if (other != null) {
      return other.closed();
    }
    lock.lock();
    try {
      return budget.closedFor(clock.nanos()) > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether waits rest on the provider's own word now. */
  boolean wordOfProvider() {
    Lane other = into;
    if (other != null) {
      return other.wordOfProvider();
    }
    lock.lock();
    try {
      return budget.wordOfProvider(clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** The limit that a call waits for. */
  Limit limit() {
    Lane other = into;
    if (other != null) {
      return other.limit();
    }
    lock.lock();
    try {
      return budget.binding(clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** What a restart need not forget. */
  Memory remember() {
    lock.lock();
    try {
      return budget.remember(clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** Before anything leaves: what was known {@code ageNanos} ago. */
  void recall(Memory memory, long ageNanos) {
    lock.lock();
    try {
      budget.recall(clock.nanos(), memory, ageNanos);
    } finally {
      lock.unlock();
    }
  }

  LaneView view() {
    long now = clock.nanos();
    lock.lock();
    try {
      long oldest = 0;
      for (Ticket t : expiring) {
        oldest = Math.max(oldest, now - t.since);
      }
      return new LaneView(scope, expiring.size(), oldest, budget.view(now));
    } finally {
      lock.unlock();
    }
  }

  boolean unused(long now) {
    lock.lock();
    try {
      return expiring.isEmpty() && budget.idle(now) && now - lastUse > 60_000_000_000L;
    } finally {
      lock.unlock();
    }
  }

  long lastUse() {
    return lastUse;
  }
}
