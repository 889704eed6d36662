package dev.paceline.config;

/** How much the agent says on stderr. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARN,
  OFF
}
