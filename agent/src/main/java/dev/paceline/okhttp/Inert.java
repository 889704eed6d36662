package dev.paceline.okhttp;

import dev.paceline.bootstrap.OkHttpHook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does nothing: for a loader in which the adapter could not be set up. */
final class Inert implements OkHttpHook {
  static final OkHttpHook HOOK = new Inert();

  private Inert() {}

  @Override
  public void newCall(Object client) {}

  @Override
  public List<Object> interceptors(Object client, List<Object> interceptors) {
    return interceptors;
  }

  @Override
  public boolean enqueue(Object dispatcher, Object asyncCall) {
    return false;
  }

  @Override
  public void cancelled(Object call) {}

  @Override
  public @Nullable Object ended(Object call, @Nullable Object failure) {
    return failure;
  }

  @Override
  public void cancelAll(Object dispatcher) {}

  @Override
  public List<Object> queuedCalls(Object dispatcher, List<Object> queued) {
    return queued;
  }

  @Override
  public int queuedCallsCount(Object dispatcher, int count) {
    return count;
  }
}
