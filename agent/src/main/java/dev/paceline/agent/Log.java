package dev.paceline.agent;

import dev.paceline.bootstrap.Stderr;
import dev.paceline.config.LogFormat;
import dev.paceline.config.LogLevel;

/** The agent's few lines, on standard error, as far as {@code paceline.log} lets them through. */
final class Log {
  private volatile LogLevel least = LogLevel.INFO;

  /** Which lines are written from now on, and how. */
  void level(LogLevel level, LogFormat format) {
    least = level;
    Stderr.json(format == LogFormat.JSON);
  }

  void debug(String line) {
    write(LogLevel.DEBUG, line);
  }

  void info(String line) {
    write(LogLevel.INFO, line);
  }

  void warn(String line) {
    write(LogLevel.WARN, line);
  }

  private void write(LogLevel level, String line) {
    if (level.compareTo(least) >= 0) {
      Stderr.print(level.name(), line);
    }
  }
}
