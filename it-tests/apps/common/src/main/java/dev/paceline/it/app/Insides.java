package dev.paceline.it.app;

import java.lang.reflect.Field;
import java.util.function.Supplier;

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
      return (Boolean) calls.getClass().getMethod("holding").invoke(calls);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Forgets all faults, so that the next ten do not switch the agent to pass-through. */
  public static void forgetFaults() {
    try {
      Object faults = field(calls(), "faults");
      set(faults, "count", 0);
      set(faults, "passThrough", false);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object calls() throws ReflectiveOperationException {
    Field jdk = Class.forName("dev.paceline.bootstrap.Bridge").getDeclaredField("jdk");
    jdk.setAccessible(true);
    return ((Supplier<?>) field(jdk.get(null), "calls")).get();
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
