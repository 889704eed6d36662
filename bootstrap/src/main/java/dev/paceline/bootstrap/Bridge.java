package dev.paceline.bootstrap;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one door that woven code calls. Every method has an exception barrier: what fails behind it
 * looks to the client as if the agent were not there.
 */
public final class Bridge {
  private static final AtomicBoolean CLAIMED = new AtomicBoolean();
  private static final AtomicBoolean SAID_UNHEARD = new AtomicBoolean();
  private static final Set<String> UNCOVERED =
      Collections.newSetFromMap(new ConcurrentHashMap<String, Boolean>());

  /**
   * Which loaders of the application have defined the entry of a library that the agent can report
   * through. Weak: an undeployed application goes.
   */
  private static final Map<ClassLoader, Set<String>> LIBRARIES =
      new WeakHashMap<ClassLoader, Set<String>>();

  /**
   * The request that the agent itself is sending on this thread: the hook lets exactly this object
   * pass.
   */
  private static final ThreadLocal<Object> PASSING = new ThreadLocal<Object>();

  private static volatile JdkHook jdk;
  private static volatile OkHttpHook okHttp;
  private static volatile Thread.UncaughtExceptionHandler faults;

  private Bridge() {}

  /** True for the first agent of this JVM. */
  static boolean claim() {
    return CLAIMED.compareAndSet(false, true);
  }

  public static void install(JdkHook hook) {
    jdk = hook;
  }

  public static void install(OkHttpHook hook) {
    okHttp = hook;
  }

  /** Who hears of what the barriers caught. */
  public static void onFault(Thread.UncaughtExceptionHandler handler) {
    faults = handler;
  }

  /** Marks {@code request} as the agent's own on this thread; null ends it. */
  public static void passing(Object request) {
    if (request == null) {
      PASSING.remove();
    } else {
      PASSING.set(request);
    }
  }

  /**
   * Says once that a client is in use which the agent does not hook, so that "nothing happens" is
   * never silent.
   */
  static void uncovered(String className) {
    if (UNCOVERED.add(className) && !"off".equals(System.getProperty("paceline.log"))) {
      Stderr.warn(
          "paceline: "
              + className.replace('/', '.')
              + " is loaded; calls through it are not paced (README, Coverage)");
    }
  }

  /** Internal names of HTTP clients that were loaded and are not hooked. A live view. */
  public static Set<String> uncovered() {
    return Collections.unmodifiableSet(UNCOVERED);
  }

  /** {@code loader} defines the class {@code name}, an internal name; null: the boot loader. */
  static void library(String name, ClassLoader loader) {
    // The agent's own copies of the libraries are nobody's registry.
    if (loader == null || loader instanceof AgentClassLoader) {
      return;
    }
    synchronized (LIBRARIES) {
      Set<String> names = LIBRARIES.get(loader);
      if (names == null) {
        names = new HashSet<String>();
        LIBRARIES.put(loader, names);
      }
      names.add(name);
    }
  }

  /**
   * The loaders that have defined the class {@code name}, an internal name, so far; the caller must
   * not keep them.
   */
  public static List<ClassLoader> loadersOf(String name) {
    List<ClassLoader> loaders = new ArrayList<ClassLoader>();
    synchronized (LIBRARIES) {
      for (Map.Entry<ClassLoader, Set<String>> entry : LIBRARIES.entrySet()) {
        if (entry.getValue().contains(name)) {
          loaders.add(entry.getKey());
        }
      }
    }
    return loaders;
  }

  // ---- called by woven code
  // -------------------------------------------------------------------------------------------------

  public static Object[] jdkSend(Object client, Object request, Object handler) {
    try {
      JdkHook hook = jdk;
      return hook == null || PASSING.get() == request ? null : hook.send(client, request, handler);
    } catch (Throwable t) {
      fault(t);
      return null;
    }
  }

  public static Object[] jdkSendAsync(Object client, Object request, Object handler) {
    return jdkSendAsync(client, request, handler, null);
  }

