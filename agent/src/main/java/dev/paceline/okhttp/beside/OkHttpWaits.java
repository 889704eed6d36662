package dev.paceline.okhttp.beside;

import dev.paceline.call.Ticket;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;

/** The calls that wait inside their interceptor, each on its own thread. */
final class OkHttpWaits {
  /** Only where the advice on {@code cancel} is missing. */
  private static final long POLL_NANOS = 40_000_000L;

  private final ConcurrentHashMap<Object, Ticket> waiting = new ConcurrentHashMap<>();

  /**
   * Holds the thread until the ticket is ready or the call is cancelled.
   *
   * @param signalled whether {@link #cancelled} hears of every cancellation
   * @throws InterruptedException when the thread is or becomes interrupted; the ticket is cancelled
   *     then
   */
  Ticket.State hold(Call call, Ticket ticket, boolean signalled) throws InterruptedException {
    Thread me = Thread.currentThread();
    waiting.put(call, ticket);
    try {
      ticket.whenReady(() -> LockSupport.unpark(me));
      while (ticket.state() == Ticket.State.WAITING) {
        if (Thread.interrupted()) {
          ticket.cancel();
          throw new InterruptedException();
        }
        // Also at first: the call can have been cancelled before it was in the map.
        if (call.isCanceled()) {
          ticket.cancel();
        } else if (signalled) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, POLL_NANOS);
        }
      }
      return ticket.state();
    } finally {
      waiting.remove(call, ticket);
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** The call was cancelled: by the application, or by its own timeout. */
  void cancelled(Object call) {
    Ticket ticket = waiting.get(call);
    if (ticket != null) {
      ticket.cancel();
    }
  }
}
