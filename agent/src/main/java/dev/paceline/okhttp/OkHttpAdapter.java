package dev.paceline.okhttp;

import dev.paceline.bootstrap.OkHttpHook;
import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.ReplayPool;
import dev.paceline.threads.HandOver;
import dev.paceline.threads.KeepAlive;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hooks OkHttp's clients, dispatchers and calls: finds, for an object of the application, the part
 * of the adapter that was defined beside the OkHttp of its loader, and hands over to it.
 *
 * <p>That part hangs off the application's own {@code OkHttpClient} class by a {@link ClassValue}:
 * class, hook, beside-loader and application loader are a cycle that is collected together; the
 * agent holds nothing.
 */
public final class OkHttpAdapter implements OkHttpHook {
  private static final String CLIENT = "okhttp3.OkHttpClient";

  // No lambdas in here: this runs before the first request.
  private static final Predicate<String> NOWHERE =
      new Predicate<>() {
        @Override
        public boolean test(String name) {
          return false;
        }
      };

  private final Supplier<Calls> calls;
  private final Woven woven;
  private final Services services;
  private final @Nullable Instrumentation instrumentation;
  private final ClassValue<OkHttpHook> beside =
      new ClassValue<>() {
        @Override
        protected OkHttpHook computeValue(Class<?> type) {
          return create(type);
        }
      };

  /**
   * @param calls the call room, built at the first request
   * @param woven tells whether a class was woven
   * @param copies heap for copies of request bodies
   * @param instrumentation opens OkHttp's packages when it is a named module; null in tests
   */
  public OkHttpAdapter(
      Supplier<Calls> calls,
      Woven woven,
      ReplayPool copies,
      @Nullable Instrumentation instrumentation) {
    this.calls = calls;
    this.woven = woven;
    this.services =
        new Services(
            calls,
            NOWHERE,
            HandOver.create("okhttp"),
            HandOver.strict("body"),
            HandOver.create("call"),
            new KeepAlive(),
            copies);
    this.instrumentation = instrumentation;
  }

  @Override
  public void newCall(Object client) {
    beside(client).newCall(client);
  }

  @Override
  public List<Object> interceptors(Object client, List<Object> interceptors) {
    return beside(client).interceptors(client, interceptors);
  }

  @Override
  public boolean enqueue(Object dispatcher, Object asyncCall) {
    return beside(dispatcher).enqueue(dispatcher, asyncCall);
  }

  @Override
  public void cancelled(Object call) {
    beside(call).cancelled(call);
  }

  @Override
  public @Nullable Object ended(Object call, @Nullable Object failure) {
    return beside(call).ended(call, failure);
  }

  @Override
  public void cancelAll(Object dispatcher) {
    beside(dispatcher).cancelAll(dispatcher);
  }

  @Override
  public List<Object> queuedCalls(Object dispatcher, List<Object> queued) {
    return beside(dispatcher).queuedCalls(dispatcher, queued);
  }

  @Override
  public int queuedCallsCount(Object dispatcher, int count) {
    return beside(dispatcher).queuedCallsCount(dispatcher, count);
  }

  /** Held by the part beside that loader only. */
  private Predicate<String> in(@Nullable ClassLoader loader) {
    return new Predicate<>() {
      @Override
      public boolean test(String name) {
        return woven.isWoven(loader, name);
      }
    };
  }

  private OkHttpHook beside(Object ofOkHttp) {
    return beside.get(ofOkHttp.getClass());
  }

  /** One a loader: dispatchers and calls share the one of their loader's client class. */
  private OkHttpHook create(Class<?> type) {
    try {
      if (!type.getName().equals(CLIENT)) {
        return beside.get(Class.forName(CLIENT, false, type.getClassLoader()));
      }
      FaultPoint.pass("okhttp");
      return Beside.hook(type, services.in(in(type.getClassLoader())), instrumentation);
    } catch (Throwable t) {
      calls.get().fault("okhttp", t);
      return Inert.HOOK;
    }
  }
}
