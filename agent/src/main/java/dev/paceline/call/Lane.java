package dev.paceline.call;

import dev.paceline.limit.Attempt;
import dev.paceline.limit.Budget;
import dev.paceline.limit.Charge;
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
  private static final Comparator<Ticket> LATEST =
      Comparator.<Ticket>comparingLong(t -> t.latest).thenComparingLong(t -> t.order);

  final Scope scope;
  final AnswerTimes times = new AnswerTimes();
  final GiveUps giveUps = new GiveUps();
  final Calibration calibration = new Calibration();

  private final Clock clock;
  private final Timer timer;
  private final Consumer<Throwable> onFault;
  private final Budget budget;

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
  private volatile long lastUse;

  Lane(Scope scope, Clock clock, Timer timer, Consumer<Throwable> onFault) {
    this.onFault = onFault;
    this.scope = scope;
    this.clock = clock;
    this.timer = timer;
    this.lastUse = clock.nanos();
    this.budget = new Budget(lastUse);
  }

  /**
   * Lets a call leave, or gives it a place in the queue.
   *
   * @param order order of arrival of the call
   * @param notBefore the call's own earliest instant
   * @param latest after this instant the wait is too long
   * @return a ticket in state ADMITTED: send now; EXPIRED: the wait would not fit; else WAITING
   */
  Ticket enter(long order, Charge charge, long notBefore, long latest) {
    FaultPoint.pass("limiter");
    long now = clock.nanos();
    lastUse = now;
    Ticket ticket = new Ticket(this, order, charge, notBefore, latest, now);
    lock.lock();
    try {
      if (notBefore - now <= 0
          && (ready.isEmpty() || order < ready.first().order)
          && budget.earliest(now, charge, ready.size() + 1, now) - now <= 0) {
        if (ticket.claim()) {
          ticket.admitted(budget.left(now, charge));
        }
        return ticket;
      }
      ticket.expected = Math.max(expected(now, order, charge), notBefore);
      if (ticket.expected - latest > 0) {
        ticket.become(Ticket.State.EXPIRED);
        return ticket;
      }
      add(ticket, now);
      arm(now, headAt(now));
      return ticket;
    } finally {
      lock.unlock();
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

  /** A call is sent without a place in the queue: nobody held it, or it could not wait. */
  Attempt sent(Charge charge) {
    lock.lock();
    try {
      return budget.left(clock.nanos(), charge);
    } finally {
      lock.unlock();
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
    List<Ticket> done = new ArrayList<>(2);
    long now = clock.nanos();
    lock.lock();
    try {
      budget.answered(now, attempt, readings, limit, hintNanos, firstStep, cap, random);
      if (limit != null) {
        // Whoever cannot wait that long hears so now, not when its time is up.
        expire(now + budget.closedFor(now) - 1, done);
      }
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** Whether a call of this charge would leave at once. */
  boolean admits(Charge charge) {
    lock.lock();
    try {
      long now = clock.nanos();
      return expiring.isEmpty() && budget.earliest(now, charge, 1, now) - now <= 0;
    } finally {
      lock.unlock();
    }
  }

  /** An attempt's answer was read and told its output. */
  void settled(Attempt attempt, long output) {
    List<Ticket> done = new ArrayList<>(2);
    long now = clock.nanos();
    lock.lock();
    try {
      budget.settled(now, attempt, output);
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** An answer that looked served turned out to be a limit's: closes the gate for those to come. */
  void rejectedLater(
      Attempt attempt, Limit limit, long hintNanos, long firstStep, long cap, double random) {
    List<Ticket> done = new ArrayList<>(2);
    long now = clock.nanos();
    lock.lock();
    try {
      budget.rejectedLater(now, attempt, limit, hintNanos, firstStep, cap, random);
      expire(now + budget.closedFor(now) - 1, done);
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** Nothing more will come of an attempt. */
  void ended(Attempt attempt) {
    List<Ticket> done = new ArrayList<>(2);
    long now = clock.nanos();
    lock.lock();
    try {
      budget.ended(now, attempt);
      step(now, done);
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  private void pump() {
    List<Ticket> done = new ArrayList<>();
    long now = clock.nanos();
    lock.lock();
    try {
      cancelAlarm = null;
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

  private void remove(Ticket ticket) {
    if (!expiring.remove(ticket)) {
      return;
    }
    if (!ready.remove(ticket)) {
      sleeping.remove(ticket);
    }
    waitingRequests -= ticket.charge.requests();
    waitingInput -= ticket.charge.inputTokens();
    waitingOutput -= ticket.charge.outputTokens();
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
    lock.lock();
    try {
      remove(ticket);
      long now = clock.nanos();
      arm(now, headAt(now));
    } finally {
      lock.unlock();
    }
  }

  /** Ends all waits at once and opens the gate. */
  void release() {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    try {
      for (Ticket t : expiring) {
        if (t.become(Ticket.State.RELEASED)) {
          done.add(t);
        }
      }
      ready.clear();
      sleeping.clear();
      expiring.clear();
      waitingRequests = 0;
      waitingInput = 0;
      waitingOutput = 0;
      budget.open(clock.nanos());
      disarm();
    } finally {
      lock.unlock();
    }
    done.forEach(Ticket::runWake);
  }

  /** Whether a call that comes now may have to wait. */
  boolean holds() {
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
    lock.lock();
    try {
      return budget.closedFor(clock.nanos()) > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether waits rest on the provider's own word now. */
  boolean wordOfProvider() {
    lock.lock();
    try {
      return budget.wordOfProvider(clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** The limit that a call waits for. */
  Limit limit() {
    lock.lock();
    try {
      return budget.binding();
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
      return new LaneView(
          scope, budget.closedFor(now), expiring.size(), oldest, budget.lastLimit());
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
