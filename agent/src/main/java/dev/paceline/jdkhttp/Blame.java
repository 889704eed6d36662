package dev.paceline.jdkhttp;

/**
 * Whose fault an exception is. The adapter runs the application's code (publishers, handlers, its
 * own kinds of requests), which may fail as it likes without the agent being switched off for it.
 */
final class Blame {
  private static final String OURS = "dev.paceline.";

  private Blame() {}

  /**
   * Whether code that is neither the agent's nor the JDK's has thrown it, or called the JDK code
   * that did.
   */
  static boolean application(Throwable t) {
    for (StackTraceElement frame : t.getStackTrace()) {
      String type = frame.getClassName();
      if (type.startsWith(OURS)) {
        return false;
      }
      if (!type.startsWith("java.") && !type.startsWith("jdk.") && !type.startsWith("sun.")) {
        return true;
      }
    }
    return false;
  }
}
