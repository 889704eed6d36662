package dev.paceline.jdkhttp;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sendAsync} returns. Keeps the contract of the JDK's own future ({@code
 * HttpClient.sendAsync}: "derived futures are themselves cancelable"): {@code cancel(true)} on it
 * or on a dependent ends the wait or the attempt; {@code cancel(false)} ends only the future it is
 * called on.
 */
final class CallFuture<T> extends CompletableFuture<T> {
  /** Ends a call; emptied when the call is over, so that a kept future keeps no client alive. */
  static final class Cancel {
    private volatile @Nullable Runnable task;

    void set(@Nullable Runnable toRun) {
      task = toRun;
    }

    boolean run() {
      Runnable t = task;
      if (t == null) {
        return false;
      }
      t.run();
      return true;
    }
  }

  private final Cancel cancel;
  private final boolean root;

  CallFuture(Cancel cancel) {
    this(cancel, true);
  }

  private CallFuture(Cancel cancel, boolean root) {
    this.cancel = cancel;
    this.root = root;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CallFuture<>(cancel, false);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean open = !isDone();
    if (root) {
      // First this future, then the call: its own end must not overtake the application's.
      boolean result = super.cancel(mayInterruptIfRunning);
      return (mayInterruptIfRunning && open && cancel.run()) || result;
    }
    // First the call, as the client does: the action of a dependent, such as one that gives a
    // permit back, is run by the end of what it depends on, and never once it has ended itself.
    boolean ended = mayInterruptIfRunning && open && cancel.run();
    return super.cancel(mayInterruptIfRunning) || ended;
  }

  @Override
  public void obtrudeValue(T value) {
    throw new UnsupportedOperationException(); // as the JDK's own future
  }

  @Override
  public void obtrudeException(Throwable failure) {
    throw new UnsupportedOperationException(); // as the JDK's own future
  }
}
