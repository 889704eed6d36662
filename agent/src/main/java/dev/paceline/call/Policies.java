package dev.paceline.call;

import dev.paceline.config.Policy;

/** Where a call's settings come from; what it returns may change while the application runs. */
public interface Policies {
  /** Whether the agent does anything at all. */
  boolean enabled();

  /** The settings for one call. */
  Policy policyFor(String provider, String model, String host);

  /** How many calls may wait at the same time, all scopes together. */
  default int queueMax() {
    return 10_000;
  }

  /** How many bytes the bodies of those may take together. */
  default long queueBytes() {
    return Long.MAX_VALUE;
  }
}
