package dev.paceline.call;

/**
 * Time as an argument: the core reads no other clock, so that every rule can be tested in virtual
 * time.
 */
public interface Clock {
  /** Monotonic nanoseconds with an arbitrary origin; only differences mean anything. */
  long nanos();

  /** Wall-clock milliseconds since the epoch: for HTTP-dates and resets that are instants. */
  long epochMillis();
}
