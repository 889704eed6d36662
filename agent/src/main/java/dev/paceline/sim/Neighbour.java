package dev.paceline.sim;

/**
 * A second user of the same limit: every period it takes what it wants, or what is left.
 *
 * @param periodNanos between two takes, positive
 * @param units taken each time, positive
 * @param onNanos length of a phase in which it takes, positive
 * @param offNanos length of the pause after it; 0 = never pauses
 */
public record Neighbour(long periodNanos, long units, long onNanos, long offNanos) {
  public Neighbour {
    if (periodNanos <= 0 || units <= 0 || onNanos <= 0 || offNanos < 0) {
      throw new IllegalArgumentException("period, units and on must be positive, off not negative");
    }
  }

  /**
   * Takes a share of the refill without pause.
   *
   * @param permille share of {@code amount}, 1–1000
   * @param amount units that the limit grants a window
   */
  public static Neighbour share(int permille, long amount, long windowNanos) {
    if (permille < 1 || permille > 1000) {
      throw new IllegalArgumentException("permille must be 1-1000: " + permille);
    }
    // At most one take a millisecond: a token limit takes several units at a time instead of 1,500
    // single ones a second.
    long perWindow = Math.max(1, Math.multiplyExact(amount, permille) / 1000);
    long takes = Math.max(1, Math.min(perWindow, windowNanos / 1_000_000));
    long units = (perWindow + takes - 1) / takes;
    return new Neighbour(
        Math.max(1, Math.multiplyExact(units, windowNanos) / perWindow),
        units,
        Long.MAX_VALUE / 4,
        0);
  }

  /** Takes a lump at once, again and again. */
  public static Neighbour burst(long units, long everyNanos) {
    return new Neighbour(everyNanos, units, Long.MAX_VALUE / 4, 0);
  }

  /** The same, on for a while and off for a while, beginning with on. */
  public Neighbour onOff(long on, long off) {
    return new Neighbour(periodNanos, units, on, off);
  }

  boolean takesAt(long sinceOrigin) {
    return Math.floorMod(sinceOrigin, onNanos + offNanos) < onNanos;
  }
}
