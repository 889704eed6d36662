package dev.paceline.call;

import dev.paceline.config.Policy;

/** Where a call's settings come from; what it returns may change while the application runs. */
public interface Policies {
  /** Whether the agent does anything at all. */
  boolean enabled();

  /** The settings for one call. */
  Policy policyFor(String provider, String model, String host);
}
