package dev.paceline.config;

/** What the agent does with the calls it recognises. */
public enum Mode {
  /** Pace and retry. */
  ENFORCE,
  /** Count and measure what would have been done; touch nothing. */
  OBSERVE
}
