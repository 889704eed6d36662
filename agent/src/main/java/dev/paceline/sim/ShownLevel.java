package dev.paceline.sim;

import dev.paceline.words.Limit;

/**
 * One visible limit at one instant, as limit headers show it.
 *
 * @param limit which limit
 * @param max units a window, as configured
 * @param windowNanos length of the window
 * @param remaining whole units left, never negative
 * @param resetNanos until the budget is full again (for a fixed window: until it ends)
 */
public record ShownLevel(
    Limit limit, long max, long windowNanos, long remaining, long resetNanos) {}
