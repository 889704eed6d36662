package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.limit.Cost;
import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.limit.Permit;
import dev.paceline.limit.ScopeLimiter;
import dev.paceline.tokens.Calibration;
import dev.paceline.words.Client;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The enforcement beside the pure {@link ScopeLimiter}: the queue of one scope, its lock, and the
 * one alarm that wakes its head at the computed instant. Calls leave in order of arrival; one whose
 * own wait after an answer is not over yet lets the others pass and then goes to its old place.
 */
final class AdmissionQueue {
  private static final Comparator<Ticket> ORDER = Comparator.comparingLong(t -> t.order);
  private static final Comparator<Ticket> NOT_BEFORE =
      Comparator.<Ticket>comparingLong(t -> t.notBefore).thenComparingLong(t -> t.order);

  /**
   * Where somebody else takes what comes back as fast as it does, the instant at which there will
   * be room moves on in steps of nanoseconds: after so many alarms for nothing none rings sooner.
   */
  private static final int MOST_IN_VAIN = 100;

  private static final long SHORTEST_ALARM = 50_000;

  /** Calls behind a large one that are looked at in one go. */
  private static final int MOST_PASSING = 16;

  /** When nobody could pass it, or all who could have. */
  private static final long LOOK_AGAIN = 500_000_000L;

  /** An alarm so late is not waited for: the timer's thread is held up by somebody. */
  private static final long OVERDUE = 1_000_000_000L;

  private static final Comparator<Ticket> LATEST =
      Comparator.<Ticket>comparingLong(t -> t.latest).thenComparingLong(t -> t.order);

  private static final List<Ticket> NOBODY = List.of();

  /** Where lanes are kept. */
  interface Home {
    /** A lane that nobody evicts, alone. */
    Home NONE =
        new Home() {
          @Override
          public AdmissionQueue current(AdmissionQueue evicted) {
            return evicted;
          }

          @Override
          public void mayHold(AdmissionQueue lane) {}
        };

    /** The lane that this evicted one's scope has now: itself, when none has come in its place. */
    AdmissionQueue current(AdmissionQueue evicted);

    /** Something has happened here after which calls may be held. */
    void mayHold(AdmissionQueue lane);
  }

  final Scope scope;
  final ResponseTimes times = new ResponseTimes();
  final Organisations.Membership membership = new Organisations.Membership();
  final Calibration calibration = new Calibration();

  private final Clock clock;
  private final Timer timer;
  private final Consumer<Throwable> onFault;
  private final ScopeLimiter budget;
  private final QueueCapacity room;
  private final Ledger ledger;
  private final Home home;

  // Ordered sets, not lists: with 10,000 waiting calls every step still is a few comparisons.
  private final TreeSet<Ticket> ready = new TreeSet<>(ORDER);
  private final TreeSet<Ticket> sleeping = new TreeSet<>(NOT_BEFORE);
  private final TreeSet<Ticket> expiring = new TreeSet<>(LATEST);
  private final HeadOfLine headOfLine = new HeadOfLine();
  private long waitingRequests;
  private long waitingInput;
  private long waitingOutput;

  // A ReentrantLock, not a monitor: callers may be virtual threads, which a monitor pins on 21-23.
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Runnable cancelAlarm;
  private long alarmAt;
  private int inVain;

  /** Why no alarm could be set; told when the lock is given back. */
  private @Nullable Throwable alarmFailed;

  private volatile long lastUse;
  private volatile boolean informed;
  private volatile Asked asked;

  /** Of the last call: 10,000 that wait need not each have their own. */
  private volatile @Nullable CallInfo info;

  /** What a call of this scope was asked for: settings are found by it. */
  private record Asked(String model, String host, Bounds bounds) {}

  /** Attempts that have left from here and not ended. */
  private int onTheWay;

  /** Whether it has made room for others; written under the lock. */
  private volatile boolean evicted;

  private volatile boolean noted;

  /** The lanes that have joined this one. */
  private final Set<AdmissionQueue> joiners = ConcurrentHashMap.newKeySet(1);

  /** The lane whose queue and budget this scope's calls use; null: its own. */
  private volatile @Nullable AdmissionQueue into;

