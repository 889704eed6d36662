package dev.paceline.call;

import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.limit.ScopeLimiter;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who leaves one queue, and when: calls leave in order of arrival; one whose own wait after an
 * answer is not over yet lets the others pass and then goes to its old place; a small one may pass
 * a large one that waits for tokens.
 *
 * <p>Not thread-safe; its owner holds a lock, and wakes after it those who have left.
 */
final class QueueDiscipline {
  /** Calls behind a large one that are looked at in one go. */
  private static final int MOST_PASSING = 16;

  /** When nobody could pass it, or all who could have. */
  private static final long LOOK_AGAIN = 500_000_000L;

  final ScopeLimiter limiter;
  final WaitingCalls waiting = new WaitingCalls();
  final Alarm alarm;
  private final Clock clock;
  private final QueueCapacity capacity;
  private final Ledger ledger;
  private final Runnable onMayHold;
  private final HeadOfLine headOfLine = new HeadOfLine();

  /** Why no alarm could be set, or no permit granted; told when the lock is given back. */
  private @Nullable Throwable failure;

  /** Permits that were granted here and not given back. */
  private int outstanding;

  QueueDiscipline(
      Clock clock,
      QueueCapacity capacity,
      Ledger ledger,
      Runnable onMayHold,
      Alarm alarm,
      long now) {
    this.clock = clock;
    this.capacity = capacity;
    this.ledger = ledger;
    this.onMayHold = onMayHold;
    this.alarm = alarm;
    this.limiter = new ScopeLimiter(now);
  }

  /** Lets a call leave, or gives it a place. */
  void place(Ticket ticket, long now) {
    onMayHold.run();
    if (ticket.notBefore - now <= 0
        && ((waiting.first(ticket.order)
                && limiter.earliest(now, ticket.charge, waiting.ready() + 1, now) - now <= 0)
            || passes(now, ticket.charge, now))) {
      admit(ticket, now);
      return;
    }
    ticket.limit = limiter.binding(now);
    ticket.expected = Math.max(expected(now, ticket.order, ticket.charge), ticket.notBefore);
    ticket.waiting = waiting.size();
    if (ticket.expected - ticket.latest > 0) {
      ticket.tryComplete(Ticket.State.EXPIRED);
    } else if (ticket.latest - now <= 0) {
      // May not wait at all, and was only to be spread: that is no reason to refuse it.
      admit(ticket, now);
    } else if (!capacity.take(ticket.bytes)) {
      ticket.full = true;
      ticket.tryComplete(Ticket.State.EXPIRED);
    } else {
      waiting.add(ticket, now);
      arm(now, headAt(now));
    }
  }

  /** Grants a permit to a call that has left the queue or never was in it. */
  private boolean admit(Ticket ticket, long now) {
    if (!ticket.beginAdmission()) {
      return false; // cancelled in this instant
    }
    Permit granted;
    try {
      granted = grant(now, ticket.charge);
    } catch (Throwable t) {
      ticket.admissionFailed(); // begun, so nobody else can wake it
      failed(t);
      return true;
    }
    if (!ticket.admitted(granted)) {
      giveBack(now, granted);
    }
    return true;
  }

  /** A call leaves. */
  Permit grant(long now, Cost charge) {
    Permit granted = limiter.left(now, charge);
    outstanding++;
    onMayHold.run();
    ledger.permitTaken();
    return granted;
  }

  /** Takes a permit back; idempotent. */
  void giveBack(long now, Permit permit) {
    if (limiter.ended(now, permit)) {
      outstanding--;
      ledger.permitReleased();
    }
  }

  /** The caller will never know of the ticket: neither may the queue. */
  void withdraw(Ticket ticket, long now) {
    remove(ticket);
    ticket.tryComplete(Ticket.State.CANCELLED);
    Permit granted = ticket.take();
    if (granted != null) {
      giveBack(now, granted);
    }
  }

  /** Whether it was here. */
  boolean remove(Ticket ticket) {
    boolean here = waiting.remove(ticket);
    if (here) {
      capacity.give(ticket.bytes);
    }
    return here;
  }

  private void failed(Throwable t) {
    if (failure == null) {
      failure = t;
    }
  }

  /** When a call would leave if it entered now. */
  long expected(long now, long order, Cost charge) {
    return waiting.last(order)
        ? limiter.predict(
            now,
            waiting.requests() + charge.requests(),
            waiting.inputTokens() + charge.inputTokens(),
            waiting.outputTokens() + charge.outputTokens())
        : limiter.predict(now, charge.requests(), charge.inputTokens(), charge.outputTokens());
  }

