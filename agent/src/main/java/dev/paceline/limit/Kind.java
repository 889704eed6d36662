package dev.paceline.limit;

/** How a provider counts a limit. */
enum Kind {
  /** A bucket that is refilled without pause; a reset is the time until it is full. */
  CONTINUOUS,
  /** A counter that starts anew at a moment of its own; a reset is the time until then. */
  FIXED,
  /** What was charged in the last window; a reset is the time until the newest charge leaves it. */
  ROLLING
}
