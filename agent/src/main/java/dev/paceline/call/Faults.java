package dev.paceline.call;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Counts what failed inside the agent. Ten faults in a minute switch it to pass-through, once,
 * loudly (rule 1 of the design).
 */
public final class Faults {
  private static final int MOST = 10;
  private static final String[] JDK = {"java.", "javax.", "jdk.", "sun.", "com.sun."};
  private static final String[] OURS = {
    "dev.paceline.",
    "okhttp3.",
    "okio.",
    "kotlin.",
    "com.fasterxml.jackson.core.",
    "com.knuddels.jtokkit.",
    "io.micrometer.",
    "io.opentelemetry."
  };
  private static final long WINDOW = 60_000_000_000L;

  private final Clock clock;
  private final CallListener listener;
  private final Consumer<String> log;
  private final Runnable onPassThrough;
  private final ReentrantLock lock = new ReentrantLock();
  private final long[] recent = new long[MOST];
  private int count;
  private volatile boolean passThrough;

  /**
   * @param log where the one loud line goes
   * @param onPassThrough ends all waits
   */
  public Faults(Clock clock, CallListener listener, Consumer<String> log, Runnable onPassThrough) {
    this.clock = clock;
    this.listener = listener;
    this.log = log;
    this.onPassThrough = onPassThrough;
  }

  /**
   * Whether the innermost frame that is not the JDK's belongs neither to the agent nor to a library
   * of its own nor to the client that it is woven into.
   */
  static boolean thrownByApplication(Throwable fault) {
    if (fault instanceof RejectedExecutionException) {
      return true; // an executor of the application that is full or shut down
    }
    for (StackTraceElement frame : fault.getStackTrace()) {
      String name = frame.getClassName();
      if (!startsWith(name, JDK)) {
        return !startsWith(name, OURS);
      }
    }
    return false; // without a trace nobody knows
  }

  private static boolean startsWith(String name, String[] prefixes) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the agent has given itself up for this JVM's life. */
  public boolean passThrough() {
    return passThrough;
  }

  /**
   * Something failed in {@code component}; never throws. What the application's own code threw is
   * not counted: its publisher's or interceptor's failure is what it would be without the agent,
   * and ten of them must not switch the agent off.
   */
  public void add(String component, Throwable fault) {
    try {
      if (thrownByApplication(fault)) {
        return;
      }
      try {
        listener.fault(component, fault);
      } catch (Throwable ignored) {
        // The listener is what failed, perhaps: it is counted below all the same.
      }
      boolean first;
      boolean tooMany;
      lock.lock();
      try {
        long now = clock.nanos();
        first = count == 0;
        tooMany = count >= MOST - 1 && now - recent[(count + 1) % MOST] <= WINDOW && !passThrough;
        recent[count % MOST] = now;
        count++;
        if (tooMany) {
          passThrough = true;
        }
      } finally {
        lock.unlock();
      }
      if (first) {
        // The type only: a message can quote a prompt or a key.
        log.accept(
            "paceline: internal fault in "
                + component
                + " ("
                + fault.getClass().getName()
                + "); the call went on without the agent");
      }
      if (tooMany) {
        log.accept(
            "paceline: "
                + MOST
                + " internal faults within a minute, the last in "
                + component
                + " ("
                + fault.getClass().getName()
                + "); the agent lets all calls pass from now on. Please report this.");
        onPassThrough.run();
      }
    } catch (Throwable ignored) {
      // A fault in counting faults has nowhere to go.
    }
  }
}
