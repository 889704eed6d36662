package dev.paceline.config;

/** What becomes of models that turn out to draw on one limit. */
public enum FamilyMode {
  /** Nobody looks. */
  OFF,
  /** It is said once, on stderr. */
  OBSERVE,
  /** They are paced as one. */
  AUTO
}
