package dev.paceline.jdkhttp;

import dev.paceline.bootstrap.JdkHook;
import dev.paceline.call.Calls;
import java.lang.instrument.Instrumentation;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hooks {@code HttpClient.send} and {@code sendAsync}. */
public final class JdkAdapter implements JdkHook {
  private final Supplier<Calls> calls;

  public JdkAdapter(Supplier<Calls> calls, Instrumentation instrumentation) {
    this.calls = calls;
  }

  @Override
  public Object @Nullable [] send(Object client, Object request, Object bodyHandler) {
    return null;
  }

  @Override
  public Object @Nullable [] sendAsync(
      Object client, Object request, Object bodyHandler, @Nullable Object pushHandler) {
    return null;
  }

  @Override
  public void closing(Object client) {}
}