  /** Every lane that attempts of this scope may have left from, beside its own. */
  private volatile List<AdmissionQueue> joined = List.of();

  /** What the newest served answer announced; for comparing. */
  private volatile List<LimitReading> announced = List.of();

  AdmissionQueue(
      Scope scope,
      Clock clock,
      Timer timer,
      QueueCapacity room,
      Ledger ledger,
      Consumer<Throwable> onFault) {
    this(scope, clock, timer, room, ledger, Home.NONE, onFault);
  }

  AdmissionQueue(
      Scope scope,
      Clock clock,
      Timer timer,
      QueueCapacity room,
      Ledger ledger,
      Home home,
      Consumer<Throwable> onFault) {
    this.room = room;
    this.home = home;
    this.ledger = ledger;
    this.onFault = onFault;
    this.scope = scope;
    this.clock = clock;
    this.timer = timer;
    this.lastUse = clock.nanos();
    this.budget = new ScopeLimiter(lastUse);
    this.asked = new Asked("", "", Bounds.NONE);
  }

  /**
   * What the events of a call of this scope carry.
   *
   * @param model as sent
   */
  CallInfo info(Client client, String model) {
    CallInfo known = info;
    if (known == null || known.client() != client || !known.model().equals(model)) {
      String shared = scope.model().equals(model) ? scope.model() : model;
      known = new CallInfo(client, scope.provider(), shared);
      info = known;
    }
    return known;
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
      Policy now = policies.policyFor(scope.provider(), last.model, last.host);
      asked(last.model, last.host, now.bounds());
      if (!now.enabled() || now.mode() == Mode.OBSERVE) {
        AdmissionQueue other = into;
        (other == null ? this : other).release();
      }
    }
  }

  private void bounds(Bounds bounds) {
    AdmissionQueue other = into;
    if (other != null) {
      other.bounds(bounds);
      return;
    }
    List<Ticket> done = new ArrayList<>(2);
    lock.lock();
    try {
      long now = clock.nanos();
      budget.bounds(now, clock.epochMillis(), bounds);
      step(now, done);
    } finally {
      unlock(done);
    }
  }

  /**
   * Lets a call leave, or gives it a place in the queue.
   *
   * @param order order of arrival of the call
   * @param bytes of its body, which a wait keeps alive
   * @param notBefore the call's own earliest instant
   * @param latest after this instant the wait is too long
   * @param unsent whether no answer is kept that could end the call
   * @return a ticket in state ADMITTED: send now; EXPIRED: the wait would not fit, or the queue is
   *     full; else WAITING
   */
  Ticket enter(long order, Cost charge, long bytes, long notBefore, long latest, boolean unsent) {
    FaultPoint.pass("limiter");
    AdmissionQueue other = into;
    while (other == null) {
      List<Ticket> done = NOBODY;
      lock.lock();
      try {
        other = into;
        if (other == null && !evicted) {
          // Under the lock: what leaves is logged in the order of its time.
          long now = clock.nanos();
          lastUse = now;
          if (overdue(now)) {
            done = new ArrayList<>();
            step(now, done);
          }
          Ticket ticket = new Ticket(this, order, charge, bytes, notBefore, latest, now, unsent);
          try {
            place(ticket, now);
          } catch (Throwable t) {
            withdraw(ticket, now);
            throw t;
          }
          return ticket;
        }
      } finally {
        unlock(done);
      }
      other = other == null ? comeBack() : other;
    }
    lastUse = clock.nanos();
    return other.enter(order, charge, bytes, notBefore, latest, unsent);
  }

  /** Evicted between a call's beginning and its start: the lane that took its place, if any. */
  private @Nullable AdmissionQueue comeBack() {
    AdmissionQueue current = home.current(this);
    lock.lock();
    try {
      if (current == this) {
        evicted = false;
        noted = false; // swept out of the queue, perhaps
        return null;
      }
      forward(current);
      return current;
    } finally {
      lock.unlock();
    }
  }

  private void forward(AdmissionQueue to) {
    if (!joined.contains(to)) {
      List<AdmissionQueue> all = new ArrayList<>(joined);
      all.add(to);
      joined = List.copyOf(all);
    }
    into = to;
    to.joiners.add(this);
  }

  /** Whether it may make room for others; see {@link AdmissionQueues}. */
  boolean mayGo(long now, boolean closedToo) {
    if (!lock.tryLock()) {
      return false; // in use
    }
    try {
      return expiring.isEmpty()
          && onTheWay == 0
          && joiners.isEmpty()
          && (closedToo || budget.idle(now));
    } finally {
      lock.unlock();
    }
  }

  /** Makes room for others; false when it may not any more. */
  boolean retire(long now, boolean closedToo) {
    lock.lock();
    try {
      if (evicted || !mayGo(now, closedToo)) {
        return false;
      }
      evicted = true;
      if (into != null) {
        into.joiners.remove(this);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  boolean evicted() {
    return evicted;
  }

  /** Notes that calls may be held from now on; see {@link AdmissionQueues#holding}. */
  void note() {
    if (!noted) {
      noted = true;
      home.mayHold(this);
    }
  }

  /** It is about to be looked at. */
  void noted() {
    noted = false;
  }

  private void place(Ticket ticket, long now) {
    note();
    Cost charge = ticket.charge;
    if (ticket.notBefore - now <= 0
        && (ready.isEmpty() || ticket.order < ready.first().order)
        && budget.earliest(now, charge, ready.size() + 1, now) - now <= 0) {
      admit(ticket, now);
      return;
    }
    if (ticket.notBefore - now <= 0 && !ready.isEmpty() && passes(now, charge, now)) {
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

  /** Grants a permit to a call that has left the queue or never was in it. Under the lock. */
  private boolean admit(Ticket ticket, long now) {
    if (!ticket.claim()) {
      return false; // cancelled in this instant
    }
    Permit leaving;
    try {
      leaving = left(now, ticket.charge);
    } catch (Throwable t) {
      ticket.failed(); // claimed, so nobody else can wake it
      failure(t);
      return true;
    }
    if (!ticket.admitted(leaving)) {
      giveBack(now, leaving);
    }
    return true;
  }

  private Permit left(long now, Cost charge) {
    Permit leaving = budget.left(now, charge);
    onTheWay++;
    note();
    ledger.permitTaken();
    return leaving;
  }

  private void giveBack(long now, Permit attempt) {
    if (budget.ended(now, attempt)) {
      onTheWay--;
      ledger.permitReleased();
    }
  }

  /** The caller will never know of the ticket: neither may the queue. */
  private void withdraw(Ticket ticket, long now) {
    remove(ticket);
    ticket.become(Ticket.State.CANCELLED);
    Permit granted = ticket.take();
    if (granted != null) {
      giveBack(now, granted);
    }
  }

  private void failure(Throwable t) {
    if (alarmFailed == null) {
      alarmFailed = t;
    }
  }

  /**
   * Gives the lock back and then does what must not be done under it: wakes whoever is ready, which
   * runs code of adapters, and tells of a fault, whose listener takes other lanes' locks.
   */
  private void unlock(List<Ticket> done) {
    Throwable failed = alarmFailed;
    alarmFailed = null;
    lock.unlock();
    wake(done);
    if (failed != null) {
      onFault.accept(failed);
      release();
    }
  }

  private void wake(List<Ticket> done) {
    for (Ticket ticket : done) {
      try {
        ticket.runWake();
      } catch (Throwable t) {
        onFault.accept(t); // the others are to be woken all the same
      }
    }
  }

  /** When a call would leave if it entered now. Under the lock. */
  private long expected(long now, long order, Cost charge) {
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
  long wouldHold(Cost charge) {
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
  Permit sent(Cost charge) {
    AdmissionQueue other = into;
    if (other != null) {
      return other.sent(charge);
    }
    lock.lock();
    try {
      // Joined in this instant: then it is one more that is on the way at the old place.
      return left(clock.nanos(), charge);
    } finally {
      lock.unlock();
    }
  }

  /** The lane that an attempt left from: scopes may join and part while it is on the way. */
  private AdmissionQueue from(Permit attempt) {
    if (!budget.made(attempt)) {
      for (AdmissionQueue other : joined) {
        if (other.budget.made(attempt)) {
          return other;
        }
      }
    }
    return this;
  }

  /** An attempt is about to leave on this thread. */
  void departed(Permit attempt) {
    if (!attempt.late(clock.nanos())) {
      return;
    }
    AdmissionQueue from = from(attempt);
    from.lock.lock();
    try {
      from.budget.departed(clock.nanos(), attempt);
    } finally {
      from.lock.unlock();
    }
  }

  /** The headers of an attempt's answer are here; {@link #answered} follows. */
  void reading(Permit attempt) {
    AdmissionQueue from = from(attempt);
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
      Permit attempt,
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
  void slowDown(Permit attempt) {
    from(attempt).learn(null, (at, now) -> at.slowDown(now, attempt));
  }

  /** An answer that looked served turned out to be a limit's: closes the gate for those to come. */
  void rejectedLater(
      Permit attempt, Limit limit, long hintNanos, long firstStep, long cap, double random) {
    from(attempt)
        .learn(
            limit,
            (at, now) -> at.rejectedLater(now, attempt, limit, hintNanos, firstStep, cap, random));
  }

  private interface Lesson {
    void teach(ScopeLimiter budget, long now);
  }

  private void learn(@Nullable Limit limit, Lesson lesson) {
    List<Ticket> done = new ArrayList<>(2);
    long closed = 0;
    lock.lock();
    try {
      long now = clock.nanos();
      lesson.teach(budget, now);
      note();
      informed = budget.informed();
      if (limit != null) {
        closed = budget.closedFor(now);
        // Whoever cannot wait that long hears so now, not when its time is up.
        expire(now + closed - 1, done);
      }
      step(now, done);
    } finally {
      unlock(done);
    }
    AdmissionQueue other = into;
    if (other != null && limit != null && closed > 0) {
      other.closedElsewhere(limit, closed);
    }
  }

  /** A call that had left before its scope joined this one met a limit. */
  private void closedElsewhere(Limit limit, long nanos) {
    learn(limit, (at, now) -> at.close(now, now + nanos, limit));
  }

  /** Whether a call of this charge would leave at once, or waits for something but tokens. */
  boolean admits(Cost charge) {
    AdmissionQueue other = into;
    if (other != null) {
      return other.admits(charge);
    }
    lock.lock();
    try {
      long now = clock.nanos();
      // A prediction and no request to leave: a question must not move what holds calls.
      return !budget.countsTokens()
          || (expiring.isEmpty() && expected(now, Long.MAX_VALUE, charge) - now <= 0);
    } finally {
      lock.unlock();
    }
  }

  /** An attempt's answer was read and told its output. */
  void settled(Permit attempt, long output) {
    from(attempt).learn(null, (at, now) -> at.settled(now, attempt, output));
  }

  /** Nothing more will come of an attempt. */
  void ended(Permit attempt) {
    AdmissionQueue from = from(attempt);
    from.learn(null, (at, now) -> from.giveBack(now, attempt));
  }

  private void pump() {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    try {
      cancelAlarm = null;
      inVain++;
      step(clock.nanos(), done);
    } finally {
      unlock(done);
    }
  }

  /** Under the lock. */
  private boolean overdue(long now) {
    return cancelAlarm != null && now - alarmAt > OVERDUE;
  }

  /** How long a waiting thread sleeps before it looks whether it was forgotten. */
  long patience(Ticket ticket) {
    return Math.max(OVERDUE, ticket.latest - clock.nanos() + OVERDUE);
  }

  /**
   * The timer's thread has not come for longer than it should: a waiting thread does its work. It
   * can be held up by an executor of the application that runs in its caller.
   */
  void pumpWhenOverdue() {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    try {
      long now = clock.nanos();
      if (overdue(now)) {
        step(now, done);
      }
    } finally {
      unlock(done);
    }
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
      if (admit(head, now)) {
        done.add(head);
      }
      next = headAt(now);
    }
    if (expire(now, done)) {
      next = headAt(now);
    }
    if (next - now > 0 && ready.size() > 1) {
      next = Math.min(next, letPass(now, done));
    }
    arm(now, next);
  }

  /**
   * Lets small calls out before a large one that waits for its tokens.
   *
   * @return when to look again
   */
  private long letPass(long now, List<Ticket> done) {
    Ticket head = ready.first();
    List<Ticket> passing = new ArrayList<>(0);
    long again = Long.MAX_VALUE;
    int looked = 0;
    for (Ticket ticket : ready.tailSet(head, false)) {
      if (++looked > MOST_PASSING) {
        break;
      }
      if (headOfLine.concerns(head, ticket.charge)) {
        again = now + LOOK_AGAIN;
        passing.add(ticket);
      }
    }
    for (Ticket ticket : passing) {
      if (passes(now, ticket.charge, Math.max(ticket.since, ticket.notBefore))) {
        remove(ticket);
        if (admit(ticket, now)) {
          done.add(ticket);
        }
      }
    }
    return again;
  }

  private boolean passes(long now, Cost charge, long since) {
    Ticket head = ready.first();
    return headOfLine.concerns(head, charge)
        && budget.earliest(now, charge, ready.size(), since) - now <= 0
        && headOfLine.mayPass(now, head, charge, budget);
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
      failure(t);
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
      unlock(NOBODY);
    }
    AdmissionQueue now = ticket.lane;
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
  void join(AdmissionQueue first) {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    first.lock.lock();
    try {
      if (into != null || first.into != null || first == this || evicted || first.evicted) {
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
      forward(first);
      first.note();
      first.step(now, done);
    } finally {
      lock.unlock();
      first.unlock(done);
    }
  }

  /** It was another one's limit after all: from now on its own queue again. */
  void part() {
    lock.lock();
    try {
      AdmissionQueue first = into;
      if (first == null || evicted) {
        return;
      }
      into = null;
      first.joiners.remove(this);
      budget.bounds(clock.nanos(), clock.epochMillis(), asked.bounds);
    } finally {
      lock.unlock();
    }
  }

  /** The lanes that have joined this one. */
  Set<AdmissionQueue> joiners() {
    return joiners;
  }

  /** Whose queue and budget this scope uses; null: its own. */
  @Nullable AdmissionQueue into() {
    return into;
  }

  /** Whether both have been told the same limits, as far as both have been told any. */
  boolean toldTheSame(AdmissionQueue other) {
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
    release(false);
  }

  /**
   * Ends all waits at once and opens the gate.
   *
   * @param closing whether the JVM shuts down: what was not sent yet is cancelled, for nobody would
   *     read its answer
   */
  void release(boolean closing) {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    try {
      for (Ticket t : expiring) {
        room.give(t.bytes);
        if (t.become(closing && t.unsent ? Ticket.State.CANCELLED : Ticket.State.RELEASED)) {
          done.add(t);
        }
      }
      clearQueue();
      budget.open(clock.nanos());
      disarm();
    } finally {
      unlock(done);
    }
  }

  /** Whether a call that comes now may have to wait. */
  boolean holds() {
    AdmissionQueue other = into;
    if (other != null) {
      return other.holds();
    }
    lock.lock();
    try {
      long now = clock.nanos();
      return !expiring.isEmpty() || budget.earliest(now, Cost.ONE, 1, now) - now > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the gate is closed now: a continuation then gets the recorded answer. */
  boolean closed() {
    AdmissionQueue other = into;
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
    AdmissionQueue other = into;
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
    AdmissionQueue other = into;
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
  LimiterSnapshot remember() {
    lock.lock();
    try {
      return budget.remember(clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** Before anything leaves: what was known {@code ageNanos} ago. */
  void recall(LimiterSnapshot memory, long ageNanos) {
    lock.lock();
    try {
      budget.recall(clock.nanos(), memory, ageNanos);
    } finally {
      lock.unlock();
    }
  }

  QueueView view() {
    long now = clock.nanos();
    lock.lock();
    try {
      long oldest = 0;
      for (Ticket t : expiring) {
        oldest = Math.max(oldest, now - t.since);
      }
      return new QueueView(scope, expiring.size(), oldest, budget.view(now));
    } finally {
      lock.unlock();
    }
  }

  /** For tests: nothing of others may run under the lock. */
  boolean isLockedByMe() {
    return lock.isHeldByCurrentThread();
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
