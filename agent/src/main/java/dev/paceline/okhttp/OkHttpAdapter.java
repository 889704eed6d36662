package dev.paceline.okhttp;

import dev.paceline.bootstrap.OkHttpHook;
import dev.paceline.call.Calls;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.function.Supplier;

/** Hooks OkHttp's clients, dispatchers and calls. */
public final class OkHttpAdapter implements OkHttpHook {
  private final Supplier<Calls> calls;

  public OkHttpAdapter(Supplier<Calls> calls, Instrumentation instrumentation) {
    this.calls = calls;
  }

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
