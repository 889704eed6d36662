package dev.paceline.okhttp.beside;

import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The few members of OkHttp that are not public. Their names differ from version to version; all of
 * them are looked up together, so that a version that lacks one is known before anything depends on
 * it.
 */
final class Internals {
  private final Field ready;
  private final Field running;
  private final Field runningSync;
  private final Method promote;
  private final Method request;
  private final Method call;
  private final Method callsPerHost;
  private final Method reuseCallsPerHost;
  private final Method executeOn;
  private final Field client;
  private final Field connection;
  private final @Nullable Field transmitter;
  private final @Nullable Field callOfTransmitter;
  private final @Nullable Field requestOfTransmitter;
  private final String[] cancelling;
  private final Field interceptors;
  private final Field listener;
  private final @Nullable Field pool;
  private final Method release;
  private final @Nullable Method queueStart;
  private final @Nullable Method queueEnd;

  /**
   * @throws ReflectiveOperationException when this version lacks one of them
   * @throws RuntimeException when they may not be opened
   */
  Internals() throws ReflectiveOperationException {
    ready = field(Dispatcher.class, "readyAsyncCalls");
    running = field(Dispatcher.class, "runningAsyncCalls");
    runningSync = field(Dispatcher.class, "runningSyncCalls");
    Method enqueue = method(Dispatcher.class, "enqueue", "enqueue$okhttp");
    promote = method(Dispatcher.class, "promoteAndExecute");
    Class<?> asyncCall = enqueue.getParameterTypes()[0];
    call = method(asyncCall, "get", "getCall");
    callsPerHost = method(asyncCall, "callsPerHost", "getCallsPerHost");
    reuseCallsPerHost = method(asyncCall, "reuseCallsPerHostFrom");
    executeOn = method(asyncCall, "executeOn");
    Class<?> realCall = call.getReturnType();
    request = method(realCall, "request");
    client = field(realCall, "client");
    Field helper = fieldIfAny(realCall, "transmitter");
    transmitter = helper;
    if (helper != null) {
      // Up to 4.3 the connection and the cancelling live in a helper of the call.
      connection = field(helper.getType(), "connection");
      callOfTransmitter = field(helper.getType(), "call");
      requestOfTransmitter = field(helper.getType(), "request");
      cancelling = new String[] {internalName(realCall), internalName(helper.getType())};
      pool = field(helper.getType(), "connectionPool");
    } else {
      connection = field(realCall, "connection");
      callOfTransmitter = null;
      requestOfTransmitter = null;
      cancelling = new String[] {internalName(realCall)};
      pool = null;
    }
    Class<?> holder = helper == null ? realCall : helper.getType();
    listener = field(holder, "eventListener");
    release = method(holder, "releaseConnectionNoEvents", "releaseConnectionNoEvents$okhttp");
    interceptors = field(OkHttpClient.class, "interceptors");
    queueStart = methodIfAny(EventListener.class, "dispatcherQueueStart");
    queueEnd = methodIfAny(EventListener.class, "dispatcherQueueEnd");
  }

  /** Internal names of the classes whose {@code cancel} must be woven for a wait to be woken. */
  String[] cancelling() {
    return cancelling.clone();
  }

  /** Calls that wait for a place, in order. Under the dispatcher's monitor only. */
  Deque<Object> ready(Dispatcher dispatcher) {
    return deque(ready, dispatcher);
  }

  /** Enqueued calls that hold a place. Under the dispatcher's monitor only. */
  Deque<Object> running(Dispatcher dispatcher) {
    return deque(running, dispatcher);
  }

  /** Calls that run without a place: {@code execute()}. Under the dispatcher's monitor only. */
  Deque<Object> runningSync(Dispatcher dispatcher) {
    return deque(runningSync, dispatcher);
  }

  /** Lets ready calls run as far as there are places. Not under the dispatcher's monitor. */
  void promote(Dispatcher dispatcher) {
    invoke(promote, dispatcher, new Object[promote.getParameterCount()]);
  }

  Call call(Object asyncCall) {
    return (Call) invoke(call, asyncCall);
  }

  Request request(Object asyncCall) {
    return (Request) invoke(request, call(asyncCall));
  }

  String host(Object asyncCall) {
    return request(asyncCall).url().host();
  }

  /** The counter that the calls to one host share. */
  AtomicInteger callsPerHost(Object asyncCall) {
    return (AtomicInteger) invoke(callsPerHost, asyncCall);
  }