  /** Lets out whoever may leave, sends away whoever has waited too long. */
  void step(long now, List<Ticket> done) {
    if (waiting.isEmpty()) {
      alarm.clear();
      return;
    }
    waiting.wakeUp(now);
    long next = headAt(now);
    Ticket head = waiting.head();
    while (head != null && next - now <= 0) {
      leave(head, now, done);
      next = headAt(now);
      head = waiting.head();
    }
    if (expire(now, done)) {
      next = headAt(now);
      head = waiting.head();
    }
    if (head != null && next - now > 0 && waiting.ready() > 1) {
      next = Math.min(next, letPass(head, now, done));
    }
    arm(now, next);
  }

  private void leave(Ticket ticket, long now, List<Ticket> done) {
    remove(ticket);
    alarm.useful();
    if (admit(ticket, now)) {
      done.add(ticket);
    }
  }

  /**
   * Lets small calls out before a large one that waits for its tokens.
   *
   * @return when to look again
   */
  private long letPass(Ticket head, long now, List<Ticket> done) {
    List<Ticket> passing = new ArrayList<>(0);
    int looked = 0;
    for (Ticket ticket : waiting.behind(head)) {
      if (++looked > MOST_PASSING) {
        break;
      }
      if (headOfLine.concerns(head, ticket.charge)) {
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
    return passing.isEmpty() ? Long.MAX_VALUE : now + LOOK_AGAIN;
  }

  private boolean passes(long now, Cost charge, long since) {
    Ticket head = waiting.head();
    return head != null
        && headOfLine.concerns(head, charge)
        && limiter.earliest(now, charge, waiting.ready(), since) - now <= 0
        && headOfLine.mayPass(now, head, charge, limiter);
  }

  long headAt(long now) {
    Ticket head = waiting.head();
    return head == null
        ? Long.MAX_VALUE
        : limiter.earliest(now, head.charge, waiting.ready(), Math.max(head.since, head.notBefore));
  }

  boolean expire(long upTo, List<Ticket> done) {
    boolean any = false;
    for (Ticket late = waiting.firstToExpire();
        late != null && late.latest - upTo <= 0;
        late = waiting.firstToExpire()) {
      remove(late);
      any = true;
      long now = clock.nanos();
      late.waiting = waiting.size();
      late.expected = expected(now, Long.MAX_VALUE, late.charge);
      if (late.tryComplete(Ticket.State.EXPIRED)) {
        done.add(late);
      }
    }
    return any;
  }

  /** Sets the alarm to the next instant at which anything can change. */
  void arm(long now, long headAt) {
    Ticket late = waiting.firstToExpire();
    if (late == null) {
      alarm.clear();
      return;
    }
    try {
      alarm.set(now, Math.min(Math.min(headAt, Math.max(now, late.latest)), waiting.nextWakeUp()));
    } catch (Throwable t) {
      // Such as "unable to create native thread": nobody would ever wake those who wait here.
      failed(t);
    }
  }

  /** Whether a call of this charge would leave at once, or waits for something but tokens. */
  boolean admits(long now, Cost charge) {
    // A prediction and no request to leave: a question must not move what holds calls.
    return !limiter.countsTokens()
        || (waiting.isEmpty() && expected(now, Long.MAX_VALUE, charge) - now <= 0);
  }

  /** All waits end at once. */
  void end(Ticket.State state, Ticket.State ofUnsent, List<Ticket> done) {
    for (Ticket ticket : waiting.all()) {
      capacity.give(ticket.bytes);
      if (ticket.tryComplete(ticket.unsent ? ofUnsent : state)) {
        done.add(ticket);
      }
    }
    waiting.clear();
    alarm.clear();
  }

  /** All who wait here wait there from now on. */
  void moveTo(AdmissionQueue queue, QueueDiscipline target, long now) {
    target.limiter.join(now, limiter);
    for (Ticket ticket : waiting.all()) {
      ticket.queue = queue;
      target.waiting.add(ticket, now);
    }
    waiting.clear();
    alarm.clear();
    target.onMayHold.run();
  }

  /** Whether nobody would miss it. */
  boolean unused(long now, boolean closedToo) {
    return waiting.isEmpty() && outstanding == 0 && (closedToo || limiter.idle(now));
  }

  /** For people; of a call that came now, if nobody did anything. */
  QueueView view(Scope scope, CallerDeadlines callers, long now) {
    long oldest = 0;
    for (Ticket ticket : waiting.all()) {
      oldest = Math.max(oldest, now - ticket.since);
    }
    long predicted =
        waiting.isEmpty()
            ? 0
            : limiter.predict(
                    now, waiting.requests() + 1, waiting.inputTokens(), waiting.outputTokens())
                - now;
    return new QueueView(
        scope,
        waiting.size(),
        oldest,
        Math.max(0, predicted),
        callers.shortest() == CallerDeadlines.NONE ? 0 : callers.shortest(),
        limiter.view(now));
  }

  /** What failed since this was asked last; null for nothing. */
  @Nullable Throwable takeFailure() {
    Throwable failed = failure;
    failure = null;
    return failed;
  }
}
