package dev.paceline.call;

import dev.paceline.limit.Gate;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The enforcement beside the pure {@link Gate}: the queue of one scope, its lock, and the one alarm
 * that wakes its head at the computed instant.
 */
final class Lane {
  private static final Comparator<Ticket> ORDER = Comparator.comparingLong(t -> t.order);

  final Scope scope;
  final AnswerTimes times = new AnswerTimes();
  final GiveUps giveUps = new GiveUps();

  private final Clock clock;
  private final Timer timer;
  private final Consumer<Throwable> onFault;
  private final Gate gate = new Gate();
  private final TreeSet<Ticket> waiting = new TreeSet<>(ORDER);

  // A ReentrantLock, not a monitor: callers may be virtual threads, which a monitor pins on 21-23.
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Runnable cancelAlarm;
  private long alarmAt;
  private volatile boolean idle = true;
  private volatile long lastUse;

  Lane(Scope scope, Clock clock, Timer timer, Consumer<Throwable> onFault) {
    this.onFault = onFault;
    this.scope = scope;
    this.clock = clock;
    this.timer = timer;
    this.lastUse = clock.nanos();
  }

  /**
   * Lets a call leave, or gives it a place in the queue.
   *
   * @param order order of arrival of the call
   * @param notBefore the call's own earliest instant
   * @param latest after this instant the wait is too long
   * @return null: send now; a ticket in state EXPIRED when the wait would not fit
   */
  @Nullable Ticket enter(long order, long notBefore, long latest) {
    FaultPoint.pass("limiter");
    long now = clock.nanos();
    lastUse = now;
    if (idle && notBefore - now <= 0) {
      return null; // the usual case takes no lock
    }
    Ticket ticket = new Ticket(this, order, notBefore, latest, now);
    lock.lock();
    try {
      if (notBefore - now <= 0 && waiting.isEmpty() && gate.opensAt(now) - now <= 0) {
        gate.left(now);
        idle = gate.idle(now);
        return null;
      }
      long expected = Math.max(gate.opensAt(now, waiting.headSet(ticket).size()), notBefore);
      if (expected - latest > 0) {
        ticket.become(Ticket.State.EXPIRED);
        return ticket;
      }
      idle = false;
      waiting.add(ticket);
      arm(now);
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /** A limit answer: closes the gate for everybody. */
  void limited(long sentAt, long hintNanos, long firstStep, long cap, Limit limit) {
    List<Ticket> ready = new ArrayList<>();
    long now = clock.nanos();
    lock.lock();
    try {
      gate.limited(now, sentAt, hintNanos, firstStep, cap, limit);
      idle = false;
      // Whoever cannot wait that long hears so now, not when its time is up.
      long opens = gate.opensAt(now);
      for (Iterator<Ticket> i = waiting.iterator(); i.hasNext(); ) {
        Ticket t = i.next();
        if (opens - t.latest > 0) {
          i.remove();
          if (t.become(Ticket.State.EXPIRED)) {
            ready.add(t);
          }
        }
      }
      arm(now);
    } finally {
      lock.unlock();
    }
    ready.forEach(Ticket::runWake);
  }

  /** An attempt was served. */
  void served(long sentAt, long now) {
    times.add(now - sentAt);
    if (idle) {
      return;
    }
    lock.lock();
    try {
      gate.served(now, sentAt);
      idle = waiting.isEmpty() && gate.idle(now);
      arm(now);
    } finally {
      lock.unlock();
    }
  }

  /** The alarm: lets out whoever may leave, sends away whoever has waited too long. */
  private void pump() {
    List<Ticket> ready = new ArrayList<>();
    long now = clock.nanos();
    lock.lock();
    try {
      cancelAlarm = null;
      for (Iterator<Ticket> i = waiting.iterator(); i.hasNext(); ) {
        Ticket t = i.next();
        Ticket.State next;
        if (t.notBefore - now <= 0 && gate.opensAt(now) - now <= 0) {
          next = Ticket.State.ADMITTED;
        } else if (t.latest - now <= 0) {
          next = Ticket.State.EXPIRED;
        } else {
          continue;
        }
        i.remove();
        if (t.become(next)) {
          if (next == Ticket.State.ADMITTED) {
            gate.left(now);
          }
          ready.add(t);
        }
      }
      idle = waiting.isEmpty() && gate.idle(now);
      arm(now);
    } finally {
      lock.unlock();
    }
    ready.forEach(Ticket::runWake);
  }

  /** Sets the one alarm to the next instant at which anything can change. Under the lock. */
  private void arm(long now) {
    if (waiting.isEmpty()) {
      disarm();
      return;
    }
    long next = Long.MAX_VALUE;
    long opens = gate.opensAt(now);
    for (Ticket t : waiting) {
      next = Math.min(next, Math.min(Math.max(opens, t.notBefore), Math.max(now, t.latest)));
      if (next <= opens && t.notBefore <= opens) {
        break;
      }
    }
    if (cancelAlarm != null) {
      if (alarmAt - next == 0) {
        return;
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
      waiting.remove(ticket);
      arm(clock.nanos());
    } finally {
      lock.unlock();
    }
  }

  /** Ends all waits at once and opens the gate. */
  void release() {
    List<Ticket> ready = new ArrayList<>();
    lock.lock();
    try {
      for (Ticket t : waiting) {
        if (t.become(Ticket.State.RELEASED)) {
          ready.add(t);
        }
      }
      waiting.clear();
      gate.open(clock.nanos());
      idle = true;
      disarm();
    } finally {
      lock.unlock();
    }
    ready.forEach(Ticket::runWake);
  }

  /** Whether a call that comes now may have to wait. */
  boolean holds() {
    return !idle;
  }

  /** Whether the gate is closed now: a continuation then gets the recorded answer. */
  boolean closed() {
    if (idle) {
      return false;
    }
    lock.lock();
    try {
      return gate.closedFor(clock.nanos()) > 0;
    } finally {
      lock.unlock();
    }
  }

  Limit limit() {
    lock.lock();
    try {
      return gate.limit();
    } finally {
      lock.unlock();
    }
  }

  LaneView view() {
    long now = clock.nanos();
    lock.lock();
    try {
      long oldest = 0;
      for (Ticket t : waiting) {
        oldest = Math.max(oldest, now - t.since);
      }
      return new LaneView(scope, gate.closedFor(now), waiting.size(), oldest, gate.limit());
    } finally {
      lock.unlock();
    }
  }

  boolean unused(long now) {
    return idle && now - lastUse > 60_000_000_000L;
  }

  long lastUse() {
    return lastUse;
  }
}
