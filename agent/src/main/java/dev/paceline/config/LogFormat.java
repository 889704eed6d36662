package dev.paceline.config;

/** How lines on stderr are written. */
public enum LogFormat {
  TEXT,
  JSON
}
