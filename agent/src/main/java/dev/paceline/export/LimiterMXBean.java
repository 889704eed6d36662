package dev.paceline.export;

/**
 * One scope in JMX: {@code dev.paceline:type=Limiter,provider="…",owner="…",model="…"}. Names are
 * public API.
 */
@MeaningInJmx("The limiter of one scope: provider, owner of the limit and model")
public interface LimiterMXBean {
  @MeaningInJmx("Milliseconds until the pause after a 429 ends; 0 without one")
  long getGateClosedMillis();

  @MeaningInJmx("Calls in the queue at this moment")
  int getWaiting();

  @MeaningInJmx("Milliseconds that the oldest call in the queue has waited")
  long getOldestWaitMillis();
}
