package dev.paceline.export;

/**
 * A condition began or ended.
 *
 * @param recovered false when it began
 */
public record Notice(Condition condition, boolean recovered) {}
