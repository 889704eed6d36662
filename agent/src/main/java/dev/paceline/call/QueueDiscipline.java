package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.limit.ScopeLimiter;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
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
  final WaitingCalls waiting = new WaitingCalls(this::part, this::open);
  private final LimitSizes sizes = new LimitSizes();
  private final TenantQuotas quotas;
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
    this.quotas = new TenantQuotas(clock);
  }

  /** Takes over what a person has typed. */
  void bounds(long now, Bounds typed) {
    limiter.bounds(now, clock.epochMillis(), typed);
    sizes.typed(typed);
  }

  /** Lets a call leave, or gives it a place. */
  void place(Ticket ticket, long now) {
    onMayHold.run();
    if (ticket.notBefore - now <= 0
        && open(ticket)
        && ((waiting.first(ticket) && earliest(now, ticket, waiting.ready() + 1, now) - now <= 0)
            || passes(now, ticket, now))) {
      admit(ticket, now);
      return;
    }
    holds(ticket, now);
    ticket.expected = Math.max(expected(now, ticket), ticket.notBefore);
    ticket.waiting = waiting.size();
    if (ticket.expected - ticket.latest > 0) {
      ticket.tryComplete(Ticket.State.EXPIRED);
    } else if (ticket.latest - now <= 0 && !ticket.ofTenant()) {
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

  private boolean open(Ticket ticket) {
    if (!ticket.kind.hasQuota()) {
      return true;
    }
    long now = clock.nanos();
    return quotas.opensAt(ticket, now) - now <= 0;
  }

  /** Says what a call waits for. */
  private void holds(Ticket ticket, long now) {
    Limit ofTenant = quotas.heldBy(ticket, now);
    ticket.waitsFor(ofTenant == null ? limiter.binding(now) : ofTenant, ofTenant != null);
  }

  /** Grants a permit to a call that has left the queue or never was in it. */
  private boolean admit(Ticket ticket, long now) {
    if (!ticket.beginAdmission()) {
      return false; // cancelled in this instant
    }
    Permit granted;
    try {
      granted = grant(now, ticket.charge);
      quotas.left(now, ticket, granted);
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
    quotas.ended(permit);
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

  /** The part of a limit that a call takes. */
  private double part(Cost charge) {
    return sizes.part(limiter, clock.nanos(), charge);
  }

  /** The part of every limit that stays free when it leaves. */
  private double headroom(Ticket ticket) {
    double headroom = ticket.kind.headroom();
    FairOrder fair = waiting.fair();
    // Nothing is kept free for those who wait already: then it is its class's turn.
    return headroom > 0 && fair != null && fair.anyAbove(ticket) ? 0 : headroom;
  }

  /** What must be left of the limits for it to leave: its cost, and what it leaves to others. */
  private Cost required(Ticket ticket, long now) {
    double headroom = headroom(ticket);
    return headroom <= 0 ? ticket.charge : sizes.beside(limiter, now, ticket.charge, headroom);
  }

  private long earliest(long now, Ticket ticket, int ready, long since) {
    double headroom = headroom(ticket);
    if (headroom > 0 && outstanding >= sizes.inFlight(limiter, now, headroom)) {
      return now + LOOK_AGAIN; // whoever ends asks again at once
    }
    return limiter.earliest(now, required(ticket, now), ready, since);
  }

  private long expected(long now, Ticket ticket) {
    FairOrder fair = waiting.fair();
    if (fair == null) {
      Cost required = required(ticket, now);
      long at = expected(now, ticket.order, required);
      return Math.max(at, quotas.predict(ticket, now, FairOrder.Ahead.of(ticket.charge)));
    }
    FairOrder.Ahead ahead = fair.ahead(ticket);
    return Math.max(
        limiter.predict(now, ahead.requests(), ahead.inputTokens(), ahead.outputTokens()),
        quotas.predict(ticket, now, fair.ofTenant(ticket)));
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
    served(ticket, now);
    remove(ticket);
    alarm.useful();
    if (admit(ticket, now)) {
      done.add(ticket);
    }
  }

  private void served(Ticket ticket, long now) {
    FairOrder fair = waiting.fair();
    if (fair != null) {
      fair.served(ticket, now);
    }
  }

  /**
   * Lets small calls out before a large one that waits for its tokens.
   *
   * @return when to look again
   */
  private long letPass(Ticket head, long now, List<Ticket> done) {
    List<Ticket> passing = new ArrayList<>(0);
    for (Ticket ticket : waiting.behind(head, MOST_PASSING)) {
      if (headOfLine.concerns(head, ticket.charge)) {
        passing.add(ticket);
      }
    }
    for (Ticket ticket : passing) {
      if (passes(now, ticket, Math.max(ticket.since, ticket.notBefore))) {
        served(ticket, now);
        remove(ticket);
        if (admit(ticket, now)) {
          done.add(ticket);
        }
      }
    }
    return passing.isEmpty() ? Long.MAX_VALUE : now + LOOK_AGAIN;
  }

  private boolean passes(long now, Ticket ticket, long since) {
    Ticket head = waiting.head();
    return head != null
        && open(ticket)
        && headOfLine.concerns(head, ticket.charge)
        && earliest(now, ticket, waiting.ready(), since) - now <= 0
        && headOfLine.mayPass(now, head, ticket.charge, limiter);
  }

  long headAt(long now) {
    Ticket head = waiting.head();
    long at =
        head == null
            ? Long.MAX_VALUE
            : earliest(now, head, waiting.ready(), Math.max(head.since, head.notBefore));
    FairOrder fair = waiting.fair();
    if (fair != null && at - now > 0) {
      for (Ticket closed : fair.closed()) {
        at = Math.min(at, Math.max(now + 1, quotas.opensAt(closed, now)));
      }
    }
    return at;
  }

  /** An attempt's answer was read and told its output. */
  void settled(long now, Permit permit, long output) {
    limiter.settled(now, permit, output);
    quotas.settled(now, permit, output);
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
      if (late.kind.hasQuota()) {
        holds(late, now);
      }
      late.expected =
          waiting.fair() == null ? expected(now, Long.MAX_VALUE, late.charge) : expected(now, late);
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
  QueueView view(Scope scope, CallerDeadlines callers, UnaryOperator<String> label, long now) {
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
    FairOrder fair = waiting.fair();
    return new QueueView(
        scope,
        waiting.size(),
        oldest,
        Math.max(0, predicted),
        callers.shortest() == CallerDeadlines.NONE ? 0 : callers.shortest(),
        limiter.view(now),
        fair == null ? List.of() : fair.byPriority(),
        fair == null ? List.of() : fair.topTenants(label));
  }

  /** What failed since this was asked last; null for nothing. */
  @Nullable Throwable takeFailure() {
    Throwable failed = failure;
    failure = null;
    return failed;
  }
}
