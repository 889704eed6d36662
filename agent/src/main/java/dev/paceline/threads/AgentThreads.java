package dev.paceline.threads;

import java.security.AccessControlContext;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes every thread of the agent: daemons that keep nothing of the application alive. */
public final class AgentThreads {
  /** The JVM's own default on 64-bit machines. */
  private static final long USUAL_STACK = 1 << 20;

  private AgentThreads() {}

  /**
   * A daemon thread, not started, without the creator's thread locals, context class loader and
   * access control context.
   *
   * <p>Up to JDK 23 {@code new Thread} records the protection domains, and with them the class
   * loaders, of everybody on the creating stack, and hands them on to threads made by that thread.
   * The first application that called an LLM could therefore never be unloaded.
   *
   * @param name without the prefix {@code paceline-}
   */
  public static Thread daemon(String name, Runnable task) {
    return daemon(name, task, 0);
  }

  /**
   * Likewise, with a stack that does not follow a small {@code -Xss}: for what loads and
   * initialises many classes.
   */
  public static Thread deep(String name, Runnable task) {
    return daemon(name, task, USUAL_STACK);
  }

  private static Thread daemon(String name, Runnable task, long stackBytes) {
    Thread thread = withoutCallers("paceline-" + name, task, stackBytes);
    thread.setDaemon(true);
    return thread;
  }

  /** As {@link #daemon}, but the JVM does not end before it. */
  static Thread user(String name, Runnable task) {
    Thread thread = daemon(name, task);
    thread.setDaemon(false);
    return thread;
  }

  /** Daemons named {@code paceline-NAME-1}, {@code paceline-NAME-2} and so on. */
  public static ThreadFactory factory(String name) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadFactory() { // no lambda: this runs before the first request
      @Override
      public Thread newThread(Runnable task) {
        return daemon(name + "-" + number.incrementAndGet(), task);
      }
    };
  }

  // Deprecated since 17, and a plain call of the action since 24. A release without the class falls
  // through to the plain constructor: it has no contexts to inherit either.
  @SuppressWarnings("removal")
  private static Thread withoutCallers(String name, Runnable task, long stackBytes) {
    try {
      return AccessController.doPrivileged(
          new PrivilegedAction<Thread>() {
            @Override
            public Thread run() {
              return plain(name, task, stackBytes);
            }
          },
          new AccessControlContext(new ProtectionDomain[0]));
    } catch (LinkageError | UnsupportedOperationException gone) {
      return plain(name, task, stackBytes);
    }
  }

  private static Thread plain(String name, Runnable task, long stackBytes) {
    Thread thread = new Thread(rootGroup(), task, name, stackBytes, false);
    thread.setContextClassLoader(null);
    return thread;
  }

  /** Not the creator's: an application server interrupts or counts the threads of its groups. */
  private static ThreadGroup rootGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }
}
