package dev.paceline.agent;

/**
 * The agent's few lines, on standard error: no logging library is touched, the application's may
 * not be set up yet.
 */
final class Log {
  private volatile boolean info = true;
  private volatile boolean warnings = true;

  /** Which lines are written from now on. */
  void level(boolean info, boolean warnings) {
    this.info = info;
    this.warnings = warnings;
  }

  void info(String line) {
    if (info) {
      write(line);
    }
  }

  void warn(String line) {
    if (warnings) {
      write(line);
    }
  }

  private static void write(String line) {
    System.err.println(line.startsWith("paceline: ") ? line : "paceline: " + line);
  }
}