  void reuseCallsPerHost(Object asyncCall, Object from) {
    invoke(reuseCallsPerHost, asyncCall, from);
  }

  void executeOn(Object asyncCall, ExecutorService executor) {
    invoke(executeOn, asyncCall, executor);
  }

  OkHttpClient client(Call realCall) {
    return (OkHttpClient) get(client, realCall);
  }

  /** Whether the client's cache may have an answer to the call. */
  boolean mayBeCached(Call realCall) {
    return realCall.request().method().equals("GET") && client(realCall).cache() != null;
  }

  Dispatcher dispatcher(Call realCall) {
    return client(realCall).dispatcher();
  }

  /** The application interceptors of the call's client: the very list that it will run. */
  List<?> interceptors(Call realCall) {
    return (List<?>) get(interceptors, get(client, realCall));
  }

  /** OkHttp 5.2 and newer: tells the call's listener that it stands in the dispatcher's queue. */
  void queueStart(Call realCall, Dispatcher dispatcher) {
    if (queueStart != null) {
      invoke(queueStart, listener(realCall), realCall, dispatcher);
    }
  }

  /** Ends {@link #queueStart}. */
  void queueEnd(Call realCall, Dispatcher dispatcher) {
    if (queueEnd != null) {
      invoke(queueEnd, listener(realCall), realCall, dispatcher);
    }
  }

  private EventListener listener(Call realCall) {
    return (EventListener)
        get(listener, transmitter == null ? realCall : get(transmitter, realCall));
  }

  /**
   * Before a call waits: gives back the connection that it keeps between its exchanges, which
   * others could use. No exchange may be open.
   */
  void releaseConnection(Call realCall) {
    Object holder = transmitter == null ? realCall : get(transmitter, realCall);
    Connection held = (Connection) get(connection, holder);
    if (held == null) {
      return;
    }
    Socket unused;
    // OkHttp's own monitor: the pool's, later the connection's.
    synchronized (pool == null ? held : get(pool, holder)) {
      unused = (Socket) invoke(release, holder);
    }
    if (unused != null) {
      try {
        unused.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
    listener(realCall).connectionReleased(realCall, held);
  }

  /** The connection that the call's exchange runs on; null when it holds none. */
  @Nullable Connection connection(Call realCall) {
    return (Connection)
        get(connection, transmitter == null ? realCall : get(transmitter, realCall));
  }

  /**
   * Before the call is sent again: 3.14.0 would go on with the routes that the last attempt has
   * used up, and throw NoSuchElementException when that attempt's connection is gone. Without a
   * last request it looks for routes anew; a connection that the call still holds is kept.
   */
  void freshRoutes(Call realCall) {
    if (transmitter != null && requestOfTransmitter != null) {
      try {
        requestOfTransmitter.set(get(transmitter, realCall), null);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The call that was cancelled; {@code cancelled} is it, or its helper. */
  Object callOf(Object cancelled) {
    return callOfTransmitter != null && callOfTransmitter.getDeclaringClass().isInstance(cancelled)
        ? get(callOfTransmitter, cancelled)
        : cancelled;
  }

  @SuppressWarnings("unchecked")
  private static Deque<Object> deque(Field field, Dispatcher dispatcher) {
    return (Deque<Object>) get(field, dispatcher);
  }

  private static @Nullable Field fieldIfAny(Class<?> type, String name) {
    for (Field field : type.getDeclaredFields()) {
      if (field.getName().equals(name)) {
        return opened(field);
      }
    }
    return null;
  }

  private static @Nullable Method methodIfAny(Class<?> type, String name) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name)) {
        return opened(method);
      }
    }
    return null;
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    return opened(type.getDeclaredField(name));
  }

  private static Method method(Class<?> type, String... names) throws NoSuchMethodException {
    for (String name : names) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(name) && !method.isBridge()) {
          return opened(method);
        }
      }
    }
    throw new NoSuchMethodException(type.getName() + "." + names[0]);
  }

  private static <T extends AccessibleObject> T opened(T member) {
    member.setAccessible(true);
    return member;
  }

  private static String internalName(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  private static Object get(Field field, Object of) {
    try {
      return field.get(of);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object invoke(Method method, Object on, @Nullable Object... arguments) {
    try {
      return method.invoke(on, arguments);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    }
  }
}
