package dev.paceline.export;

/**
 * What happened to the calls of one model, in JMX: {@code
 * dev.paceline:type=Model,provider="…",model="…"}, with the values of the metrics' tags. Names are
 * public API.
 */
public interface ModelMXBean {
  /** Calls of the application that have ended. */
  long getCalls();

  /** HTTP requests that went onto the wire and have ended. */
  long getAttempts();

  /** Answers of the provider judged to be a limit, quota or overload answer. */
  long getRateLimited();

  /** Further attempts that the agent decided on. */
  long getRetries();

  /** Error answers handed to the application that a further attempt might have cured. */
  long getGiveUps();

  /** How long all calls together were held, in seconds. */
  double getWaitSeconds();
}
