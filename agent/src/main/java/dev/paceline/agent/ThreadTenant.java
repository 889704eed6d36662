package dev.paceline.agent;

import dev.paceline.config.TenantSource;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The tenant that the calling thread's logging context or baggage names: asked of the application's
 * own SLF4J or OpenTelemetry, as its context class loader sees them.
 */
final class ThreadTenant {
  /** A question that the libraries of one loader answer by a key. */
  private interface Question {
    @Nullable Object ask(String key) throws Throwable;
  }

  private static final Question NOBODY = key -> null;

  /** In parts: the names of our own copies are moved when the jar is built, these must not be. */
  private static final String BAGGAGE = String.join(".", "io", "opentelemetry", "api", "baggage");

  private static final ReentrantLock LOCK = new ReentrantLock();

  // Guarded by the lock. The values hold classes of their key: held strongly, they would keep an
  // undeployed application. One that was collected is found anew.
  private static final Map<ClassLoader, WeakReference<Question>> MDC = new WeakHashMap<>();
  private static final Map<ClassLoader, WeakReference<Question>> BAGGAGES = new WeakHashMap<>();

  private ThreadTenant() {}

  static @Nullable String read(TenantSource source) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    if (loader == null) {
      loader = ClassLoader.getSystemClassLoader();
    }
    boolean mdc = source.kind() == TenantSource.Kind.MDC;
    try {
      Object value = question(mdc ? MDC : BAGGAGES, loader, mdc).ask(source.name());
      return value instanceof String text && !text.isBlank() ? text : null;
    } catch (Throwable theirs) {
      return null; // a call without a tenant, as without the library
    }
  }

  private static Question question(
      Map<ClassLoader, WeakReference<Question>> known, ClassLoader loader, boolean mdc) {
    LOCK.lock();
    try {
      WeakReference<Question> kept = known.get(loader);
      Question found = kept == null ? null : kept.get();
      if (found != null) {
        return found;
      }
    } finally {
      LOCK.unlock();
    }
    // Not under the lock: the application's loader runs its own code, and may wait for us.
    Question found = find(loader, mdc);
    LOCK.lock();
    try {
      known.put(loader, new WeakReference<>(found));
    } finally {
      LOCK.unlock();
    }
    return found;
  }

  private static Question find(ClassLoader loader, boolean mdc) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      if (mdc) {
        Class<?> context = Class.forName(String.join(".", "org", "slf4j", "MDC"), false, loader);
        MethodHandle get =
            lookup.findStatic(context, "get", MethodType.methodType(String.class, String.class));
        return key -> get.invoke(key);
      }
      Class<?> baggage = Class.forName(BAGGAGE + ".Baggage", false, loader);
      MethodHandle current = lookup.findStatic(baggage, "current", MethodType.methodType(baggage));
      MethodHandle value =
          lookup.findVirtual(
              baggage, "getEntryValue", MethodType.methodType(String.class, String.class));
      return key -> value.invoke(current.invoke(), key);
    } catch (ReflectiveOperationException | LinkageError absent) {
      return NOBODY;
    }
  }
}
