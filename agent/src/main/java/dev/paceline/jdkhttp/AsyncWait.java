package dev.paceline.jdkhttp;

import dev.paceline.call.Ticket;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;

/** The wait of an asynchronous call, and what its end runs: one object, for thousands may wait. */
final class AsyncWait extends Held implements Runnable {
  private final AsyncCall call;

  AsyncWait(Ticket ticket, AsyncCall call) {
    super(ticket);
    this.call = call;
  }

  @Override
  @Nullable HttpClient client() {
    return call.exchange.face();
  }

  /** What is to be sent must be sent before the client is closed. */
  @Override
  void release() {
    if (take()) {
      ticket.release();
      call.resume(ticket);
    }
  }

  @Override
  void stop() {
    if (call.course().kept() != null) {
      release();
    } else if (take()) {
      ticket.cancel();
      call.unsent(Failures.STOPPED);
    }
  }

  /**
   * The ticket is ready. Not on the client's executor: sending hands a task to it, and waits for
   * room where its queue is full and it lets its callers wait.
   */
  @Override
  public void run() {
    if (take()) {
      call.exchange.own().execute(() -> call.resume(ticket));
    }
  }
}
