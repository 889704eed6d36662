package dev.paceline.it.app;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reaches into the agent of this JVM by reflection, for what no application can see: so that a test
 * need not guess when a state is reached, nor start a JVM for each fault.
 */
public final class Insides {
  private Insides() {}

  /** Whether any scope holds calls back. */
  public static boolean holding() {
    try {
      Object calls = calls();
      return calls != null && (Boolean) calls.getClass().getMethod("holding").invoke(calls);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** How many calls wait at this moment. */
  public static int waiting() {
    return sum(lane -> field(lane, "waiting"));
  }

  /** How many attempts are on the way at this moment: those whose places are not given back. */
  public static int inFlight() {
    return sum(lane -> field(field(lane, "budget"), "inFlight"));
  }

  private interface Figure {
    Object of(Object lane) throws ReflectiveOperationException;
  }

  private static int sum(Figure figure) {
    try {
      Object calls = calls();
      int sum = 0;
      if (calls == null) {
        return sum;
      }
      for (Object lane : (List<?>) calls.getClass().getMethod("view").invoke(calls)) {
        sum += (Integer) figure.of(lane);
      }
      return sum;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until a state is reached, at most 20 s. */
  public static void await(BooleanSupplier state) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!state.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited in vain; " + waiting() + " calls wait");
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Forgets all faults, so that the next ten do not switch the agent to pass-through. */
  public static void forgetFaults() {
    try {
      Object faults = field(Objects.requireNonNull(calls()), "faults");
      set(faults, "count", 0);
      set(faults, "passThrough", false);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** The call room; null while no client is hooked, and in a JVM without the agent. */
  private static @Nullable Object calls() throws ReflectiveOperationException {
    Class<?> bridge;
    try {
      bridge = Class.forName("dev.paceline.bootstrap.Bridge", true, null);
    } catch (ClassNotFoundException withoutAgent) {
      return null;
    }
    for (String client : new String[] {"jdk", "okHttp"}) {
      Field hook = bridge.getDeclaredField(client);
      hook.setAccessible(true);
      Object adapter = hook.get(null);
      if (adapter != null) {
        try {
          return ((Supplier<?>) field(adapter, "calls")).get();
        } catch (IllegalStateException notYet) {
          return null; // the agent is still setting itself up
        }
      }
    }
    return null;
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }

  private static void set(Object of, String name, Object value)
      throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    field.set(of, value);
  }
}
