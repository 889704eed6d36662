package dev.paceline.jdkhttp;

import dev.paceline.call.Ticket;
import java.util.concurrent.atomic.AtomicBoolean;

/** A wait of one call. Exactly one thread takes the call on from it. */
class Held {
  final Ticket ticket;
  private final AtomicBoolean taken = new AtomicBoolean();

  Held(Ticket ticket) {
    this.ticket = ticket;
  }

  final boolean take() {
    return taken.compareAndSet(false, true);
  }
}
