package dev.paceline.config;

/** When the console opens. */
public enum ConsoleStart {
  /** At the JVM's start, so that a scraper finds it before any call is made. */
  EARLY,
  /** With the first call to an LLM: a JVM that makes none pays nothing. */
  FIRST_CALL
}
