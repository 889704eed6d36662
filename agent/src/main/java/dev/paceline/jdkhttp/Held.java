package dev.paceline.jdkhttp;

import dev.paceline.call.Ticket;
import java.net.http.HttpClient;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** A wait of one call. Exactly one thread takes the call on from it. */
abstract class Held {
  private static final AtomicIntegerFieldUpdater<Held> TAKEN =
      AtomicIntegerFieldUpdater.newUpdater(Held.class, "taken");

  final Ticket ticket;

  @SuppressWarnings("UnusedVariable") // written by TAKEN
  private volatile int taken;

  Held(Ticket ticket) {
    this.ticket = ticket;
  }

  final boolean take() {
    return TAKEN.compareAndSet(this, 0, 1);
  }

  /** The client that the call waits to be sent by. */
  abstract @Nullable HttpClient client();

  /** Ends the wait, for the client is being closed by this thread; may be run more than once. */
  abstract void release();

  /** Ends the wait, for the client is being stopped: what was not sent never will be. */
  abstract void stop();
}
