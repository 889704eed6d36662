package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.limit.Cost;
import dev.paceline.limit.FleetNeeds;
import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.limit.Permit;
import dev.paceline.limit.ScopeLimiter;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The enforcement beside the pure {@link ScopeLimiter}: one queue, its lock, and the one alarm that
 * wakes its head at the computed instant. Calls leave in order of arrival; one whose own wait after
 * an answer is not over yet lets the others pass and then goes to its old place.
 */
final class AdmissionQueue {
  private static final List<Ticket> NOBODY = List.of();

  private final Clock clock;
  private final Runnable onMayHold;
  private final Consumer<Throwable> onFault;

  // A ReentrantLock, not a monitor: callers may be virtual threads, which a monitor pins on 21-23.
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  final QueueDiscipline queue;

  private volatile long lastUse;
  private volatile boolean limitsKnown;

  /** Nobody enters any more: the scope has made room for others. Written under the lock. */
  private volatile boolean retired;

  /** Nobody enters any more: calls go here instead. Written under the lock. */
  private volatile @Nullable ScopeHandle movedTo;

  /**
   * @param onMayHold told under the lock of what may hold calls from now on
   */
  AdmissionQueue(
      Clock clock,
      Timer timer,
      QueueCapacity capacity,
      Ledger ledger,
      Runnable onMayHold,
      Consumer<Throwable> onFault) {
    this.clock = clock;
    this.onMayHold = onMayHold;
    this.onFault = onFault;
    this.lastUse = clock.nanos();
    this.queue =
        new QueueDiscipline(
            clock, capacity, ledger, onMayHold, new Alarm(timer, this::ring), lastUse);
  }

  /**
   * Lets a call leave, or gives it a place in the queue.
   *
   * @param ample a larger cost: unless a call of that would leave at once, it is worth while to
   *     count this one's exactly; null when it is counted
   * @return null when nobody enters here any more; {@link Ticket#COUNT_EXACTLY}; or as for {@link
   *     ScopeHandle#enter}
   */
  @Nullable Ticket enter(Ticket ticket, @Nullable Cost ample) {
    List<Ticket> done = NOBODY;
    lock.lock();
    try {
      if (retired || movedTo != null) {
        return null;
      }
      // Under the lock: what leaves is logged in the order of its time.
      long now = clock.nanos();
      lastUse = now;
      if (queue.alarm.overdue(now)) {
        done = new ArrayList<>();
        queue.step(now, done);
      }
      if (ample != null && !queue.admits(now, ample)) {
        return Ticket.COUNT_EXACTLY;
      }
      ticket.enters(this, now);
      try {
        queue.place(ticket, now);
      } catch (Throwable t) {
        queue.withdraw(ticket, now);
        throw t;
      }
      return ticket;
    } finally {
      unlock(done);
    }
  }

  /**
   * Gives the lock back and then does what must not be done under it: wakes whoever is ready, which
   * runs code of adapters, and tells of a fault, whose listener takes other queues' locks.
   */
  private void unlock(List<Ticket> done) {
    Throwable failed = queue.takeFailure();
    lock.unlock();
    for (Ticket ticket : done) {
      try {
        ticket.runWake();
      } catch (Throwable t) {
        onFault.accept(t); // the others are to be woken all the same
      }
    }
    if (failed != null) {
      onFault.accept(failed);
      release(false);
    }
  }

  private void ring() {
    try {
      FaultPoint.pass("timer");
      locked(
          (now, done) -> {
            queue.alarm.rang();
            queue.step(now, done);
          });
    } catch (Throwable t) {
      onFault.accept(t);
      release(false);
    }
  }

  /**
   * The timer's thread has not come for longer than it should: a waiting thread does its work. It
   * can be held up by an executor of the application that runs in its caller.
   */
  void stepWhenOverdue() {
    locked(
        (now, done) -> {
          if (queue.alarm.overdue(now)) {
            queue.step(now, done);
          }
        });
  }

