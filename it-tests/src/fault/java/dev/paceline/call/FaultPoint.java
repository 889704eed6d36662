package dev.paceline.call;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands in for the shipped class of this name in the jar that the fault tests build: throws what
 * the property {@code paceline.test.fault} asks for.
 *
 * <p>{@code component:exception:pass}: an exception of {@code java.lang}, thrown at that pass of
 * the component, counted from when the application reset the counter, or at {@code each}. The
 * message is {@code paceline.test.fault.message}. What was thrown is counted in {@link #FIRED},
 * what passed in {@link #PASSED}: integers among the system properties, where the application can
 * see them.
 */
public final class FaultPoint {
  private static final String PASSED = "paceline.test.fault.passed";
  private static final String FIRED = "paceline.test.fault.fired";

  private FaultPoint() {}

  public static void pass(String component) {
    String fault = System.getProperty("paceline.test.fault", "");
    if (fault.startsWith(component + ":")) {
      String[] wanted = fault.split(":");
      String pass = String.valueOf(counter(PASSED).incrementAndGet());
      if (wanted[2].equals("each") || wanted[2].equals(pass)) {
        counter(FIRED).incrementAndGet();
        FaultPoint.<RuntimeException>sneak(exception(wanted[1]));
      }
    }
  }

  private static AtomicInteger counter(String name) {
    return (AtomicInteger)
        System.getProperties().computeIfAbsent(name, absent -> new AtomicInteger());
  }

  private static Throwable exception(String name) {
    String message = System.getProperty("paceline.test.fault.message", "injected");
    try {
      return (Throwable)
          Class.forName("java.lang." + name).getConstructor(String.class).newInstance(message);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(name, e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