  public static Object[] jdkSendAsync(
      Object client, Object request, Object handler, Object pushHandler) {
    try {
      JdkHook hook = jdk;
      return hook == null || PASSING.get() == request
          ? null
          : hook.sendAsync(client, request, handler, pushHandler);
    } catch (Throwable t) {
      fault(t);
      return null;
    }
  }

  public static void jdkClosing(Object client) {
    try {
      JdkHook hook = jdk;
      if (hook != null) {
        hook.closing(client);
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  public static void jdkStopping(Object client) {
    try {
      JdkHook hook = jdk;
      if (hook != null) {
        hook.stopping(client);
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  public static Object jdkBodySubscriber(Object subscriber) {
    try {
      JdkHook hook = jdk;
      return hook == null ? subscriber : hook.bodySubscriber(subscriber);
    } catch (Throwable t) {
      fault(t);
      return subscriber;
    }
  }

  /** Takes an outcome array apart. Throws what the client itself would have thrown. */
  public static Object result(Object[] outcome) throws Throwable {
    if (outcome[1] != null) {
      throw (Throwable) outcome[1];
    }
    return outcome[0];
  }

  public static void okHttpNewCall(Object client) {
    try {
      OkHttpHook hook = okHttp;
      if (hook != null) {
        hook.newCall(client);
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  public static List<Object> okHttpInterceptors(Object client, List<Object> interceptors) {
    try {
      OkHttpHook hook = okHttp;
      return hook == null ? interceptors : hook.interceptors(client, interceptors);
    } catch (Throwable t) {
      fault(t);
      return interceptors;
    }
  }

  public static boolean okHttpEnqueue(Object dispatcher, Object asyncCall) {
    try {
      OkHttpHook hook = okHttp;
      return hook != null && PASSING.get() != asyncCall && hook.enqueue(dispatcher, asyncCall);
    } catch (Throwable t) {
      fault(t);
      return false;
    }
  }

  public static void okHttpCancelled(Object call) {
    try {
      OkHttpHook hook = okHttp;
      if (hook != null) {
        hook.cancelled(call);
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  public static Object okHttpEnded(Object call, Object failure) {
    try {
      OkHttpHook hook = okHttp;
      return hook == null ? failure : hook.ended(call, failure);
    } catch (Throwable t) {
      fault(t);
      return failure;
    }
  }

  public static void okHttpCancelAll(Object dispatcher) {
    try {
      OkHttpHook hook = okHttp;
      if (hook != null) {
        hook.cancelAll(dispatcher);
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  public static List<Object> okHttpQueuedCalls(List<Object> queued, Object dispatcher) {
    try {
      OkHttpHook hook = okHttp;
      return hook == null ? queued : hook.queuedCalls(dispatcher, queued);
    } catch (Throwable t) {
      fault(t);
      return queued;
    }
  }

  public static int okHttpQueuedCallsCount(int count, Object dispatcher) {
    try {
      OkHttpHook hook = okHttp;
      return hook == null ? count : hook.queuedCallsCount(dispatcher, count);
    } catch (Throwable t) {
      fault(t);
      return count;
    }
  }

  private static void fault(Throwable t) {
    try {
      Thread.UncaughtExceptionHandler handler = faults;
      if (handler != null) {
        handler.uncaughtException(Thread.currentThread(), t);
      }
    } catch (Throwable untold) {
      unheard(t);
    }
  }

  /**
   * Nothing counts the fault: the agent's own rooms cannot be built (a security manager, a jar that
   * was overwritten). Calls pass, and one line says so.
   */
  private static void unheard(Throwable t) {
    try {
      if (!SAID_UNHEARD.compareAndSet(false, true)) {
        return;
      }
      String level;
      try {
        level = System.getProperty("paceline.log");
      } catch (SecurityException refused) {
        level = null;
      }
      if (!"off".equals(level)) {
        Stderr.warn(
            "paceline: cannot work in this JVM, calls pass without it: "
                + t
                + " (docs/troubleshooting.md, cannot work)");
      }
    } catch (Throwable ignored) {
      // The barrier's own barrier: nothing is left to tell it to.
    }
  }
}