  /** How long a waiting thread sleeps before it looks whether it was forgotten. */
  long patience(Ticket ticket) {
    return Math.max(Alarm.OVERDUE, ticket.latest - clock.nanos() + Alarm.OVERDUE);
  }

  /** The holder has given its place back. */
  void removed(Ticket ticket) {
    boolean[] here = new boolean[1];
    locked(
        (now, done) -> {
          here[0] = queue.remove(ticket);
          queue.arm(now, queue.headAt(now));
        });
    AdmissionQueue current = ticket.queue;
    if (!here[0] && current != null && current != this) {
      current.removed(ticket); // moved while it was given back
    }
  }

  /** Work under the lock, which adds to {@code done} whoever is to be woken after it. */
  private interface Work {
    void run(long now, List<Ticket> done);
  }

  private void locked(Work work) {
    lock.lock();
    List<Ticket> done = queue.waiting.isEmpty() ? NOBODY : new ArrayList<>(2);
    try {
      work.run(clock.nanos(), done);
    } finally {
      unlock(done);
    }
  }

  private interface Question<T> {
    T ask(ScopeLimiter limiter, long now);
  }

  /** Asks what is known, or takes a permit; nobody who waits is affected. */
  private <T> T ask(Question<T> question) {
    lock.lock();
    try {
      return question.ask(queue.limiter, clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** A call is sent without a place in the queue: nobody held it, or it could not wait. */
  Permit sent(Cost charge) {
    return ask((at, now) -> queue.grant(now, charge));
  }

  /** An attempt is about to leave on this thread, so much later than it was let go. */
  void departed(Permit permit) {
    locked((now, done) -> queue.limiter.departed(now, permit));
  }

  /** The headers of an attempt's answer are here; {@link #learn} follows. */
  void reading() {
    if (!limitsKnown) { // else nobody who waits waits for that
      locked((now, done) -> queue.limiter.reading(now));
    }
  }

  /** What an answer teaches. */
  interface Lesson {
    void teach(QueueDiscipline queue, long now);
  }

  /**
   * Learns from an answer, and lets out or sends away whom it concerns.
   *
   * @param limit the limit that rejected the attempt; null when none did
   * @return nanoseconds for which the limit closes the scope; 0 for none
   */
  long learn(@Nullable Limit limit, Lesson lesson) {
    long[] closed = new long[1];
    locked(
        (now, done) -> {
          lesson.teach(queue, now);
          onMayHold.run();
          limitsKnown = queue.limiter.informed();
          if (limit != null) {
            closed[0] = queue.limiter.closedFor(now);
            // Whoever cannot wait that long is told now, not when its time is up.
            queue.expire(now + closed[0] - 1, done);
          }
          queue.step(now, done);
        });
    return closed[0];
  }

  /** What others who share the limits are told. */
  FleetNeeds needs() {
    return ask((at, now) -> at.fleet.needs(now, queue.waiting.requests(), queue.waiting.tokens()));
  }

  void bounds(Bounds bounds) {
    locked(
        (now, done) -> {
          queue.bounds(now, bounds);
          queue.step(now, done);
        });
  }

  /**
   * Ends all waits at once and opens the gate.
   *
   * @param closing whether the JVM shuts down: what was not sent yet is cancelled, for nobody would
   *     read its answer
   */
  void release(boolean closing) {
    locked(
        (now, done) -> {
          queue.end(
              Ticket.State.RELEASED,
              closing ? Ticket.State.CANCELLED : Ticket.State.RELEASED,
              done);
          queue.limiter.open(now);
        });
  }

  /** Before anything leaves: what was known {@code ageNanos} ago. */
  void restore(LimiterSnapshot snapshot, long ageNanos) {
    locked((now, done) -> queue.limiter.recall(now, snapshot, ageNanos));
  }

  /**
   * What waits here goes there, in order of arrival, and so does whoever comes; what is on the way
   * ends here. Locks are taken in this order: a queue that others move to never moves.
   *
   * @return false when one of the two takes nobody any more
   */
  boolean moveTo(ScopeHandle handle, AdmissionQueue target) {
    List<Ticket> done = new ArrayList<>();
    lock.lock();
    target.lock.lock();
    try {
      if (movedTo != null || target.movedTo != null || retired || target.retired) {
        return false;
      }
      long now = clock.nanos();
      queue.moveTo(target, target.queue, now);
      movedTo = handle;
      target.queue.step(now, done);
      return true;
    } finally {
      lock.unlock();
      target.unlock(done);
    }
  }

  /** Takes calls again after {@link #moveTo}; false when it took them anyway, or is retired. */
  boolean moveBack(Bounds bounds) {
    return ask(
        (at, now) -> {
          if (movedTo == null || retired) {
            return false;
          }
          movedTo = null;
          queue.bounds(now, bounds);
          return true;
        });
  }

  /** Where those who come go; null: they stay. */
  @Nullable ScopeHandle movedTo() {
    return movedTo;
  }

  /**
   * Whether nobody would miss it; false when it is in use.
   *
   * @param closedToo whether it may be closed by a limit
   */
  boolean mayRetire(long now, boolean closedToo) {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      return queue.unused(now, closedToo);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes nobody any more; false when it is in use, or when {@code unless}, asked under the lock.
   */
  boolean retire(long now, boolean closedToo, BooleanSupplier unless) {
    lock.lock();
    try {
      if (retired || unless.getAsBoolean() || !mayRetire(now, closedToo)) {
        return false;
      }
      retired = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  boolean retired() {
    return retired;
  }

  /** Takes calls again after {@link #retire}, or lets them go there. */
  void revive(@Nullable ScopeHandle successor) {
    lock.lock();
    try {
      if (successor == null) {
        retired = false;
      } else {
        movedTo = successor;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a permit was taken here. */
  boolean issued(Permit permit) {
    return queue.limiter.made(permit);
  }

  /** For how long a call that comes now would be held; about, and 0 when not at all. */
  long wouldHold(Cost charge) {
    return ask(
        (at, now) ->
            at.earliest(now, charge, 1, now) - now <= 0
                ? 0L
                : Math.max(0L, queue.expected(now, Long.MAX_VALUE, charge) - now));
  }

  /** Whether a call of this charge would leave at once, or waits for something but tokens. */
  boolean admits(Cost charge) {
    return ask((at, now) -> queue.admits(now, charge));
  }

  /** Whether a call that comes now may have to wait. */
  boolean holds() {
    return ask(
        (at, now) -> !queue.waiting.isEmpty() || at.earliest(now, Cost.ONE, 1, now) - now > 0);
  }

  /**
   * Whether the scope is closed after a limit answer: a continuation then gets the recorded one.
   */
  boolean closed() {
    return ask((at, now) -> at.closedFor(now) > 0);
  }

  /** Whether waits rest on a limit that the provider has confirmed. */
  boolean limitConfirmed() {
    return ask(ScopeLimiter::waitsConfirmed);
  }

  /** The limit that a call waits for. */
  Limit limit() {
    return ask(ScopeLimiter::binding);
  }

  /** What a restart need not forget. */
  LimiterSnapshot snapshot() {
    return ask(ScopeLimiter::remember);
  }

  /** Whether nothing is on the way, and nothing has come for a minute. */
  boolean unused() {
    return ask(
        (at, now) -> queue.waiting.isEmpty() && at.idle(now) && now - lastUse > 60_000_000_000L);
  }

  /** For people. */
  QueueView view(Scope scope, CallerDeadlines callers, UnaryOperator<String> label) {
    return ask((at, now) -> queue.view(scope, callers, label, now));
  }

  /** A call of a scope whose calls go elsewhere. */
  void used() {
    lastUse = clock.nanos();
  }

  long lastUse() {
    return lastUse;
  }

  /** For tests: nothing of others may run under the lock. */
  boolean isLockedByMe() {
    return lock.isHeldByCurrentThread();
  }
}
