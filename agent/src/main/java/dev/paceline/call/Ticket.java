package dev.paceline.call;

import dev.paceline.limit.Attempt;
import dev.paceline.limit.Charge;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A place in a scope's queue. The lane moves it from {@link State#WAITING} to exactly one other
 * state; the timer thread that does so only wakes, the holder goes on where it belongs: the
 * caller's thread, or the client's own executor.
 */
public final class Ticket {
  /** What has become of the place. */
  public enum State {
    WAITING,
    /** The call may be sent. */
    ADMITTED,
    /** The wait has become longer than somebody allows. */
    EXPIRED,
    /** The agent was switched off, or the JVM shuts down: go on at once. */
    RELEASED,
    /** The holder has given the place back. */
    CANCELLED
  }

  // Fields, not atomic objects of their own: 10,000 calls may wait.
  private static final AtomicIntegerFieldUpdater<Ticket> SETTLED =
      AtomicIntegerFieldUpdater.newUpdater(Ticket.class, "settled");
  private static final AtomicReferenceFieldUpdater<Ticket, Runnable> WAKE =
      AtomicReferenceFieldUpdater.newUpdater(Ticket.class, Runnable.class, "wake");

  @SuppressWarnings("UnusedVariable") // written by SETTLED
  private volatile int settled;

  private volatile @Nullable Runnable wake;

  /** Whose queue it is in; another one's when scopes turn out to be one. Written under its lock. */
  volatile Lane lane;

  private volatile State state = State.WAITING;
  private @Nullable Attempt attempt;

  /** Order of arrival; a retried call keeps its own. */
  final long order;

  final Charge charge;

  final long notBefore;
  final long latest;
  final long since;

  /** Bytes of the body that the wait keeps alive. */
  final long bytes;

  /** Whether there was no room in the queue; written before the state. */
  boolean full;

  /** When the lane thinks that it would be its turn; written before the state. */
  long expected;

  Ticket(
      Lane lane, long order, Charge charge, long bytes, long notBefore, long latest, long since) {
    this.bytes = bytes;
    this.lane = lane;
    this.order = order;
    this.charge = charge;
    this.notBefore = notBefore;
    this.latest = latest;
    this.since = since;
  }

  public State state() {
    return state;
  }

  /**
   * Holds the calling thread until the ticket is ready.
   *
   * @throws InterruptedException when the thread is or becomes interrupted; the ticket is cancelled
   *     then
   */
  public State await() throws InterruptedException {
    Thread me = Thread.currentThread();
    whenReady(() -> LockSupport.unpark(me));
    Parked parked = new Parked(this);
    try {
      // A pool of the JDK adds a thread for one that waits so: the common pool, in which others
      // have work to do, must not stand still because calls are paced.
      ForkJoinPool.managedBlock(parked);
    } catch (RejectedExecutionException noMoreThreads) {
      parked.block();
    }
    return state;
  }

  /** The wait of a thread. */
  private record Parked(Ticket ticket) implements ForkJoinPool.ManagedBlocker {
    @Override
    public boolean block() throws InterruptedException {
      while (!isReleasable()) {
        if (Thread.interrupted()) {
          ticket.cancel();
          throw new InterruptedException();
        }
        LockSupport.park(ticket);
      }
      return true;
    }

    @Override
    public boolean isReleasable() {
      return ticket.state != State.WAITING;
    }
  }

  /**
   * Runs {@code task} once when the ticket is ready, at once when it is already. The task runs on
   * the timer's thread or on the thread of whoever cancels: it must only hand over.
   */
  public void whenReady(Runnable task) {
    wake = task;
    if (state != State.WAITING) {
      runWake();
    }
  }

  /**
   * Gives the place back: cancellation, interruption. Does nothing when the ticket is ready
   * already.
   */
  public void cancel() {
    if (become(State.CANCELLED)) {
      lane.removed(this);
      runWake();
    }
  }

  /**
   * Ends the wait as the agent's own shutdown does: the client is being closed. Does nothing when
   * the ticket is ready already.
   */
  public void release() {
    if (become(State.RELEASED)) {
      lane.removed(this);
      runWake();
    }
  }

  /**
   * Moves to a final state; the first one wins. The caller runs {@link #runWake} when it holds no
   * lock.
   */
  boolean become(State next) {
    if (!claim()) {
      return false;
    }
    state = next;
    return true;
  }

  /** Reserves the move to a final state: who gets true makes it. */
  boolean claim() {
    return SETTLED.compareAndSet(this, 0, 1);
  }

  /** The call leaves; after {@link #claim}. */
  void admitted(Attempt leaving) {
    attempt = leaving; // before the state: who sees ADMITTED sees the attempt
    state = State.ADMITTED;
  }

  /** What the budget remembers of the attempt; null unless the state is ADMITTED. */
  @Nullable Attempt attempt() {
    return attempt;
  }

  void runWake() {
    Runnable task = wake == null ? null : WAKE.getAndSet(this, null);
    if (task != null) {
      task.run();
    }
  }
}
