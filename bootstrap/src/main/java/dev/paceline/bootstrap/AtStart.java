package dev.paceline.bootstrap;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether anything was configured, and so whether the agent has something to do before the first
 * HTTP client is loaded. Without configuration it has not, and costs nothing more.
 */
final class AtStart implements Runnable {
  private static final String PROPERTIES = "paceline.";

  /** How the agent's own classes talk to each other; no setting. */
  private static final String INTERNAL = "paceline.agent.";

  private static final String VARIABLES = "PACELINE_";
  private static final String BANNER = "banner";

  /** A file on a slow disk must not hold up the application; the line comes later then. */
  private static final long BANNER_WAIT_SECONDS = 2;

  /** The JVM's own default: a small {@code -Xss} is for the application's threads. */
  private static final long STACK_BYTES = 1 << 20;

  private final ClassWatcher watcher;
  private final CountDownLatch done = new CountDownLatch(1);

  private AtStart(ClassWatcher watcher) {
    this.watcher = watcher;
  }

  /** Whether any source has a value. The file is named by one of the others. */
  static boolean isConfigured(String arguments) {
    if (arguments != null && !arguments.isEmpty()) {
      return true;
    }
    for (Object name : System.getProperties().keySet()) {
      if (name instanceof String
          && ((String) name).startsWith(PROPERTIES)
          && !((String) name).startsWith(INTERNAL)) {
        return true;
      }
    }
    for (String name : System.getenv().keySet()) {
      if (name.startsWith(VARIABLES)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the line at the start was asked for in a place that is cheap to look at: then the
   * application's first line comes after it.
   */
  static boolean wantsBanner(String arguments) {
    Map<String, String> environment = System.getenv();
    return System.getProperty(PROPERTIES + BANNER) != null
        || (arguments != null && arguments.contains(BANNER))
        || environment.containsKey(VARIABLES + "BANNER");
  }

  /** On a thread of its own: reading takes some 100 ms, and a file may hang. */
  static void run(ClassWatcher watcher, boolean waitForIt) {
    AtStart work = new AtStart(watcher);
    Thread thread = new Thread(null, work, "paceline-start", STACK_BYTES);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
    if (waitForIt) {
      work.await();
    }
  }

  private void await() {
    try {
      done.await(BANNER_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      watcher.atStart();
    } finally {
      done.countDown();
    }
  }
}
