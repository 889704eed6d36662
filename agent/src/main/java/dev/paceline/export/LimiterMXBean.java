package dev.paceline.export;

/**
 * One scope in JMX: {@code dev.paceline:type=Limiter,provider="…",owner="…",model="…"}. Names are
 * public API.
 */
public interface LimiterMXBean {
  /** For how long the gate stays closed, in milliseconds; 0 when it is open. */
  long getGateClosedMillis();

  /** Calls held at this moment. */
  int getWaiting();

  /** How long the oldest of them has been held, in milliseconds. */
  long getOldestWaitMillis();
}
