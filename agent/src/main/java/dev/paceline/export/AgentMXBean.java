package dev.paceline.export;

/** The agent in JMX: {@code dev.paceline:type=Agent}. Names are public API. */
public interface AgentMXBean {
  /** The agent's version. */
  String getVersion();

  /** {@code enforce} or {@code observe}. */
  String getMode();

  /** Whether the agent works; false: all calls pass as if it were not there. */
  boolean isEnabled();

  /** Calls of the application that have ended. */
  long getCalls();

  /** HTTP requests that went onto the wire and have ended. */
  long getAttempts();

  /** Answers of providers judged to be a limit, quota or overload answer. */
  long getRateLimited();

  /** Calls held at this moment. */
  int getWaiting();

  /** Faults inside the agent. */
  long getAgentErrors();

  /** Places in flight that are taken; one that is not 0 at rest was lost. */
  long getPermitsOutstanding();

  /** Requests on the wire. */
  long getAttemptsOpen();

  /** Calls that have begun and not ended. */
  long getCallsOpen();

  /**
   * Undoes {@link #disable}. Cannot switch on what {@code paceline.enabled=false} has switched off.
   */
  void enable();

  /** Lets all calls pass from now on, and releases those that wait. Until the process ends. */
  void disable();
}
