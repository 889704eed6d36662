package dev.paceline.export;

/** The agent in JMX: {@code dev.paceline:type=Agent}. Names are public API. */
@MeaningInJmx("Paceline, the agent that keeps this process within the rate limits of LLM providers")
public interface AgentMXBean {
  @MeaningInJmx("The agent's version")
  String getVersion();

  @MeaningInJmx("enforce or observe")
  String getMode();

  @MeaningInJmx("Whether the agent manages calls; false: all pass as if it were not there")
  boolean isEnabled();

  @MeaningInJmx("Calls of the application that have ended")
  long getCalls();

  @MeaningInJmx("HTTP requests that were sent and have ended")
  long getAttempts();

  @MeaningInJmx("Rate-limit, quota and overload responses of providers")
  long getRateLimited();

  @MeaningInJmx("Calls in the queue at this moment")
  int getWaiting();

  @MeaningInJmx("Faults inside the agent; the calls proceeded without it")
  long getAgentErrors();

  @MeaningInJmx("Permits in use; 0 at rest")
  long getPermitsOutstanding();

  @MeaningInJmx("HTTP requests in flight; 0 at rest")
  long getAttemptsOpen();

  @MeaningInJmx("Calls that have begun and not ended; 0 at rest")
  long getCallsOpen();

  @MeaningInJmx("Undoes disable; cannot switch on what paceline.enabled=false has switched off")
  void enable();

  @MeaningInJmx(
      "Lets all calls pass and releases those that wait, until enable or the end of the process")
  void disable();
}
