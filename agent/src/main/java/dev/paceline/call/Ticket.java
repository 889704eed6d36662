package dev.paceline.call;

import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.words.Limit;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A place in a scope's queue. The queue moves it from {@link State#WAITING} to exactly one other
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
    /** The agent was switched off, or the JVM shuts down and an answer is kept: go on at once. */
    RELEASED,
    /** The holder has given the place back, or the JVM shuts down and nothing was sent yet. */
    CANCELLED
  }

  // Fields, not atomic objects of their own: 10,000 calls may wait.
  private static final AtomicIntegerFieldUpdater<Ticket> STATE =
      AtomicIntegerFieldUpdater.newUpdater(Ticket.class, "state");
  private static final AtomicReferenceFieldUpdater<Ticket, Object> PERMIT =
      AtomicReferenceFieldUpdater.newUpdater(Ticket.class, Object.class, "permit");

  /** In place of a permit: the holder has taken it, or wants none any more. */
  private static final Object GONE = new Object();

  private static final State[] STATES = State.values();
  private static final Limit[] LIMITS = Limit.values();

  /** Waiting for whoever holds it, but nobody else may end the wait any more. */
  private static final int ADMITTING = STATES.length;

  /** What an admission returns when it depends on the exact cost of the call. */
  static final Ticket COUNT_EXACTLY = new Ticket();

  private static final AtomicReferenceFieldUpdater<Ticket, Runnable> WAKE =
      AtomicReferenceFieldUpdater.newUpdater(Ticket.class, Runnable.class, "wake");

  private volatile @Nullable Runnable wake;

  /** Whose queue it is in; another one's when scopes turn out to be one. Written under its lock. */
  volatile @Nullable AdmissionQueue queue;

  /** The ordinal of its {@link State}, or {@link #ADMITTING}. */
  private volatile int state = State.WAITING.ordinal();

  /**
   * The permit on its way from the queue to the holder: null before it is granted, then an {@link
   * Permit}, or {@link #GONE}. One slot, so that a holder who gives up in the instant of its
   * admission and the queue cannot both believe that the other one gives the permit back.
   */
  private volatile @Nullable Object permit;

  /** Order of arrival; a retried call keeps its own. */
  final long order;

  final Cost charge;

  /** What decides its place among others. */
  final CallClass kind;

  final long notBefore;
  final long latest;

  /** When it entered the queue; written under the queue's lock. */
  long since;

  /** Bytes of the body that the wait keeps alive. */
  final int bytes;

  /** Whether the holder has nothing in hand but the hope to be sent; written before it waits. */
  final boolean unsent;

  /** Whether there was no room in the queue; written before the state. */
  boolean full;

  /**
   * When it would be its turn, as far as can be predicted; of an expired one: that of a call that
   * came then. Written before the state.
   */
  long expected;

  /** How many calls waited when it expired; written before the state. */
  int waiting;

  /** Whether it waits for a limit of its tenant alone; written before the state. */
  private boolean ofTenant;

  /** The ordinal of the limit that it waits for; a byte, for thousands may wait. */
  private byte limit = (byte) Limit.UNKNOWN.ordinal();

  private Ticket() {
    this(0, Cost.ONE, 0, 0, 0, true);
    tryComplete(State.CANCELLED);
  }

  /** Of a call that nothing tells from others; parameters as below. */
  Ticket(long order, Cost charge, long bytes, long notBefore, long latest, boolean unsent) {
    this(order, charge, CallClass.USUAL, bytes, notBefore, latest, unsent);
  }

  /**
   * @param order order of arrival of the call
   * @param kind what decides its place among others
   * @param bytes that a wait keeps alive
   * @param notBefore the call's own earliest instant
   * @param latest after this instant the wait is too long
   * @param unsent whether no answer is kept that could end the call
   */
  Ticket(
      long order,
      Cost charge,
      CallClass kind,
      long bytes,
      long notBefore,
      long latest,
      boolean unsent) {
    this.kind = kind;
    this.unsent = unsent;
    this.bytes = (int) Math.min(bytes, Integer.MAX_VALUE);
    this.order = order;
    this.charge = charge;
    this.notBefore = notBefore;
    this.latest = latest;
  }

  /** It enters this queue. */
  void enters(AdmissionQueue into, long now) {
    queue = into;
    since = now;
  }

  /** What it waits for; said before the state changes. */
  void waitsFor(Limit what, boolean tenantsOwn) {
    limit = (byte) what.ordinal();
    ofTenant = tenantsOwn;
  }

  Limit limit() {
    return LIMITS[limit];
  }

  /** Whether that is a limit of its tenant alone. */
  boolean ofTenant() {
    return ofTenant;
  }

  public State state() {
    int now = state;
    return now == ADMITTING ? State.WAITING : STATES[now];
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
    return state();
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
        AdmissionQueue queue = ticket.queue;
        LockSupport.parkNanos(ticket, queue == null ? Alarm.OVERDUE : queue.patience(ticket));
        if (queue != null && !isReleasable()) {
          queue.stepWhenOverdue();
        }
      }
      return true;
    }

    @Override
    public boolean isReleasable() {
      return ticket.state() != State.WAITING;
    }
  }

  /**
   * Runs {@code task} once when the ticket is ready, at once when it is already. The task runs on
   * the timer's thread or on the thread of whoever cancels: it must only hand over.
   */
  public void whenReady(Runnable task) {
    wake = task;
    if (state() != State.WAITING) {
      runWake();
    }
  }

  /**
   * Gives the place back: cancellation, interruption. Does nothing when the ticket is ready
   * already.
   */
  public void cancel() {
    if (tryComplete(State.CANCELLED)) {
      left();
      runWake();
    }
  }

  /**
   * Ends the wait as the agent's own shutdown does: the client is being closed. Does nothing when
   * the ticket is ready already.
   */
  public void release() {
    if (tryComplete(State.RELEASED)) {
      left();
      runWake();
    }
  }

  private void left() {
    AdmissionQueue entered = queue;
    if (entered != null) {
      entered.removed(this);
    }
  }

  /**
   * Moves to a final state; the first one wins. The caller runs {@link #runWake} when it holds no
   * lock.
   */
  boolean tryComplete(State end) {
    return STATE.compareAndSet(this, State.WAITING.ordinal(), end.ordinal());
  }

  /** Begins to admit it: who gets true ends the wait, and nobody else. */
  boolean beginAdmission() {
    return STATE.compareAndSet(this, State.WAITING.ordinal(), ADMITTING);
  }

  /**
   * The call leaves; after {@link #beginAdmission}.
   *
   * @return false: the holder has gone, and the permit is still the caller's
   */
  boolean admitted(Permit leaving) {
    // The permit before the state: who sees ADMITTED finds it.
    boolean handed = PERMIT.compareAndSet(this, null, leaving);
    state = (handed ? State.ADMITTED : State.CANCELLED).ordinal();
    return handed;
  }

  /** No permit could be made; after {@link #beginAdmission}. The call goes on without. */
  void admissionFailed() {
    state = State.RELEASED.ordinal();
  }

  /**
   * Takes the permit over: who takes it gives it back. After this the queue hands none out any
   * more, whatever the state: a holder that goes must call this.
   *
   * @return null when none was granted, or when it was taken before
   */
  @Nullable Permit take() {
    return PERMIT.getAndSet(this, GONE) instanceof Permit granted ? granted : null;
  }

  void runWake() {
    Runnable task = wake == null ? null : WAKE.getAndSet(this, null);
    if (task != null) {
      task.run();
    }
  }
}
