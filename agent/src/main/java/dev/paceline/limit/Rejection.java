package dev.paceline.limit;

import dev.paceline.words.Limit;

/**
 * What a limit answer says, and how to wait where it does not say it.
 *
 * @param limit that was hit
 * @param hint how long to wait, in nanoseconds, jitter included; 0 when it does not say
 * @param firstStep the first wait without a hint; doubles with each reaction that no served call
 *     separates
 * @param cap the longest wait without a hint
 * @param random a number in [0, 1)
 */
record Rejection(Limit limit, long hint, long firstStep, long cap, double random) {}
