package dev.paceline.words;

/**
 * How one announced limit of a scope stands at an instant.
 *
 * @param limit which limit
 * @param max units a window, as the provider announced them; above 0
 * @param left units thought to be left; may be negative
 * @param windowMillis length of the window
 * @param resetMillis time until it is whole again if nothing more is sent
 * @param counted how the provider counts: {@code continuous}, {@code fixed} or {@code rolling}
 * @param sent units that this process has sent since the budget was made; only grows
 * @param others units a window that others with the same key seem to take; 0 when none do
 */
public record LimitView(
    Limit limit,
    long max,
    long left,
    long windowMillis,
    long resetMillis,
    String counted,
    long sent,
    long others) {
  /** The used part: 0 for none, 1 for all of it, never outside. */
  public double used() {
    return max <= 0 ? 0 : Math.max(0, Math.min(1, 1 - (double) left / max));
  }
}
