package dev.paceline.export;

/**
 * What happened to the calls of one model, in JMX: {@code
 * dev.paceline:type=Model,provider="…",model="…"}, with the values of the metrics' tags. Names are
 * public API.
 */
@MeaningInJmx("Calls to one model, with the values of the metrics of the same names")
public interface ModelMXBean {
  @MeaningInJmx("Calls of the application that have ended")
  long getCalls();

  @MeaningInJmx("HTTP requests that were sent and have ended")
  long getAttempts();

  @MeaningInJmx("Rate-limit, quota and overload responses of the provider")
  long getRateLimited();

  @MeaningInJmx("Retries made by the agent")
  long getRetries();

  @MeaningInJmx("Error responses given to the application that a further attempt might have cured")
  long getGiveUps();

  @MeaningInJmx("Seconds that all calls together were queued by the agent")
  double getWaitSeconds();
}
