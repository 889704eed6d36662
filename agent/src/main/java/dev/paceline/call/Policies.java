package dev.paceline.call;

import dev.paceline.config.Policy;

/** Where a call's settings come from; what it returns may change while the application runs. */
public interface Policies {
  /**
   * Scopes that are remembered where nobody has said how many: one of them is some 8 KB, so at most
   * a tenth of the heap.
   */
  int USUAL_SCOPES =
      (int) Math.max(1_000, Math.min(10_000, Runtime.getRuntime().maxMemory() / 100_000));

  /** Whether the agent does anything at all. */
  boolean enabled();

  /** The settings for one call. */
  Policy policyFor(String provider, String model, String host);

  /** How many scopes are remembered; beyond that those that were used long ago are forgotten. */
  default int scopesMax() {
    return USUAL_SCOPES;
  }

  /** How many calls may wait at the same time, all scopes together. */
  default int queueMax() {
    return 10_000;
  }

  /** How many bytes the bodies of those may take together. */
  default long queueBytes() {
    return Long.MAX_VALUE;
  }
}
